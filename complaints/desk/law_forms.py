"""What is written down with each step the law knows."""

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.models import Transferral

GROUNDS = [
    ("재판·수사 중이거나 판결·재결 등으로 확정된 사항", _("Before a court, or decided by one")),
    ("감사원 감사 등 다른 절차가 진행 중인 사항", _("Under audit or in another procedure")),
    ("사인 간의 권리관계 또는 개인의 사생활에 관한 사항", _("A private dispute or private life")),
    ("행정기관의 소속 직원에 대한 인사에 관한 사항", _("Personnel matters of an agency")),
    ("다른 법률에 따른 불복 구제절차가 진행 중인 사항", _("Under appeal by another law")),
]


def text_of(label: object, *, rows: int = 3, most: int = 10_000) -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]  # a lazy sentence
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows, "maxlength": most}),
    )


def moment_of(label: object) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,  # type: ignore[arg-type]  # a lazy sentence
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class VersionForm(forms.Form):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class InspectForm(VersionForm):
    text = text_of(_("What the citizen is told about the inspection"))


class InspectLongerForm(VersionForm):
    reason = text_of(_("Why seven more days are needed; the citizen is told"), rows=2, most=500)


class InspectEndForm(forms.Form):
    found = text_of(_("What was found; only staff see it"))


class ConsultForm(VersionForm):
    department = forms.CharField(label=_("Department asked"), max_length=60)
    question = text_of(_("Question"), most=2_000)
    reply_by = moment_of(_("Reply by"))


class ReplyLaterForm(forms.Form):
    reply_by = moment_of(_("New reply date, inside the period"))


class ReplyForm(forms.Form):
    reply = text_of(_("What the department replied"), most=5_000)


class DemandLongerForm(forms.Form):
    until = forms.DateField(label=_("New last day"), widget=forms.DateInput(attrs={"type": "date"}))


class DemandAgainForm(VersionForm):
    text = text_of(_("What is still missing"))
    days = forms.IntegerField(label=_("Days given (at most 10)"), initial=10, min_value=1)


class ReturnForm(VersionForm):
    reason = text_of(_("Reason"), rows=2, most=500)
    text = text_of(_("What the citizen is told"))


class TransferForm(VersionForm):
    recipient = forms.ChoiceField(
        label=_("Kind of recipient"), choices=Transferral.Recipient, initial="other_agency"
    )
    name = forms.CharField(label=_("Recipient"), max_length=80)
    contact = forms.CharField(label=_("Recipient's telephone"), max_length=20, required=False)
    reason = text_of(_("Reason"), rows=2, most=500)
    text = text_of(_("What the citizen is told"))


class RepeatForm(VersionForm):
    earlier = forms.CharField(label=_("Receipt numbers of the two earlier ones"), max_length=400)
    sameness = text_of(_("Why they are the same and the answer cannot differ"), rows=2, most=500)
    text = text_of(_("What the citizen is told"))

    def clean_earlier(self) -> list[str]:
        return str(self.cleaned_data["earlier"]).upper().replace(",", " ").split()


class ExemptForm(VersionForm):
    ground = forms.ChoiceField(label=_("Ground of the law"), choices=GROUNDS)
    text = text_of(_("What the citizen is told"))


class ProposeForm(VersionForm):
    text = text_of(_("Answer"), rows=5)
    reason = forms.CharField(
        label=_("Reason, if it is a refusal"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    remedy = forms.CharField(
        label=_("Remedy, if it is a refusal"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ProgressForm(forms.Form):
    text = text_of(_("What the citizen is told"))

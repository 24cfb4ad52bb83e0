"""What is typed about incidents; moments are Seoul's."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from complaints.models import Category, Component, Incident, MakeGoodRun, Notice, Severity
from complaints.services.incidents import Case
from complaints.services.making_good import Offer
from complaints.services.member_checks import Terms
from complaints.services.publishing import Words
from seoul_health.core import clock

MOST_POINTS = 100_000
# The programme's first day: a moment before it is a slip of the hand.
FIRST_MOMENT = datetime(2021, 11, 1, tzinfo=clock.KST)


def moment(label: Any, *, required: bool = True) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    since = MinValueValidator(FIRST_MOMENT)
    return forms.DateTimeField(label=label, widget=widget, required=required, validators=[since])


def day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    since = MinValueValidator(FIRST_MOMENT.date())
    return forms.DateField(label=label, widget=widget, validators=[since])


def words(label: Any, *, most: int = 2_000, rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows})
    )


class OpenForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=100)
    scope = forms.CharField(label=_("Who is affected"), max_length=300)
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices, initial="partial")
    components = forms.MultipleChoiceField(
        label=_("Parts of the service"),
        choices=Component.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    category = forms.ModelChoiceField(
        Category.objects.order_by("position", "pk"),
        label=_("Category of the complaints"),
        to_field_name="code",
        required=False,
    )
    app_version = forms.CharField(label=_("App version"), max_length=20, required=False)
    started_at = moment(_("Began at"))
    text = words(_("First word to the public"))
    next_at = moment(_("Next update until"))

    @property
    def case(self) -> Case:
        said = self.cleaned_data
        names = ("title", "scope", "severity", "components", "started_at", "category")
        return Case(**{name: said[name] for name in names}, app_version=said["app_version"])


class TellForm(forms.Form):
    status = forms.ChoiceField(label=_("How it stands"), choices=Incident.Status.choices)
    text = words(_("Word to the public"))
    next_at = moment(_("Next update until"), required=False)


class NoteForm(forms.Form):
    text = words(_("Note"), rows=2)


class PromiseForm(forms.Form):
    text = forms.CharField(label=_("What is promised"), max_length=200)
    due_at = moment(_("Until"))


class NoticeForm(forms.Form):
    placement = forms.ChoiceField(label=_("Place"), choices=Notice.Placement.choices)
    tone = forms.ChoiceField(label=_("Gravity"), choices=Notice.Tone.choices)
    title = forms.CharField(label=_("Title"), max_length=60)
    text = words(_("Text"), most=600, rows=3)
    starts_at = moment(_("Shown from"), required=False)
    ends_at = moment(_("Shown until"), required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        starts_at = said.get("starts_at") or clock.now()
        if said.get("ends_at") and said["ends_at"] <= starts_at:
            self.add_error("ends_at", _("The end must come after the start."))
        return said

    @property
    def words(self) -> Words:
        return Words(**self.cleaned_data)


class LinkForm(forms.Form):
    receipt_no = forms.CharField(label=_("Receipt number"), max_length=16)


class AnswerForm(forms.Form):
    text = words(_("Answer to everybody"), most=10_000, rows=6)


class WhyForm(forms.Form):
    why = forms.CharField(label=_("Reason"), max_length=200)


class DismissForm(WhyForm):
    category = forms.ModelChoiceField(Category.objects.all(), to_field_name="code")
    version = forms.CharField(max_length=20, required=False)


class CheckForm(forms.Form):
    first_day = day(_("First day"))
    last_day = day(_("Last day"))
    app_version = forms.CharField(
        label=_("Uploaded with app version"), max_length=20, required=False
    )
    without_award = forms.BooleanField(label=_("Only days without points"), required=False)
    usual_walkers = forms.BooleanField(
        label=_("Only who had points in the week before"), required=False
    )

    @property
    def terms(self) -> Terms:
        return Terms(**self.cleaned_data)


class OfferForm(forms.Form):
    basis = forms.ChoiceField(label=_("Counted by"), choices=MakeGoodRun.Basis.choices)
    rate = forms.IntegerField(label=_("Points"), min_value=1, max_value=MOST_POINTS)
    budget = forms.IntegerField(label=_("Budget in points"), min_value=1, max_value=10**11)
    reason = forms.CharField(label=_("Reason"), max_length=300)

    @property
    def offer(self) -> Offer:
        return Offer(**self.cleaned_data)


class TermsForm(forms.Form):
    """Basis and rate alone: enough for a preview."""

    basis = forms.ChoiceField(choices=MakeGoodRun.Basis.choices)
    rate = forms.IntegerField(min_value=1, max_value=MOST_POINTS)

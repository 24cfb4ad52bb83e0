from datetime import date
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from participants.errors import NotEligible
from participants.models import (
    Application,
    Basis,
    Consent,
    EvidenceDocument,
    Lane,
    Quota,
)
from participants.rules.districts import DISTRICTS
from participants.rules.phones import tidy_phone
from participants.services.evidence import attach
from participants.services.judging import TAKING
from participants.services.paper import PaperForm, apply_for
from seoul_health.core import clock
from seoul_health.core.errors import DomainError
from seoul_health.core.files import no_orphans
from seoul_health.core.media import LARGEST
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope

from .base import StaffView

OLDEST = date(1900, 1, 1)


class AssistForm(forms.Form):
    """One sheet of paper, typed in while the citizen stands at the counter."""

    use_required_attribute = True

    paper_no = forms.RegexField(
        r"\A[0-9A-Za-z가-힣\-]{3,30}\Z",
        label=_("Paper number"),
        help_text=_("As printed on the sheet; the same sheet twice is one application."),
    )
    lane = forms.ChoiceField(label=_("Round and lane"))
    quota = forms.ChoiceField(label=_("Seats"), required=False)
    basis = forms.ChoiceField(label=_("Basis"), choices=Basis.choices)
    name = forms.CharField(label=_("Name"), max_length=60)
    birth_date = forms.DateField(
        label=_("Birth date"), widget=forms.DateInput(attrs={"type": "date"})
    )
    phone = forms.CharField(
        label=_("Mobile number"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    address = forms.CharField(label=_("Address"), max_length=200)
    district = forms.ChoiceField(label=_("District"))
    consented_on = forms.DateField(
        label=_("Signed on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    service = forms.BooleanField(label=_("Agrees to the running of the programme"))
    health = forms.BooleanField(label=_("Agrees to the use of health data"))
    third_party = forms.BooleanField(
        label=_("Agrees to provision to third parties"), required=False
    )
    kind = forms.ChoiceField(
        label=_("Kind of document"), choices=EvidenceDocument.Kind.choices, required=False
    )
    scan = forms.FileField(
        label=_("Scan of the document"),
        required=False,
        help_text=_("JPEG, PNG or PDF of at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )

    def __init__(self, *args: Any, staff: StaffUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lane"].choices = lanes()  # type: ignore[attr-defined]
        self.fields["quota"].choices = [("", _("General seats")), *special_seats()]  # type: ignore[attr-defined]
        own = [staff.district] if staff.scope != Scope.CITY else sorted(DISTRICTS)
        self.fields["district"].choices = [(name, name) for name in own]  # type: ignore[attr-defined]
        for field in self.fields.values():
            # The citizen's words: a browser must not fill in the clerk's own.
            field.widget.attrs["autocomplete"] = "off"

    def clean_phone(self) -> str:
        phone = tidy_phone(self.cleaned_data["phone"])
        if phone is None:
            raise forms.ValidationError(_("Please type a Korean number like 010-1234-5678."))
        return phone

    def clean_birth_date(self) -> date:
        return self.past_day("birth_date")

    def clean_consented_on(self) -> date:
        return self.past_day("consented_on")

    def past_day(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        if not OLDEST <= day <= clock.today():
            raise forms.ValidationError(_("Please type a day that has come."))
        return day

    def paper(self) -> PaperForm:
        """Give the sheet as the service reads it."""
        typed = self.cleaned_data
        round_, kind = typed["lane"].rsplit(":", 1)
        plain = ("paper_no", "name", "phone", "birth_date", "address", "district", "basis")
        return PaperForm(
            **{name: typed[name] for name in plain},
            round=round_,
            lane=kind,
            quota=typed["quota"].rpartition(":")[2],
            consented_on=typed["consented_on"],
            also_agreed=(Consent.Purpose.THIRD_PARTY,) if typed["third_party"] else (),
        )


def lanes() -> list[tuple[str, str]]:
    rows = Lane.objects.filter(round__status__in=TAKING).select_related("round")
    return [
        (f"{lane.round.code}:{lane.kind}", f"{lane.round.name} · {lane.get_kind_display()}")
        for lane in rows.order_by("-round__starts_on", "kind")
    ]


def special_seats() -> list[tuple[str, str]]:
    rows = Quota.objects.filter(lane__round__status__in=TAKING).exclude(group=Quota.Group.GENERAL)
    return [
        (f"{quota.lane.kind}:{quota.code}", f"{quota.lane.get_kind_display()} · {quota}")
        for quota in rows.select_related("lane").order_by("lane", "spill_order", "pk")
    ]


class AssistView(StaffView):
    """GET, POST /review/assist/ — apply for a citizen at a counter."""

    permission = "participants.assist_application"
    home = "review:assist"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Leave no scan behind when the application was refused after it was kept."""
        with no_orphans():
            return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.form_page(AssistForm(staff=self.staff))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AssistForm(request.POST, request.FILES, staff=self.staff)
        if not form.is_valid():
            return self.form_page(form, status=422)
        try:
            application = self.file(form)
        except NotEligible as refusal:
            sentences = [str(failure) for failure in refusal.failures]
            return self.form_page(form, failures=sentences, status=422)
        except DomainError as refusal:
            return self.form_page(form, failures=[str(refusal)], status=422)
        return HttpResponseRedirect(reverse("review:slip", args=[application.receipt_no]))

    @transaction.atomic
    def file(self, form: AssistForm) -> Application:
        """Keep sheet and scan together, or neither."""
        application = apply_for(form.paper(), by=self.staff)
        scan = form.cleaned_data["scan"]
        if scan:
            attach(
                application,
                kind=form.cleaned_data["kind"] or EvidenceDocument.Kind.OTHER,
                content=scan.read(LARGEST + 1),
                claimed_type=scan.content_type or "",
                by=self.staff,
            )
        return application

    def form_page(
        self, form: AssistForm, *, failures: list[str] | None = None, status: int = 200
    ) -> HttpResponse:
        context = {
            "title": _("Apply for a citizen"),
            "form": form,
            "failures": failures or [],
            "own_district": self.staff.district if self.staff.scope != Scope.CITY else "",
        }
        return self.page("assist.html", context, status=status)


class SlipView(StaffView):
    """GET /review/assist/{receipt_no}/ — the receipt to print and hand over."""

    permission = "participants.assist_application"
    home = "review:assist"

    def get(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        application = self.application(receipt_no)
        self.write_down([application.participant.number], action="view", what="slip")
        context = {
            "title": _("Receipt slip"),
            "item": application,
            "person": application.participant,
            "papers": application.evidence.count(),
            "now": clock.now(),
        }
        return self.page("slip.html", context)

"""Compensation cases: what is owed and why, the letter, payments, and waivers by two."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import CompensationCase
from devices.services import compensation
from seoul_health.core import clock
from seoul_health.core.access import log_read
from seoul_health.core.errors import DomainError
from seoul_health.core.pdf import Sheet

from .base import Station

SHOWN = 50
DAY = {"type": "date"}
DEMAND, WAIVE = "devices.demand_compensation", "devices.waive_compensation"


class DemandForm(forms.Form):
    pay_by = forms.DateField(label=gettext_lazy("Pay by"), widget=forms.DateInput(attrs=DAY))
    instalments = forms.IntegerField(
        label=gettext_lazy("Instalments"), min_value=1, max_value=60, initial=1
    )


class PaymentForm(forms.Form):
    amount = forms.IntegerField(
        label=gettext_lazy("Amount (KRW)"), min_value=1, max_value=100_000_000
    )
    paid_on = forms.DateField(label=gettext_lazy("Paid on"), widget=forms.DateInput(attrs=DAY))
    receipt_no = forms.CharField(label=gettext_lazy("Receipt number"), max_length=40)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class CasesView(Station):
    """GET /staff/devices/cases/?status=… — cases, the oldest undecided first."""

    permission = "devices.view_compensationcase"
    template = "devices/cases.html"
    title = gettext_lazy("Compensation cases")

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = CompensationCase.objects.visible_to(self.staff)
        chosen = request.GET.get("status", "")
        known = chosen in CompensationCase.Status.values
        rows = rows.filter(status=chosen) if known else rows.undecided()
        listed = list(
            rows.select_related("loan__participant__profile", "loan__device").order_by("pk")[:SHOWN]
        )
        numbers = [row.loan.participant.number for row in listed]
        log_read(request, numbers, by=self.staff, action="list", what="devices:cases")
        context = {
            "rows": listed,
            "chosen": chosen if known else "",
            "statuses": CompensationCase.Status.choices,
            "as_of": clock.now(),
        }
        return self.show(context)


def case_of(station: Station, pk: int) -> CompensationCase:
    rows = CompensationCase.objects.visible_to(station.staff)
    related = rows.select_related(
        "policy", "loan__participant__profile", "loan__device__lot__model"
    )
    return get_object_or_404(related, pk=pk)


class CaseView(Station):
    """GET /staff/devices/cases/{id}/ — how the amount came about, and what happened since."""

    permission = "devices.view_compensationcase"
    template = "devices/case.html"
    title = gettext_lazy("Compensation case")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        case = case_of(self, pk)
        number = case.loan.participant.number
        log_read(request, [number], by=self.staff, action="view", what="devices:case")
        paid = compensation.paid_of(case)
        context = {
            "case": case,
            "paid": paid,
            "left": case.amount - paid,
            "payments": case.payments.order_by("pk"),
            "waivers": case.waivers.select_related("requested_by", "decided_by").order_by("-pk"),
            "demand": DemandForm(),
            "payment": PaymentForm(),
            "waiver": ReasonForm(),
            "as_of": clock.now(),
        }
        return self.show(context)


class CaseAct(Station):
    """POST …/{verb}/ — demand, pay, ask for a waiver, decide on one, or withdraw."""

    permission = "devices.view_compensationcase"
    FORMS = {
        "demand": DemandForm, "pay": PaymentForm, "waive": ReasonForm, "withdraw": ReasonForm,
        "approve": forms.Form, "reject": forms.Form,
    }  # fmt: skip

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        if verb not in self.FORMS:
            raise Http404
        if not self.staff.has_perm(WAIVE if verb in {"approve", "reject"} else DEMAND):
            raise PermissionDenied
        case, form = case_of(self, pk), self.FORMS[verb](request.POST)
        if not form.is_valid():
            told = [error for errors in form.errors.values() for error in errors]
            messages.error(request, " ".join(str(error) for error in told))
            return redirect("stations:case", pk=pk)
        try:
            self.act(case, verb, **form.cleaned_data)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Done; it is written into the history."))
        return redirect("stations:case", pk=pk)

    def act(self, case: CompensationCase, verb: str, **terms: Any) -> None:
        if verb == "demand":
            compensation.demand(case, **terms, by=self.staff)
        elif verb == "pay":
            compensation.record_payment(case, **terms, by=self.staff)
        elif verb == "waive":
            compensation.ask_waiver(case, **terms, by=self.staff)
        elif verb == "withdraw":
            compensation.withdraw(case, why=terms["reason"], by=self.staff)
        else:
            waiver = get_object_or_404(case.waivers, status="requested")
            to = "approved" if verb == "approve" else "rejected"
            compensation.decide_waiver(waiver, to=to, by=self.staff)


class CaseLetter(Station):
    """GET …/letter.pdf — the letter to the citizen; opening it is written down."""

    permission = DEMAND

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        case = case_of(self, pk)
        who = case.loan.participant
        log_read(request, [who.number], by=self.staff, action="export", what="devices:case-letter")
        name = f"compensation-{case.pk}.pdf"
        return letter(case).as_response(name)


def letter(case: CompensationCase) -> Sheet:
    """Write what is owed, why, until when, and how to object."""
    device, profile = case.loan.device, getattr(case.loan.participant, "profile", None)
    sheet = Sheet(_("Request for compensation for a borrowed watch"))
    sheet.text(_("To {name}").format(name=profile.name if profile else ""))
    if profile:
        sheet.text(profile.address)
    sheet.facts(
        [
            (_("Case"), str(case.pk)),
            (_("Watch"), f"{device.lot.model.name} · {device.serial}"),
            (_("Cause"), case.get_cause_display()),
            (_("Unit price (KRW)"), case.unit_price),
            (_("Age (months)"), case.age_months),
            (_("Share of the price (%)"), case.policy.percent),
            (_("Amount (KRW)"), case.amount),
            (_("Instalments"), case.instalments),
            (_("Pay by"), case.pay_by or "–"),
        ]
    )
    sheet.text(
        _(
            "If you give the watch back, this request is withdrawn. Points are never used to pay "
            "it. If you disagree, or cannot pay at once, please call 02-120."
        )
    )
    return sheet

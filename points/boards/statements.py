"""Monthly statements: what each party owes, to the won; closed for good, corrected in the next."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.errors import NoCostShare
from points.models import Party, ShareCorrection, Statement
from points.services.cost_shares import (
    approve_correction,
    ask_correction,
    close_month,
    next_month,
    owed_of,
    portions_of,
    refuse_correction,
)
from points.services.party_sheets import sheet_of
from seoul_health.core import clock
from seoul_health.core.errors import DomainError

from .base import Board

LIST = "boards:statements"
SHOWN = 36


class CorrectionForm(forms.Form):
    relieved = forms.ChoiceField(label=gettext_lazy("Was charged too much"), choices=Party.choices)
    charged = forms.ChoiceField(label=gettext_lazy("Was charged too little"), choices=Party.choices)
    amount = forms.IntegerField(label=gettext_lazy("Amount"), min_value=1, max_value=10**13)
    why = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("relieved") == given.get("charged"):
            raise forms.ValidationError(_("A correction is between two different parties."))
        return given


@dataclass(frozen=True, slots=True)
class OpenMonth:
    """The month that is closed next, as it stands now."""

    first: date
    paid: int
    payouts: int
    parts: list[tuple[str, int]]
    problem: str = ""

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def is_over(self) -> bool:
        return clock.today() >= next_month(self.first)


def open_month() -> OpenMonth:
    """Give the month after the last closed one with its parts, as far as shares are agreed."""
    last = Statement.objects.order_by("-month").values_list("month", flat=True).first()
    first = next_month(last) if last else clock.today().replace(day=1)
    try:
        portions = list(portions_of(first))
    except NoCostShare as refusal:
        return OpenMonth(first, 0, 0, [], str(refusal))
    sums: dict[str, int] = {}
    for portion in portions:
        for party, amount in portion.parts().items():
            sums[party] = sums.get(party, 0) + amount
    named = [(str(Party(party).label), amount) for party, amount in sums.items()]
    paid, payouts = sum(one.paid for one in portions), sum(one.payouts for one in portions)
    return OpenMonth(first, paid, payouts, named)


class StatementList(Board):
    """GET /staff/points/statements/ — the open month, and every closed one."""

    permission = "points.view_statement"
    template = "points/statements.html"
    title = gettext_lazy("Monthly statements")

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = Statement.objects.prefetch_related("lines", "corrected_by").order_by("-month")
        closed = [
            (row, [owed[party] for party in Party.values])
            for row in rows[:SHOWN]
            if (owed := owed_of(row))
        ]
        return self.show(
            {"open": open_month(), "closed": closed, "parties": Party.labels, "now": clock.now()}
        )


class CloseOrder(Board):
    """POST /staff/points/statements/close/ — write the open month's statement for good."""

    permission = "points.close_statement"

    def post(self, request: HttpRequest) -> HttpResponse:
        month = open_month().first
        try:
            close_month(month, by=self.staff)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The month is closed."))
        return HttpResponseRedirect(reverse(LIST))


class StatementPage(Board):
    """GET /staff/points/statements/{month}/ — one closed month, line by line."""

    permission = "points.view_statement"
    template = "points/party_statement.html"
    title = gettext_lazy("Monthly statement")

    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        return self.show(self.context(statement_of(month), CorrectionForm()))

    def context(self, statement: Statement, form: CorrectionForm) -> dict[str, Any]:
        people = ("requested_by", "decided_by", "corrects", "statement")
        owed = owed_of(statement)
        return {
            "statement": statement,
            "lines": statement.lines.select_related("cost_share").order_by("pk"),
            "owed": [(Party(party).label, amount) for party, amount in owed.items() if amount],
            "total": sum(owed.values()),
            "settled": statement.corrected_by.select_related(*people).order_by("pk"),
            "corrections": statement.corrections.select_related(*people).order_by("pk"),
            "form": form,
        }


class StatementFile(Board):
    """GET /staff/points/statements/{month}.pdf — the same on paper."""

    permission = "points.view_statement"

    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        statement = statement_of(month)
        return sheet_of(statement).as_response(f"statement-{month}.pdf")


class CorrectOrder(StatementPage):
    """POST /staff/points/statements/{month}/correct/ — ask for a correction."""

    permission = "points.add_sharecorrection"

    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("boards:statement", args=[month]))

    def post(self, request: HttpRequest, month: str) -> HttpResponse:
        statement, form = statement_of(month), CorrectionForm(request.POST)
        if not form.is_valid():
            return self.show(self.context(statement, form), status=400)
        try:
            ask_correction(statement, by=self.staff, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return self.show(self.context(statement, form), status=422)
        messages.success(request, _("The correction is asked for; somebody else approves it."))
        return HttpResponseRedirect(reverse("boards:statement", args=[month]))


class ApproveOrder(Board):
    """POST /staff/points/statements/corrections/{pk}/approve/."""

    permission = "points.decide_sharecorrection"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        correction = get_object_or_404(ShareCorrection.objects.select_related("corrects"), pk=pk)
        try:
            self.decide(correction)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The correction has been decided."))
        return HttpResponseRedirect(reverse("boards:statement", args=[str(correction.corrects)]))

    def decide(self, correction: ShareCorrection) -> None:
        approve_correction(correction, by=self.staff)


class RefuseOrder(ApproveOrder):
    """POST /staff/points/statements/corrections/{pk}/refuse/."""

    def decide(self, correction: ShareCorrection) -> None:
        refuse_correction(correction, by=self.staff)


def statement_of(month: str) -> Statement:
    return get_object_or_404(Statement, month=date.fromisoformat(f"{month}-01"))

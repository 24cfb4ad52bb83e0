"""The budget as people watch it: what is used up, when it runs out, and who asked for how much."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.models import Budget, BudgetForecast, BudgetGuard, Reason, SpentDay
from points.services.budgets import ask_budget, refuse_budget, release_budget
from points.services.spending import EARNED, by_month, counted_at, daily, standing_of
from seoul_health.core import clock
from seoul_health.core.charts import Datum
from seoul_health.core.errors import DomainError
from seoul_health.core.outlook_chart import outlook_chart
from seoul_health.core.spreadsheets import write_csv
from seoul_health.core.tasks import enqueue

from .base import Board

BOARD = "boards:budget"
VERSIONS = 12
SHOWN_REASONS = (*EARNED, Reason.CAMPAIGN_BUDGET, Reason.PAYOUT_PAID, Reason.EXPIRY)


class AskForm(forms.Form):
    """Another ceiling, or the first one of a year."""

    code = forms.SlugField(label=gettext_lazy("Code"), max_length=40)
    first_on = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"})
    )
    last_on = forms.DateField(
        label=gettext_lazy("Until"), widget=forms.DateInput(attrs={"type": "date"})
    )
    ceiling = forms.IntegerField(
        label=gettext_lazy("Ceiling in won"), min_value=1, max_value=10**13
    )
    warn_at = forms.RegexField(
        r"^[0-9]{1,3}(, ?[0-9]{1,3})*$",
        label=gettext_lazy("Warn at (percent)"),
        initial="70, 80, 90",
        error_messages={"invalid": gettext_lazy("Please give percentages like 70, 80, 90.")},
    )
    why = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def clean_warn_at(self) -> list[int]:
        percents = [int(one) for one in self.cleaned_data["warn_at"].split(",")]
        if not all(1 <= one <= 100 for one in percents):
            raise ValidationError(_("A percentage is between 1 and 100."))
        return percents

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("first_on"), given.get("last_on")
        if first and last and last < first:
            raise ValidationError(_("A budget must not end before it starts."))
        return given


@dataclass(frozen=True, slots=True)
class Month:
    """One line of the table: what was earned and what became of it."""

    first: date
    figures: list[tuple[int, str]]
    earned: int

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"


class BudgetBoard(Board):
    """GET /staff/points/budget/ — the budget in force today, or the one asked for by its code."""

    permission = "points.view_budget"
    template = "points/budget.html"
    title = gettext_lazy("Budget")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(self.context(AskForm(initial=self.proposal())))

    def budget(self) -> Budget | None:
        code = self.request.GET.get("budget", "")
        released = Budget.objects.in_force().select_related("guard")
        if code:
            return get_object_or_404(released, code=code)
        return released.on(clock.today()).first() or released.order_by("-first_on").first()

    def proposal(self) -> dict[str, Any]:
        """Offer the days of the budget in force, or of this year."""
        budget, year = self.budget(), clock.today().year
        if budget is None:
            days = (date(year, 1, 1), date(year, 12, 31))
            return {"code": str(year), "first_on": days[0], "last_on": days[1]}
        return {"code": budget.code, "first_on": budget.first_on, "last_on": budget.last_on}

    def context(self, form: AskForm) -> dict[str, Any]:
        budget = self.budget()
        versions = Budget.objects.select_related("requested_by", "decided_by").order_by("-pk")
        shared = {
            "form": form,
            "budget": budget,
            "others": Budget.objects.in_force().order_by("-first_on"),
            "versions": versions[:VERSIONS],
            "counted_at": counted_at(),
            "today": clock.today(),
        }
        return shared | (figures_of(budget) if budget else {})


def figures_of(budget: Budget) -> dict[str, Any]:
    standing = standing_of(budget)
    outlook = BudgetForecast.objects.newest(budget).first()
    span = (budget.first_on, budget.last_on)
    months = by_month(*span)
    shown = [one for one in SHOWN_REASONS if any(one in sums for sums in months.values())]
    return {
        "standing": standing,
        "used": min(100, standing.earned * 100 // budget.ceiling),
        "left": max(0, budget.ceiling - standing.earned),
        "mode": BudgetGuard.Mode(budget.guard.mode).label,
        "mode_tone": "ok" if budget.guard.mode == BudgetGuard.Mode.FREE else "warn",
        "outlook": outlook,
        "chart": chart_of(budget, outlook),
        "reasons": [Reason(one).label for one in shown],
        "months": [
            month_of(first, sums, shown)
            for first, sums in months.items()
            if any(sums.get(one) for one in shown)
        ],
    }


def month_of(first: date, sums: dict[str, int], shown: list[str]) -> Month:
    page = reverse("boards:budget-month", args=[f"{first:%Y-%m}"])
    figures = [(sums.get(one, 0), page) for one in shown]
    return Month(first, figures, sum(sums.get(one, 0) for one in EARNED))


def chart_of(budget: Budget, outlook: BudgetForecast | None) -> SafeString:
    """Draw what was earned week by week, and what the last outlook expects."""
    until = outlook.last_day if outlook else clock.today() - timedelta(days=1)
    points = daily(EARNED, budget.first_on, until)
    weeks = list(weeks_until(max(budget.first_on, min(points, default=until)), until))
    sums, so_far = [], 0
    for first, last in weeks:
        so_far += sum(earned for day, earned in points.items() if first <= day <= last)
        sums.append(so_far)
    ahead = outlook.ahead if outlook else []
    days = [last.isoformat() for _first, last in weeks] + [row[0] for row in ahead]
    return outlook_chart(
        [day[5:].replace("-", "/") for day in days],
        [*sums, *(row[1] for row in ahead)],
        [(row[2], row[3]) for row in ahead],
        known=len(weeks),
        limit=Datum(_("Ceiling"), budget.ceiling),
        title=_("Earned since the start"),
        names=(_("At the least"), _("At the most")),
    )


def weeks_until(first: date, last: date) -> Iterator[tuple[date, date]]:
    while first <= last:
        sunday = min(first + timedelta(days=6 - first.weekday()), last)
        yield first, sunday
        first = sunday + timedelta(days=1)


class BudgetFile(BudgetBoard):
    """GET /staff/points/budget/days.csv — points of each day and reason."""

    def get(self, request: HttpRequest) -> HttpResponse:
        budget = self.budget()
        if budget is None:
            raise Http404
        header = [str(one) for one in (_("Day"), _("Reason"), _("Points"), _("Transfers"))]
        rows = SpentDay.objects.filter(day__range=(budget.first_on, budget.last_on))
        lines = [
            [row.day.isoformat(), row.get_reason_display(), row.points, row.transfers]
            for row in rows.order_by("day", "reason")
        ]
        answer = HttpResponse(write_csv(header, lines), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="budget-{budget.code}.csv"'
        return answer


class MonthBoard(Board):
    """GET /staff/points/budget/{month}/ — the days of a month, each figure leading to its rows."""

    permission = "points.view_budget"
    template = "points/budget_month.html"
    title = gettext_lazy("Points of a month")

    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        first = date.fromisoformat(f"{month}-01")
        last = clock.add_months(first, 1) - timedelta(days=1)
        rows = SpentDay.objects.filter(day__range=(first, last)).order_by("-day", "reason")
        ledger = reverse("admin:points_transfer_changelist")
        lines = [
            (row, f"{ledger}?business_date={row.day.isoformat()}&reason__exact={row.reason}")
            for row in rows
        ]
        context = {"month": month, "lines": lines, "counted_at": counted_at()}
        return self.show(context)


class AskOrder(BudgetBoard):
    """POST /staff/points/budget/ask/ — ask for a ceiling; somebody else releases it."""

    permission = "points.add_budget"

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse(BOARD))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AskForm(request.POST)
        if not form.is_valid():
            return self.show(self.context(form), status=400)
        given = form.cleaned_data
        try:
            ask_budget(given.pop("code"), by=self.staff, **given)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return self.show(self.context(form), status=422)
        messages.success(request, _("The budget is asked for; somebody else releases it."))
        return HttpResponseRedirect(reverse(BOARD))


class DecideOrder(Board):
    """POST on one version: the service, then back to the board with what came of it."""

    permission = "points.release_budget"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        budget = get_object_or_404(Budget, pk=pk)
        try:
            messages.success(request, self.decide(budget))
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse(BOARD))

    def decide(self, budget: Budget) -> str:
        raise NotImplementedError


class ReleaseOrder(DecideOrder):
    def decide(self, budget: Budget) -> str:
        release_budget(budget, by=self.staff)
        return _("The budget is in force; what waited for money is judged again.")


class RefuseOrder(DecideOrder):
    def decide(self, budget: Budget) -> str:
        refuse_budget(budget, by=self.staff)
        return _("The budget was refused.")


class ForecastOrder(Board):
    """POST /staff/points/budget/foresee/ — work the outlook out again."""

    permission = "points.run_budgetforecast"

    def post(self, request: HttpRequest) -> HttpResponse:
        enqueue("points.foresee_budgets")
        messages.success(request, _("The outlook is being worked out; look again in a minute."))
        return HttpResponseRedirect(reverse(BOARD))

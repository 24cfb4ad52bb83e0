"""The reconciliation board: every day beside the partner's file, and what waits for a person."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.models import Difference, ReconciliationLine
from points.services.differences import assign_difference, resolve_difference, take_difference
from points.services.reconciliation_figures import (
    AGES,
    ages_of_differences,
    compared_days,
    opened_between,
)
from seoul_health.core import charts, clock
from seoul_health.core.errors import DomainError, ReasonNeeded
from seoul_health.core.models import RoleGrant, StaffUser
from seoul_health.core.spreadsheets import write_csv

from .base import Board

DAYS = 30
SHOWN = 100
AGE_NAMES = (
    gettext_lazy("0–1 days"),
    gettext_lazy("2–3 days"),
    gettext_lazy("4–7 days"),
    gettext_lazy("8 days and more"),
)


class WantedForm(forms.Form):
    """Which differences to show; kept in the address."""

    owner = forms.ChoiceField(
        label=gettext_lazy("Person in charge"),
        required=False,
        choices=[
            ("", gettext_lazy("Everybody's")),
            ("mine", gettext_lazy("Mine")),
            ("nobody", gettext_lazy("Nobody's yet")),
        ],
    )
    age = forms.ChoiceField(
        label=gettext_lazy("Waiting for"),
        required=False,
        choices=[
            ("", gettext_lazy("Every age")),
            *((str(place), name) for place, name in enumerate(AGE_NAMES)),
        ],
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        required=False,
        choices=[("", gettext_lazy("Every kind")), *ReconciliationLine.Kind.choices[1:]],
    )


class ResolveForm(forms.Form):
    resolution = forms.ChoiceField(choices=Difference.Resolution.choices)
    note = forms.CharField(max_length=500)


def wanted(request: HttpRequest) -> tuple[WantedForm, QuerySet[Difference]]:
    """Give the differences a person asked to see; an unknown filter is none."""
    form = WantedForm(request.GET)
    form.is_valid()
    asked = getattr(form, "cleaned_data", {})
    rows = Difference.objects.unresolved().select_related("line", "owner", "operator")
    if asked.get("owner") == "mine":
        rows = rows.filter(owner=request.user.pk)
    if asked.get("owner") == "nobody":
        rows = rows.filter(owner=None)
    if asked.get("kind"):
        rows = rows.filter(line__kind=asked["kind"])
    if asked.get("age"):
        rows = rows.filter(opened_between(clock.now(), *AGES[int(asked["age"])]))
    return form, rows.order_by("opened_at", "pk")


class ReconciliationBoard(Board):
    """GET /staff/points/reconciliation/ — days, differences, their owners and their ages."""

    permission = "points.view_reconciliation"
    template = "points/reconciliation.html"
    title = gettext_lazy("Reconciliation board")

    def get(self, request: HttpRequest) -> HttpResponse:
        now = clock.now()
        form, rows = wanted(request)
        days = compared_days(clock.today(), DAYS)
        ages = ages_of_differences(now)
        return self.show(
            {
                "as_of": now,
                "days": days,
                "missing": sum(1 for one in days if one.run is None),
                "ages": [
                    {"name": name, "count": ages[f"age_{place}"], "url": f"?age={place}"}
                    for place, name in enumerate(AGE_NAMES)
                ],
                "sums": ages,
                "form": form,
                "query": urlencode({name: text for name, text in request.GET.items() if text}),
                "differences": rows[:SHOWN],
                "shown": SHOWN,
                "resolutions": Difference.Resolution.choices,
                "colleagues": colleagues(),
                "chart": chart(days),
            }
        )


def colleagues() -> list[StaffUser]:
    """Give those who may be given a difference."""
    holders = RoleGrant.objects.live(clock.today()).filter(role="finance_officer").values("user")
    return list(StaffUser.objects.filter(pk__in=holders, is_active=True).order_by("username"))


def chart(days: Iterable[Any]) -> Any:
    """Draw what differed on each day, by kind."""
    runs: dict[Any, list[int]] = {}
    for one in days:
        sums = runs.setdefault(one.day, [0, 0, 0])
        if one.run:
            found = (one.run.ours_only, one.run.theirs_only, one.run.amount_differs)
            runs[one.day] = [had + new for had, new in zip(sums, found, strict=True)]
    ordered = sorted(runs)
    names = [str(label) for _key, label in ReconciliationLine.Kind.choices[1:]]
    series = [
        charts.Series(name, tuple(runs[day][place] for day in ordered))
        for place, name in enumerate(names)
    ]
    labels = [f"{day:%m-%d}" for day in ordered]
    return charts.stacked_bar_chart(labels, series, title=_("What differed by day"))


class DifferenceFile(ReconciliationBoard):
    """GET …/differences.csv — the list as it is filtered; it names no person."""

    def get(self, request: HttpRequest) -> HttpResponse:
        _form, rows = wanted(request)
        header = [
            _("Day"), _("Wallet operator"), _("Reference"), _("Kind"), _("Our amount"),
            _("Their amount"), _("Status"), _("Person in charge"), _("Opened at"), _("Note"),
        ]  # fmt: skip
        lines = (
            [
                row.day, row.operator.code, row.reference, row.line.get_kind_display(),
                row.line.our_amount, row.line.their_amount, row.get_status_display(),
                row.owner.username if row.owner else "", row.opened_at.isoformat(), row.note,
            ]
            for row in rows.iterator()
        )  # fmt: skip
        answer = HttpResponse(write_csv(header, lines), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="differences.csv"'
        return answer


class DifferenceAct(Board):
    """POST …/differences/{id}/{verb}/ — take, give to a colleague, or resolve with a reason."""

    permission = "points.resolve_difference"

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        row = get_object_or_404(Difference, pk=pk)
        try:
            self.act(row, verb)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Done; it is written into the history."))
        return redirect(f"{reverse('boards:reconciliation')}?{request.GET.urlencode()}#queue")

    def act(self, row: Difference, verb: str) -> None:
        if verb == "take":
            take_difference(row, by=self.staff)
        elif verb == "assign":
            colleague = StaffUser.objects.filter(username=self.request.POST.get("to", "")).first()
            if colleague is None:
                raise Http404
            assign_difference(row, to=colleague, by=self.staff)
        elif verb == "resolve":
            form = ResolveForm(self.request.POST)
            if not form.is_valid():
                raise ReasonNeeded
            resolve_difference(row, **form.cleaned_data, by=self.staff)
        else:
            raise Http404

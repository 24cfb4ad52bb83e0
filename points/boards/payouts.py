"""The payout board: what is on its way, how the operator does, and the operators to come."""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.models import Breaker, Operator, OperatorChange, Outage
from points.services import partner_health, payout_figures
from points.services.operators import (
    approve_change,
    in_force,
    reject_change,
    request_change,
    set_rate,
)
from points.services.payout_figures import Cell, Row
from points.services.promises import outlook, waiting
from seoul_health.core import audit, charts, clock
from seoul_health.core.errors import DomainError, ReasonNeeded
from seoul_health.core.models import AuditEvent

from .base import Board

KEPT_SECONDS = 20
OUTAGES_SHOWN = 12
AGE_NAMES = (
    gettext_lazy("Under 10 minutes"),
    gettext_lazy("Under 1 hour"),
    gettext_lazy("Under 1 day"),
    gettext_lazy("1 to 8 days"),
    gettext_lazy("Over 8 days"),
)


class ReasonForm(forms.Form):
    why = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class RateForm(ReasonForm):
    per_minute = forms.IntegerField(
        label=gettext_lazy("Payouts a minute at most"), min_value=1, max_value=60_000
    )


class ChangeForm(forms.Form):
    """Who follows, and when; both moments are Seoul's."""

    code = forms.SlugField(
        label=gettext_lazy("Code of the new operator"),
        max_length=20,
        help_text=gettext_lazy("As the settings name it."),
    )
    name = forms.CharField(label=gettext_lazy("Name of the new operator"), max_length=60)
    stops_at = forms.DateTimeField(
        label=gettext_lazy("Last moment of the leaving operator"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    starts_at = forms.DateTimeField(
        label=gettext_lazy("First moment of the new operator"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Between the two moments requests are taken in and wait."),
    )
    needs_link = forms.BooleanField(label=gettext_lazy("People register first"), required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class PayoutBoard(Board):
    """GET /staff/points/payouts/ — the state of every payout that is not settled."""

    permission = "points.watch_payout"
    template = "points/payouts.html"
    title = gettext_lazy("Payout board")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.board(ChangeForm())

    def board(self, form: ChangeForm, *, status: int = 200) -> HttpResponse:
        figures: dict[str, Any] = cache.get("boards:payouts") or figures_now()
        cache.add("boards:payouts", figures, KEPT_SECONDS)
        seen = outlook()
        changes = OperatorChange.objects.select_related("leaving", "requested_by", "decided_by")
        context = {
            **figures,
            "ages": AGE_NAMES,
            "seen": seen,
            "promise": waiting(seen),
            "operators": operators_now(),
            "outages": Outage.objects.select_related("operator").order_by("-began_at")[
                :OUTAGES_SHOWN
            ],
            "changes": changes.order_by("-pk")[:10],
            "history": history(),
            "form": form,
        }
        return self.show(context, status=status)


def figures_now() -> dict[str, Any]:
    """Count everything the board shows; kept for some seconds, and the page says as of when."""
    now = clock.now()
    rows = payout_figures.open_payouts(now)
    days = payout_figures.paid_by_day(clock.today())
    hours = payout_figures.paid_by_hour(now)
    last_hour = payout_figures.settled_since(now - timedelta(hours=1))
    return {
        "as_of": now,
        "rows": [drawn(row) for row in rows],
        "oldest": min((row.oldest for row in rows if row.oldest), default=None),
        "waiting": sum(row.count for row in rows),
        "waiting_amount": sum(row.amount for row in rows),
        "paid_today": payout_figures.settled_since(clock.day_starts(clock.today())),
        "paid_last_hour": last_hour,
        "per_minute": round(last_hour["count"] / 60, 1),
        "contradictions": payout_figures.contradictions(),
        "unlinked": payout_figures.waiting_for_a_link(),
        "by_day": charts.bar_chart(
            [charts.Datum(f"{day:%m-%d}", number, paid_on(day)) for day, number in days],
            title=_("Payouts paid by day"),
        ),
        "by_hour": charts.bar_chart(
            [charts.Datum(f"{at.astimezone(clock.KST):%H}", number) for at, number in hours],
            title=_("Payouts paid by hour"),
        ),
    }


def drawn(row: Row) -> dict[str, Any]:
    return {
        "status": row.status,
        "label": str(dict(OPEN_LABELS)[row.status]),
        "count": row.count,
        "amount": row.amount,
        "oldest": row.oldest,
        "url": rows_url(status__exact=row.status),
        "cells": [{"count": cell.count, "url": cell_url(row.status, cell)} for cell in row.cells],
    }


OPEN_LABELS = (
    ("requested", gettext_lazy("Requested")),
    ("sending", gettext_lazy("Sending")),
    ("unknown", gettext_lazy("Unknown")),
)


def cell_url(status: str, cell: Cell) -> str:
    ends = {"requested_at__gte": cell.since, "requested_at__lt": cell.until}
    return rows_url(
        status__exact=status, **{name: stamp(at) for name, at in ends.items() if at is not None}
    )


def paid_on(day: Any) -> str:
    return rows_url(
        paid_at__gte=stamp(clock.day_starts(day)), paid_at__lt=stamp(clock.day_ends(day))
    )


def stamp(moment: datetime) -> str:
    return moment.astimezone(clock.KST).isoformat(timespec="seconds")


def rows_url(**filters: str) -> str:
    return f"{reverse('admin:points_payout_changelist')}?{urlencode(filters)}"


def operators_now() -> list[dict[str, Any]]:
    """Give the operator in force, those to come, and closed ones that owe answers."""
    now, current = clock.now(), in_force()
    owing = set(Operator.objects.owing_answers().values_list("pk", flat=True))
    breakers = Breaker.objects.select_related("operator").order_by("operator__starts_at")
    return [
        {
            "row": breaker.operator,
            "breaker": breaker,
            "tone": TONES[breaker.status],
            "is_current": breaker.operator == current,
            "is_over": breaker.operator.ends_at is not None and breaker.operator.ends_at <= now,
            "owes": breaker.operator_id in owing,
        }
        for breaker in breakers
    ]


TONES = {"closed": "ok", "open": "danger", "half_open": "warn", "paused": "warn"}


def history() -> list[AuditEvent]:
    """Give what was done to operators of late; the many tries in vain are left out."""
    subjects = [audit.subject_of(breaker) for breaker in Breaker.objects.all()]
    subjects += [audit.subject_of(operator) for operator in Operator.objects.all()]
    told = AuditEvent.objects.filter(subject__in=subjects)
    worth = told.exclude(verb="half_open").exclude(verb="open", detail__before="half_open")
    return list(worth.order_by("-at", "-pk")[:15])


class OperatorAct(Board):
    """POST …/payouts/operators/{code}/{verb}/ — pause, resume, pace or try an operator."""

    permission = "points.pause_operator"
    VERBS: ClassVar = {
        "pause": partner_health.pause_operator,
        "resume": partner_health.resume_operator,
    }

    def post(self, request: HttpRequest, code: str, verb: str) -> HttpResponse:
        operator = get_object_or_404(Operator, code=code)
        if verb == "try":
            return self.done(lambda: partner_health.try_now(operator, by=self.staff))
        if verb == "rate":
            return self.rate(operator)
        if verb not in self.VERBS:
            raise Http404
        form = ReasonForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Please write a reason; it is kept with the record."))
            return redirect("boards:payouts")
        act = self.VERBS[verb]
        return self.done(lambda: act(operator, why=form.cleaned_data["why"], by=self.staff))

    def rate(self, operator: Operator) -> HttpResponse:
        form = RateForm(self.request.POST)
        if form.is_valid():
            return self.done(lambda: set_rate(operator, **form.cleaned_data, by=self.staff))
        for label, words in form.errors.items():
            messages.error(self.request, f"{form.fields[label].label}: {words[0]}")
        return redirect("boards:payouts")

    def done(self, act: Any) -> HttpResponse:
        try:
            act()
        except DomainError as refusal:
            messages.error(self.request, str(refusal))
        else:
            messages.success(self.request, _("Done; it is written into the history."))
        return redirect("boards:payouts")


class ChangeAsked(PayoutBoard):
    """POST /staff/points/payouts/changes/ — ask for another operator from a moment on."""

    permission = "points.request_operatorchange"

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("boards:payouts")

    def post(self, request: HttpRequest) -> HttpResponse:
        form, leaving = ChangeForm(request.POST), in_force()
        if leaving is None or not form.is_valid():
            return self.board(form, status=400)
        try:
            request_change(leaving, **form.cleaned_data, by=self.staff)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return self.board(form, status=422)
        messages.success(request, _("Asked for. A second person decides."))
        return redirect("boards:payouts")


class ChangeDecided(Board):
    """POST /staff/points/payouts/changes/{id}/{verb}/ — the second person's decision."""

    permission = "points.decide_operatorchange"

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        change = get_object_or_404(OperatorChange.objects.select_related("leaving"), pk=pk)
        form = ReasonForm(request.POST)
        try:
            if verb == "approve":
                approve_change(change, by=self.staff)
            elif verb != "reject":
                raise Http404
            elif form.is_valid():
                reject_change(change, why=form.cleaned_data["why"], by=self.staff)
            else:
                raise ReasonNeeded
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect("boards:payouts")

"""A round while people apply: how fast they come, what became of them, and who may be paid."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from participants.models import Application, Lane, Participation, Quota, RecruitmentRound
from participants.services import round_figures
from participants.services.round_figures import MINUTES, UNDECIDED, Figures
from points.models import Account, Payout
from seoul_health.core import clock
from seoul_health.core.charts import Datum, bar_chart

PERMISSION = "participants.view_application"
Status = Application.Status
STEPS: dict[str, str | Promise] = {
    "applied": gettext_lazy("Applied"),
    "approved": gettext_lazy("Approved"),
    "selected": gettext_lazy("Got a seat"),
    "confirmed": gettext_lazy("Confirmed"),
}
COLUMNS: tuple[tuple[str | Promise, tuple[Status, ...]], ...] = (
    (gettext_lazy("Under review"), UNDECIDED),
    (gettext_lazy("Approved"), (Status.APPROVED,)),
    (gettext_lazy("Selected"), (Status.SELECTED,)),
    (gettext_lazy("Confirmed"), (Status.CONFIRMED,)),
    (gettext_lazy("Waiting"), (Status.WAITLISTED,)),
    (gettext_lazy("Rejected"), (Status.REJECTED,)),
)


@dataclass(frozen=True)
class Cell:
    """A figure with the rows behind it."""

    number: int
    url: str = ""


@require_GET
@never_cache
@login_required
def dashboard(request: HttpRequest, code: str) -> HttpResponse:
    """Show a round's figures, each with its moment and the list behind it."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    row = get_object_or_404(RecruitmentRound, code=code)
    quotas = round_figures.by_quota(row)
    lines = quotas.counted or []
    context = {
        **admin.site.each_context(request),
        "title": _("Round dashboard"),
        "row": row,
        "quotas": quotas,
        "columns": [label for label, _statuses in COLUMNS],
        "lines": [quota_row(row, line) for line in lines],
        "funnel": funnel_chart(row, round_figures.totals(lines)),
        "oldest": oldest(row),
        "people": round_figures.people(row),
        "money": money(row) if request.user.has_perm("points.view_account") else None,
        "hours": list(hours(row)),
    }
    return TemplateResponse(request, "operations/round_dashboard.html", context)


def list_of(row: RecruitmentRound, **terms: str | int) -> str:
    """Lead to the applications of a round that fit."""
    page = reverse("admin:participants_application_changelist")
    return f"{page}?{urlencode({'round__id__exact': row.pk, **terms})}"


def quota_row(row: RecruitmentRound, line: dict[str, Any]) -> dict[str, Any]:
    """Give one quota's line: what it is, its seats, and a cell for each status."""
    counts, quota = line["counts"], line["pk"]
    applied = sum(number for status, number in counts.items() if status != Status.DRAFT)
    cells = [
        Cell(
            sum(counts.get(status, 0) for status in statuses),
            list_of(row, quota__id__exact=quota, status__in=",".join(statuses)),
        )
        for _label, statuses in COLUMNS
    ]
    name = f"{Quota.Group(line['group']).label} {line['value']}".strip()
    return {
        "lane": Lane.Kind(line["lane"]).label,
        "name": f"{name} ({line['code']})",
        "seats": line["seats"],
        "held": Cell(line["held"], list_of(row, seat__id__exact=quota)),
        "free": line["seats"] - line["held"],
        "spilled": line["spilled"],
        "applied": Cell(applied, list_of(row, quota__id__exact=quota)),
        "cells": cells,
    }


def funnel_chart(row: RecruitmentRound, summed: dict[str, int]) -> str:
    links = {"confirmed": Status.CONFIRMED}
    data = [
        Datum(
            str(STEPS[name]),
            number,
            list_of(row, status__exact=links[name]) if name in links else list_of(row),
        )
        for name, number in round_figures.funnel(summed)
    ]
    return bar_chart(data, title=_("How far did they come?"))


def hours(row: RecruitmentRound) -> Iterator[dict[str, Any]]:
    """Draw the last hour and the first one."""
    for title, figures in (
        (_("Applications per minute, last hour"), round_figures.last_hour(row)),
        (_("Applications per minute, first hour"), round_figures.first_hour(row)),
    ):
        minutes: list[tuple[datetime, int]] = figures.counted or []
        data = [Datum(minute_of(moment), number) for moment, number in minutes]
        yield {
            "title": title,
            "as_of": figures.as_of,
            "is_known": figures.counted is not None,
            "total": sum(number for _moment, number in minutes),
            "most": max((number for _moment, number in minutes), default=0),
            "svg": bar_chart(data, title=title) if data else "",
        }


def minute_of(moment: datetime) -> str:
    return f"{moment.astimezone(clock.KST):%H:%M}"


def oldest(row: RecruitmentRound) -> dict[str, Any]:
    figures = round_figures.oldest_undecided(row)
    return {
        "at": figures.counted and figures.counted["at"],
        "as_of": figures.as_of,
        "url": list_of(row, status__in=",".join(UNDECIDED)),
    }


def money(row: RecruitmentRound) -> Figures:
    """Count who earned and who was paid; what people nobody verified earned stands apart."""
    return round_figures.kept("money", row, MINUTES, lambda: earned_and_paid(row))


def earned_and_paid(row: RecruitmentRound) -> dict[str, int]:
    taking_part = Participation.objects.filter(round=row).values("participant")
    known = Q(participant__verified_at__isnull=False)
    purses = Account.objects.filter(participant__in=taking_part, balance__gt=0)
    paid = Payout.objects.filter(participant__in=taking_part, status=Payout.Status.PAID)
    return {
        **Participation.objects.filter(round=row).aggregate(
            verified=Count("pk", filter=known), unverified=Count("pk", filter=~known)
        ),
        **purses.aggregate(
            points_verified=Sum("balance", filter=known, default=0),
            points_unverified=Sum("balance", filter=~known, default=0),
        ),
        **paid.aggregate(paid=Count("participant", distinct=True)),
    }

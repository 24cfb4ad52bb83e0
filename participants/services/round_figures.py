"""The figures of a round, cheap at a million applications: counted on indexes, kept for seconds."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.db.models import Count, F, Min, Q
from django.db.models.functions import TruncMinute

from participants.models import Application, Lane, Quota, RecruitmentRound
from seoul_health.core import clock

Status = Application.Status
SECONDS, MINUTES = 10, 5 * 60
LONGEST = "4s"
HOUR = timedelta(hours=1)
UNDECIDED = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.ON_HOLD)
FUNNEL = (
    ("applied", [status for status in Status if status != Status.DRAFT]),
    ("approved", [Status.APPROVED, Status.WAITLISTED, Status.SELECTED, Status.CONFIRMED,
                  Status.DECLINED, Status.LAPSED]),
    ("selected", [Status.SELECTED, Status.CONFIRMED, Status.DECLINED, Status.LAPSED]),
    ("confirmed", [Status.CONFIRMED]),
)  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """Something that was counted, and when; None when counting took too long."""

    as_of: datetime
    counted: Any


def kept(name: str, row: RecruitmentRound, seconds: int, count: Callable[[], Any]) -> Figures:
    """Count at most every so many seconds, and never hold the database up."""
    key = f"round-figures:{name}:{row.pk}"
    found: Figures | None = cache.get(key)
    if found is None:
        found = Figures(clock.now(), in_time(count))
        cache.set(key, found, seconds if found.counted is not None else SECONDS)
    return found


def in_time(count: Callable[[], Any]) -> Any:
    try:
        with transaction.atomic():
            usual = limit(LONGEST)
            counted = count()
            limit(usual)
            return counted
    except OperationalError:
        return None


def limit(time: str) -> str:
    """Let statements take so long within this transaction; give what it was before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        usual = str(cursor.fetchone()[0])
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [time])
    return usual


def by_quota(row: RecruitmentRound) -> Figures:
    """Count each quota's applications by status, its seats, and seats given across."""
    return kept("quotas", row, SECONDS, lambda: lines(row))


def lines(row: RecruitmentRound) -> list[dict[str, Any]]:
    quotas = Quota.objects.filter(lane__round=row).select_related("lane")
    ordered = list(quotas.order_by("lane__opens_at", "lane", "spill_order", "pk"))
    pks = [quota.pk for quota in ordered]
    counts = counts_of(pks)
    held, spilled = seats_of(pks)
    return [line(quota, counts.get(quota.pk, {}), held, spilled) for quota in ordered]


def counts_of(quotas: list[int]) -> dict[int, dict[str, int]]:
    """Count by quota and status, from the index alone."""
    found: dict[int, dict[str, int]] = {}
    rows = Application.objects.filter(quota__in=quotas).order_by()
    for quota, status, number in rows.values_list("quota", "status").annotate(Count("pk")):
        found.setdefault(quota, {})[status] = number
    return found


def seats_of(quotas: list[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Count seats held in each quota, and those held by people of another."""
    rows = Application.objects.filter(seat__in=quotas).order_by().values_list("seat")
    held = rows.annotate(all=Count("pk"), across=Count("pk", filter=~Q(quota=F("seat"))))
    counted = list(held)
    return (
        {seat: number for seat, number, _across in counted},
        {seat: across for seat, _number, across in counted},
    )


def line(
    quota: Quota, counts: dict[str, int], held: dict[int, int], spilled: dict[int, int]
) -> dict[str, Any]:
    return {
        "pk": quota.pk,
        "lane": quota.lane.kind,
        "code": quota.code,
        "group": quota.group,
        "value": quota.value,
        "seats": quota.seats,
        "held": held.get(quota.pk, 0),
        "spilled": spilled.get(quota.pk, 0),
        "counts": counts,
    }


def totals(quota_lines: list[dict[str, Any]]) -> dict[str, int]:
    """Add the statuses of all quotas up."""
    summed: dict[str, int] = {}
    for each in quota_lines:
        for status, number in each["counts"].items():
            summed[status] = summed.get(status, 0) + number
    return summed


def funnel(summed: dict[str, int]) -> list[tuple[str, int]]:
    """Give how many came how far; whoever came further came this far too."""
    return [(name, sum(summed.get(status, 0) for status in reached)) for name, reached in FUNNEL]


def last_hour(row: RecruitmentRound) -> Figures:
    now = clock.now()
    return kept("last-hour", row, SECONDS, lambda: per_minute(row, now - HOUR, now))


def first_hour(row: RecruitmentRound) -> Figures:
    """Count the minutes after the first lane opened."""
    opened = Lane.objects.filter(round=row).aggregate(first=Min("opens_at"))["first"]
    if opened is None or opened > clock.now():
        return Figures(clock.now(), [])
    return kept("first-hour", row, MINUTES, lambda: per_minute(row, opened, opened + HOUR))


def per_minute(
    row: RecruitmentRound, first: datetime, last: datetime
) -> list[tuple[datetime, int]]:
    """Count the applications of each minute, those without any too."""
    arrived = Application.objects.filter(round=row, submitted_at__gte=first, submitted_at__lt=last)
    found = dict(
        arrived.order_by()
        .annotate(minute=TruncMinute("submitted_at"))
        .values_list("minute")
        .annotate(Count("pk"))
    )
    start = first.replace(second=0, microsecond=0)
    count = math.ceil((last - start) / timedelta(minutes=1))
    minutes = [start + timedelta(minutes=number) for number in range(count)]
    return [(minute, found.get(minute, 0)) for minute in minutes]


def people(row: RecruitmentRound) -> Figures:
    """Count applicants whose residence was verified, and those of whom nobody can say yet."""
    return kept("people", row, MINUTES, lambda: verified(row))


def verified(row: RecruitmentRound) -> dict[str, int]:
    applicants = Application.objects.filter(round=row, submitted_at__isnull=False)
    known = Q(participant__verified_at__isnull=False)
    return applicants.aggregate(
        verified=Count("pk", filter=known), unverified=Count("pk", filter=~known)
    )


def oldest_undecided(row: RecruitmentRound) -> Figures:
    waiting = Application.objects.filter(round=row, status__in=UNDECIDED)
    return kept("oldest", row, SECONDS, lambda: waiting.aggregate(at=Min("submitted_at")))

"""Figures of reconciliation: the latest comparison of every day, and what waits for a person."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q

from points.models import Difference, Operator, Reconciliation
from seoul_health.core import clock

# Ages of what waits, in days: the last is open.
AGES = ((0, 1), (2, 3), (4, 7), (8, None))


@dataclass(frozen=True, slots=True)
class Compared:
    """A day of one operator and the last comparison of it, if there was one."""

    day: date
    operator: Operator
    run: Reconciliation | None


def compared_days(today: date, days: int) -> list[Compared]:
    """Give every past day of every operator in force on it, the newest first."""
    first = today - timedelta(days=days)
    ends = clock.day_starts(first), clock.day_starts(today)
    runs = Reconciliation.objects.filter(day__gte=first, day__lt=today).order_by("pk")
    latest = {(run.operator_id, run.day): run for run in runs}
    operators = list(Operator.objects.reporting(*ends))
    past = [today - timedelta(days=back) for back in range(1, days + 1)]
    return [
        Compared(day, operator, latest.get((operator.pk, day)))
        for day in past
        for operator in operators
        if operator.starts_at < clock.day_ends(day)
        and (operator.ends_at is None or operator.ends_at > clock.day_starts(day))
    ]


def opened_between(now: datetime, low: int, high: int | None) -> Q:
    """Tell differences that have waited for so many whole days."""
    asked = Q(opened_at__lte=now - timedelta(days=low)) if low else Q()
    if high is not None:
        asked &= Q(opened_at__gt=now - timedelta(days=high + 1))
    return asked


def ages_of_differences(now: datetime) -> dict[str, Any]:
    """Count what waits for a person by its age, and what nobody has taken on."""
    ages = {
        f"age_{place}": Count("pk", filter=opened_between(now, low, high))
        for place, (low, high) in enumerate(AGES)
    }
    return Difference.objects.unresolved().aggregate(
        all=Count("pk"), unowned=Count("pk", filter=Q(owner=None)), oldest=Min("opened_at"), **ages
    )

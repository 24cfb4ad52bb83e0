"""Figures of payouts on their way: by state and age, by hour and by day, and what stopped them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, Count, IntegerField, Min, Q, Sum, Value, When
from django.db.models.functions import TruncDate, TruncHour

from points.models import Payout
from seoul_health.core import clock

Status = Payout.Status
# Upper ends of the ages; the last is open.
AGES = (
    timedelta(minutes=10), timedelta(hours=1), timedelta(days=1), timedelta(days=8),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """So many payouts of one state and age, and the times between which they were asked for."""

    count: int
    amount: int
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """One state of payouts that are not settled."""

    status: str
    cells: tuple[Cell, ...]
    oldest: datetime | None

    @property
    def count(self) -> int:
        return sum(cell.count for cell in self.cells)

    @property
    def amount(self) -> int:
        return sum(cell.amount for cell in self.cells)


def open_payouts(now: datetime) -> list[Row]:
    """Count what is on its way by state and age, in one query."""
    ages = [When(requested_at__gt=now - age, then=Value(place)) for place, age in enumerate(AGES)]
    age = Case(*ages, default=Value(len(AGES)), output_field=IntegerField())
    found = {
        (row["status"], row["age"]): row
        for row in Payout.objects.open()
        .annotate(age=age)
        .values("status", "age")
        .annotate(number=Count("pk"), total=Sum("amount"), oldest=Min("requested_at"))
    }
    return [row_of(status, found, now) for status in Payout.OPEN]


def row_of(status: str, found: dict[tuple[str, int], dict[str, datetime]], now: datetime) -> Row:
    ends = [now - age for age in AGES]
    cells = []
    for place in range(len(AGES) + 1):
        row = found.get((status, place), {})
        until = ends[place - 1] if place else None
        since = ends[place] if place < len(ends) else None
        cells.append(Cell(row.get("number", 0), row.get("total", 0), since, until))  # type: ignore[arg-type]  # of values()
    oldest = [row["oldest"] for (kind, _age), row in found.items() if kind == status]
    return Row(status, tuple(cells), min(oldest, default=None))


def contradictions() -> int:
    return Payout.objects.filter(status=Status.UNKNOWN).exclude(problem="").count()


def settled_since(moment: datetime) -> dict[str, int]:
    """Count what was paid since a moment."""
    paid = Payout.objects.filter(paid_at__gte=moment)
    sums = paid.aggregate(count=Count("pk"), amount=Sum("amount"))
    return {"count": sums["count"], "amount": sums["amount"] or 0}


def paid_by_hour(now: datetime, hours: int = 24) -> list[tuple[datetime, int]]:
    """Count payouts of each of the last hours, those of none too."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours - 1)
    rows = Payout.objects.filter(paid_at__gte=first).annotate(hour=TruncHour("paid_at"))
    found = dict(rows.values_list("hour").annotate(number=Count("pk")))
    slots = [first + timedelta(hours=place) for place in range(hours)]
    return [(slot, found.get(slot, 0)) for slot in slots]


def paid_by_day(today: date, days: int = 21) -> list[tuple[date, int]]:
    first = today - timedelta(days=days - 1)
    rows = Payout.objects.filter(paid_at__gte=clock.day_starts(first))
    by_day = rows.annotate(day=TruncDate("paid_at", tzinfo=clock.KST))
    found = dict(by_day.values_list("day").annotate(number=Count("pk")))
    slots = [first + timedelta(days=place) for place in range(days)]
    return [(slot, found.get(slot, 0)) for slot in slots]


def waiting_for_a_link() -> int:
    """Count those whose person has not opened the new operator's wallet yet."""
    waiting = Payout.objects.filter(status=Status.REQUESTED, operator__needs_link=True)
    return waiting.filter(~Q(next_at__lte=clock.now())).count()

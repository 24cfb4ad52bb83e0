"""What moved on which day for which reason, added up as the ledger grows, and who waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Count, Sum

from points.models import Account, Award, Budget, Payout, Reason, SpentCount, SpentDay, Unfunded
from points.services.budget_counts import all_have_ended, last_transfer, writers
from seoul_health.core import clock

EARNED = tuple(Award.Item.values)
ADD_UP = """
INSERT INTO points_spentday (day, reason, points, transfers)
SELECT business_date, reason, sum(amount), count(*) FROM points_transfer
WHERE id > %s AND id <= %s GROUP BY business_date, reason
ON CONFLICT (day, reason) DO UPDATE SET points = points_spentday.points + excluded.points,
    transfers = points_spentday.transfers + excluded.transfers
"""


@transaction.atomic
def add_up() -> bool:
    """Add what was posted since the last time; not while somebody may still be posting it."""
    SpentCount.objects.bulk_create([SpentCount(pk=1)], ignore_conflicts=True)
    count = SpentCount.objects.select_for_update().get(pk=1)
    until = last_transfer()
    if not all_have_ended(writers()):
        return False
    with connection.cursor() as cursor:
        cursor.execute(ADD_UP, [count.counted_to, until])
    SpentCount.objects.filter(pk=1).update(counted_to=until, at=clock.now())
    return True


def counted_at() -> datetime | None:
    return SpentCount.objects.values_list("at", flat=True).first()


def daily(reasons: Iterable[str], first: date, last: date) -> dict[date, int]:
    """Give the points of each day that had any."""
    rows = SpentDay.objects.filter(reason__in=list(reasons), day__range=(first, last))
    return dict(rows.values_list("day").annotate(points=Sum("points")).order_by("day"))


def by_month(first: date, last: date) -> dict[date, dict[str, int]]:
    """Give the points of each month by reason, the newest month first."""
    months: dict[date, dict[str, int]] = {}
    rows = SpentDay.objects.filter(day__range=(first, last)).order_by("-day")
    for day, reason, points in rows.values_list("day", "reason", "points"):
        sums = months.setdefault(day.replace(day=1), {})
        sums[reason] = sums.get(reason, 0) + points
    return months


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the points of a budget are."""

    earned: int
    paid: int
    in_transit: int
    in_purses: int
    payable: int
    waiting_people: int
    waiting_points: int


def standing_of(budget: Budget) -> Standing:
    span = (budget.first_on, budget.last_on)
    open_payouts = Payout.objects.open().aggregate(sum=Sum("amount"))["sum"]
    purses = Account.objects.purses()
    verified = purses.filter(participant__verified_at__isnull=False)
    waiting = Unfunded.objects.waiting().filter(period__range=span)
    waits = waiting.aggregate(people=Count("participant", distinct=True), points=Sum("points"))
    return Standing(
        earned=sum(daily(EARNED, *span).values()),
        paid=sum(daily([Reason.PAYOUT_PAID], *span).values()),
        in_transit=open_payouts or 0,
        in_purses=purses.aggregate(sum=Sum("balance"))["sum"] or 0,
        payable=verified.aggregate(sum=Sum("balance"))["sum"] or 0,
        waiting_people=waits["people"],
        waiting_points=waits["points"] or 0,
    )

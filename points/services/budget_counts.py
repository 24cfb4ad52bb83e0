"""How a budget's guard keeps up with what was awarded.

A count is exact: it waits until nobody can still be writing a transfer of a number it has seen.
"""

import time
from datetime import timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Max, Sum

from points.models import ActivityRate, Budget, BudgetGuard, BudgetTill, BudgetWarning, EarningRule
from points.rules.budgets import free_transfers, shares_reached
from points.services.budget_guard import fill, hold
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

log = structlog.get_logger("budget")

Mode = BudgetGuard.Mode
TILLS = 16
# Three ranges of a sweep: with less room than this ahead, every award is counted.
CLOSE_BELOW = 30_000
PATIENCE = timedelta(seconds=3)

NOT_EARNED = ("adjustment", "reversal", "compensation", "campaign", "campaign_budget")
LAST_TRANSFER = "SELECT last_value FROM points_transfer_id_seq"
# A writer has its number before it writes; those of other databases do not matter.
WRITERS = """
SELECT coalesce(array_agg(lock.transactionid::text), '{}') FROM pg_locks AS lock
JOIN pg_stat_activity AS session USING (pid)
WHERE lock.locktype = 'transactionid' AND lock.mode = 'ExclusiveLock' AND lock.granted
    AND session.datname = current_database() AND pid <> pg_backend_pid()
"""
SPENT = """
SELECT coalesce(sum(amount), 0)::bigint FROM points_transfer
WHERE id > %(after)s AND id <= %(until)s AND business_date BETWEEN %(first)s AND %(last)s
    AND source_id = (SELECT id FROM points_account WHERE code = 'programme-fund')
    AND reason <> ALL(%(not_earned)s)
"""


def watch_budgets(*, by: Actor) -> None:
    for budget in Budget.objects.in_force().order_by("pk"):
        watch_budget(budget.pk, by=by)


def watch_budget(pk: int, *, by: Actor) -> None:
    """Count what was awarded, and move the line as near to the ceiling as it is safe."""
    if step(pk, by=by) == Mode.CLOSING:
        step(pk, by=by)  # In a transaction of its own: the first must be seen by everybody.


@transaction.atomic
def step(pk: int, *, by: Actor) -> str:
    """Do what the guard's mode asks for next; give the mode it is in then."""
    guard = BudgetGuard.objects.select_for_update(of=("self",)).select_related("budget").get(pk=pk)
    {Mode.FREE: move_line, Mode.CLOSING: count_closed, Mode.DRAWING: look_again}[Mode(guard.mode)](
        guard
    )
    guard.counted_at = clock.now()
    guard.save()
    warn(guard, by=by)
    return guard.mode


def move_line(guard: BudgetGuard) -> None:
    """Far from the ceiling: count, and let so many more transfers go unasked."""
    largest = largest_award()
    if largest > guard.largest:
        close(guard)
    elif count(guard):
        guard.free_until = guard.counted_to + free_transfers(room_of(guard), guard.largest)
        if guard.free_until - guard.counted_to < CLOSE_BELOW:
            close(guard)


def close(guard: BudgetGuard) -> None:
    """Let nothing more go unasked; what went unasked is counted once this is committed."""
    guard.mode, guard.free_until = Mode.CLOSING, last_transfer()
    guard.largest = largest_award()


def count_closed(guard: BudgetGuard) -> None:
    """Put what is really left into the tills, or open the line again if that is a lot."""
    if count(guard):
        open_line(guard, room_of(guard), enough=CLOSE_BELOW)


def look_again(guard: BudgetGuard) -> None:
    """Near the ceiling: what the tills hold is what is left."""
    left = BudgetTill.objects.filter(budget=guard.budget_id).aggregate(sum=Sum("left"))["sum"] or 0
    guard.spent = guard.budget.ceiling - left


def open_line(guard: BudgetGuard, room: int, *, enough: int) -> None:
    transfers = free_transfers(room, guard.largest)
    guard.mode = Mode.FREE if transfers >= enough else Mode.DRAWING
    guard.free_until = guard.counted_to + (transfers if guard.mode == Mode.FREE else 0)
    put_into_tills(guard.budget_id, 0 if guard.mode == Mode.FREE else room)


def put_into_tills(budget_id: int, points: int) -> None:
    BudgetTill.objects.bulk_create(
        [BudgetTill(budget_id=budget_id, place=place) for place in range(TILLS)],
        ignore_conflicts=True,
    )
    with connection.cursor() as cursor:
        tills = hold(cursor, budget_id, waiting=True)
        fill(cursor, [till for till, _ in tills], points)


def empty_tills(budget_id: int) -> int:
    """Take everything out once nobody is drawing any more; give what there was."""
    with connection.cursor() as cursor:
        tills = hold(cursor, budget_id, waiting=True)
        fill(cursor, [till for till, _ in tills], 0)
    return sum(left for _, left in tills)


def count(guard: BudgetGuard) -> bool:
    """Add what was awarded since the last count; not while an unfinished award may belong to it."""
    until = last_transfer()
    if not all_have_ended(writers()):
        return False
    guard.spent += spent_between(guard, guard.counted_to, until)
    guard.counted_to = until
    return True


def all_have_ended(begun: set[str]) -> bool:
    """Wait a while for writers that have begun before this moment."""
    deadline = time.monotonic() + PATIENCE.total_seconds()
    while begun & writers():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def writers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(WRITERS)
        return set(cursor.fetchone()[0])


def spent_between(guard: BudgetGuard, after: int, until: int) -> int:
    values: dict[str, Any] = {
        "after": after,
        "until": until,
        "first": guard.budget.first_on,
        "last": guard.budget.last_on,
        "not_earned": list(NOT_EARNED),
    }
    with connection.cursor() as cursor:
        cursor.execute(SPENT, values)
        return int(cursor.fetchone()[0])


def room_of(guard: BudgetGuard) -> int:
    return max(0, guard.budget.ceiling - guard.spent)


def largest_award() -> int:
    """Give the most that one award can be under any rule or rate that was released."""
    rules = EarningRule.objects.released().aggregate(
        day=Max("daily_points"), week=Max("weekly_points")
    )
    rates = ActivityRate.objects.released().aggregate(rate=Max("points"))
    return max(1, *(points or 0 for points in (*rules.values(), *rates.values())))


def warn(guard: BudgetGuard, *, by: Actor) -> None:
    """Say of each share of the budget once that it is used up."""
    budget = guard.budget
    for percent in shares_reached(guard.spent, budget.ceiling, budget.warn_at):
        _, is_new = BudgetWarning.objects.get_or_create(budget=budget, percent=percent)
        if is_new:
            audit.record("warned", budget, by=by, percent=percent, spent=guard.spent)
            log.warning("budget_share_reached", budget=budget.pk, percent=percent)


def last_transfer() -> int:
    with connection.cursor() as cursor:
        cursor.execute(LAST_TRANSFER)
        return int(cursor.fetchone()[0])

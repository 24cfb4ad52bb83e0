"""What an award asks of the budget before it is posted: nothing while far from the ceiling.

Far from it one row says up to which transfer everything fits. Near it the money lies in tills, and
an award draws on any that is free; at the very edge they are emptied together, in their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.backends.utils import CursorWrapper

from points.rules.budgets import spread, whole_awards
from seoul_health.core.db import finds_free

LINES = """
SELECT guard.budget_id, budget.first_on, budget.last_on, guard.mode = 'free', guard.free_until,
    guard.largest, (SELECT last_value FROM points_transfer_id_seq)
FROM points_budgetguard AS guard JOIN points_budget AS budget ON budget.id = guard.budget_id
WHERE budget.first_on <= %s AND budget.last_on >= %s
"""
# A till is held by a lock on its number. The row itself would not do: a query that passes over
# locked rows keeps those that changed while it looked, and waits for those that changed just now.
TILL_SPACE = 0x7111
DRAW = """
WITH enough AS MATERIALIZED (
    SELECT id FROM points_budgettill WHERE budget_id = %(budget)s AND "left" >= %(wanted)s
    ORDER BY (place + pg_backend_pid()) %% 16
), free AS MATERIALIZED (
    SELECT id FROM enough WHERE pg_try_advisory_xact_lock(%(space)s, id::int) LIMIT 1
)
UPDATE points_budgettill AS till SET "left" = till."left" - %(wanted)s
FROM free WHERE till.id = free.id AND till."left" >= %(wanted)s
"""
LEFT = 'SELECT coalesce(sum("left"), 0)::bigint FROM points_budgettill WHERE budget_id = %s'
HAS_DRAWN = "SELECT current_setting('points.has_drawn', true) = 'yes'"
WAIT_FOR_EACH = """
WITH till AS MATERIALIZED (
    SELECT id FROM points_budgettill WHERE budget_id = %(budget)s ORDER BY place
)
SELECT id, pg_advisory_xact_lock(%(space)s, id::int) FROM till
"""
TAKE_FREE = """
SELECT id FROM points_budgettill
WHERE budget_id = %(budget)s AND pg_try_advisory_xact_lock(%(space)s, id::int)
"""
HELD = 'SELECT id, "left" FROM points_budgettill WHERE id = ANY(%s) ORDER BY place'
PUT = """
UPDATE points_budgettill AS till SET "left" = put."left"
FROM unnest(%s::bigint[], %s::bigint[]) AS put (id, "left") WHERE till.id = put.id
"""
GIVE_BACK = """
WITH free AS MATERIALIZED (
    SELECT id FROM points_budgettill
    WHERE budget_id = %(budget)s AND pg_try_advisory_xact_lock(%(space)s, id::int) LIMIT 1
)
UPDATE points_budgettill AS till SET "left" = till."left" + %(points)s
FROM free WHERE till.id = free.id
"""
# The trigger on transfers takes what is posted off this sum, and refuses what exceeds it.
NOTE = """
SELECT set_config('points.drawn', (coalesce(nullif(
        current_setting('points.drawn', true), ''), '0')::bigint + %s)::text, true),
    set_config('points.has_drawn', 'yes', true)
"""


@dataclass(frozen=True, slots=True)
class Line:
    """How far awards of a budget may go without asking."""

    budget: int
    first_on: date
    last_on: date
    is_free: bool
    free_until: int
    largest: int
    last_transfer: int

    @property
    def transfers_left(self) -> int:
        return self.free_until - self.last_transfer if self.is_free else 0

    def covers(self, day: date) -> bool:
        return self.first_on <= day <= self.last_on

    def fits(self, number: int, largest: int) -> bool:
        return number < self.transfers_left and largest <= self.largest


def lines_between(first: date, last: date) -> list[Line]:
    """Read where the budgets of these days stand."""
    with connection.cursor() as cursor:
        cursor.execute(LINES, [last, first])
        return [Line(*row) for row in cursor.fetchall()]


def line_on(day: date) -> Line | None:
    return next(iter(lines_between(day, day)), None)


def fund(wanted: Sequence[tuple[date, int]]) -> list[bool]:
    """Find the money for awards of these days, in their order; say of each whether there is."""
    days = [day for day, points in wanted if points]
    funded = [True] * len(wanted)
    for line in lines_between(min(days), max(days)) if days else ():
        places = [n for n, (day, points) in enumerate(wanted) if points and line.covers(day)]
        amounts = [wanted[n][1] for n in places]
        if amounts and not line.fits(len(amounts), max(amounts)):
            for n, is_funded in zip(places, draw_each(line.budget, amounts), strict=True):
                funded[n] = is_funded
    return funded


def draw_each(budget: int, amounts: Sequence[int]) -> list[bool]:
    """Draw whole awards, in their order, as far as the money goes."""
    granted = draw(budget, sum(amounts), smallest=min(amounts))
    kept = whole_awards(amounts, granted)
    taken = sum(amount for amount, is_kept in zip(amounts, kept, strict=True) if is_kept)
    give_back(budget, granted - taken)
    return kept


def draw(budget: int, wanted: int, *, smallest: int = 1) -> int:
    """Take points out of the tills, as many as there are up to what is wanted."""
    if not wanted:
        return 0
    with connection.cursor() as cursor:
        if finds_free(cursor, DRAW, {"budget": budget, "wanted": wanted, "space": TILL_SPACE}):
            granted = wanted
        else:
            cursor.execute(LEFT, [budget])
            if cursor.fetchone()[0] < smallest:
                return 0
            granted = gather(budget, wanted)
        # Also of nothing: who looked into the tills in vain holds them.
        cursor.execute(NOTE, [granted])
    return granted


def gather(budget: int, wanted: int) -> int:
    """Empty the tills together and spread the rest; give what was taken.

    Who holds no till yet waits for each in turn. Who holds one already takes what is free: two
    that hold and wait would wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(HAS_DRAWN)
        tills = hold(cursor, budget, waiting=not cursor.fetchone()[0])
        found: int = sum(left for _, left in tills)
        granted = min(found, wanted)
        fill(cursor, [till for till, _ in tills], found - granted)
    return granted


def hold(cursor: CursorWrapper, budget: int, *, waiting: bool) -> list[tuple[int, int]]:
    """Hold the tills of a budget, each or the free ones; give what is in each by now."""
    cursor.execute(WAIT_FOR_EACH if waiting else TAKE_FREE, {"budget": budget, "space": TILL_SPACE})
    cursor.execute(HELD, [[row[0] for row in cursor.fetchall()]])
    return list(cursor.fetchall())


def fill(cursor: CursorWrapper, tills: list[int], points: int) -> None:
    """Spread points over these tills, whatever they held before."""
    if tills:
        cursor.execute(PUT, [tills, spread(points, len(tills))])


def give_back(budget: int, points: int) -> None:
    """Put back what was drawn and not used, into a till this transaction holds or a free one."""
    if points:
        with connection.cursor() as cursor:
            cursor.execute(GIVE_BACK, {"budget": budget, "points": points, "space": TILL_SPACE})
            cursor.execute(NOTE, [-points])

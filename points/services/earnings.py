"""Earning facts: what limits have left of them, and how they are written down once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from psycopg import sql

from participants.models import Participant
from points.rules.earning import Rule, cap_window, rule_on
from points.services import ledger
from points.services.budget_guard import draw, fund, give_back

EARNED = """
SELECT item, period, points FROM points_award
WHERE participant_id = %s AND period BETWEEN %s AND %s
"""
LISTED = sql.SQL("""
    SELECT * FROM unnest(%(participations)s::bigint[], %(participants)s::bigint[],
        %(purses)s::bigint[], %(periods)s::date[], %(points)s::int[], %(reasons)s::text[],
        %(rules)s::bigint[], %(steps)s::int[], %(goals)s::int[]) AS listed (participation_id,
        participant_id, purse_id, period, points, reason, rule_id, steps, goal)
""")
DUE = sql.SQL("""
    due AS MATERIALIZED (
        SELECT *, 'award:' || participation_id || ':' || %(item)s || ':' || period AS key
        FROM ({due}) AS told
    ),
""")
TRANSFERS = sql.SQL("""
    SELECT key, (SELECT id FROM points_account WHERE code = 'programme-fund') AS source_id,
        purse_id AS target_id, points::bigint AS amount, %(item)s AS reason,
        period AS business_date, '' AS "case", NULL::bigint AS reversal_of_id
    FROM due WHERE points > 0
""")
# An award whose transfer was posted before, but which is missing itself, finds it by its key.
AWARDS = sql.SQL("""
    , awards AS (
        INSERT INTO points_award (participation_id, participant_id, item, period, points, reason,
            rule_id, steps, goal, transfer_id)
        SELECT due.participation_id, due.participant_id, %(item)s, due.period, due.points,
            due.reason, due.rule_id, due.steps, due.goal,
            CASE WHEN due.points = 0 THEN NULL WHEN posted.id IS NOT NULL THEN posted.id
                ELSE (SELECT id FROM points_transfer AS kept WHERE kept.key = due.key) END
        FROM due LEFT JOIN posted ON posted.key = due.key
        ON CONFLICT (participation_id, item, period) DO NOTHING
    )
""")
WANTED = sql.SQL("SELECT coalesce(sum(points), 0)::bigint FROM ({due}) AS due")
# By lot within a range of people, so that a low number is no advantage.
RANKED = sql.SQL("""
    SELECT *, sum(points) OVER (
        ORDER BY hashint8(participant_id # (period - date '2020-01-01')), participant_id) AS upto
    FROM ({due}) AS asked
""")
WITHIN = sql.SQL("""
    SELECT participation_id, participant_id, purse_id, period, points, reason, rule_id, steps, goal
    FROM ({ranked}) AS ranked WHERE points = 0 OR upto <= %(granted)s
""")
BEYOND = sql.SQL("""
    SELECT participation_id, participant_id, period, points
    FROM ({ranked}) AS ranked WHERE points > 0 AND upto > %(granted)s
""")
WAITS = sql.SQL("""
    INSERT INTO points_unfunded (participation_id, participant_id, item, period, points)
    SELECT participation_id, participant_id, %(item)s, period, points FROM ({due}) AS told
    ON CONFLICT (participant_id, item, period) DO NOTHING
""")


class Due(NamedTuple):
    """One earning fact that is to be written down; zero points only with their reason."""

    participation: int
    participant: int
    purse: int
    period: date
    points: int
    reason: str
    rule: int
    steps: int
    goal: int


@dataclass(frozen=True, slots=True)
class Earned:
    """What one person has been awarded in the periods that matter."""

    rows: list[tuple[str, date, int]]

    def award_of(self, item: str, period: date) -> int | None:
        found = (points for kind, on, points in self.rows if (kind, on) == (item, period))
        return next(found, None)

    def used(self, rule: Rule, day: date) -> dict[str, int]:
        """Give how much of each limit is used up in its period around a day."""
        used = {}
        for cap in rule.caps:
            first, last = cap_window(rule, cap, day)
            used[cap.group] = sum(
                points for item, on, points in self.rows if cap.covers(item) and first <= on <= last
            )
        return used


def read_earned(participant: Participant, rules: Iterable[Rule], days: Collection[date]) -> Earned:
    """Read what was awarded on these days and in every period that limits one of them."""
    known = list(rules)
    windows = [(day, day) for day in days] + [
        cap_window(rule, cap, day)
        for day in days
        if (rule := rule_on(known, day))
        for cap in rule.caps
    ]
    first, last = min(window[0] for window in windows), max(window[1] for window in windows)
    with connection.cursor() as cursor:
        cursor.execute(EARNED, [participant.pk, first, last])
        return Earned(list(cursor.fetchall()))


def record(item: str, due: Sequence[Due]) -> list[Due]:
    """Post and write down earning facts; the caller holds their purses.

    Give those that no budget was left for: they are written down too, and judged again.
    """
    if not due:
        return []
    funded = fund([(one.period, one.points) for one in due])
    waiting = [one for one, is_funded in zip(due, funded, strict=True) if not is_funded]
    listed = [one for one, is_funded in zip(due, funded, strict=True) if is_funded]
    if listed:
        record_all(LISTED, values_of(item, listed))
    if waiting:
        keep_waiting(LISTED, values_of(item, waiting))
    return waiting


def values_of(item: str, due: Sequence[Due]) -> dict[str, Any]:
    columns = [list(column) for column in zip(*due, strict=True)]
    names = (
        "participations", "participants", "purses", "periods", "points", "reasons", "rules",
        "steps", "goals",
    )  # fmt: skip
    return {"item": item, **dict(zip(names, columns, strict=True))}


def record_all(due: sql.Composable, values: dict[str, Any]) -> tuple[int, int]:
    """Post and write down every earning fact of a query in one statement. Give count and sum."""
    return ledger.post_many(TRANSFERS, values, given=DUE.format(due=due), then=AWARDS)


def record_within(budget: int, due: sql.Composable, values: dict[str, Any]) -> tuple[int, int]:
    """Post and write down of a query what a budget near its ceiling has money for."""
    with connection.cursor() as cursor:
        cursor.execute(WANTED.format(due=due), values)
        (wanted,) = cursor.fetchone()
    granted = draw(budget, wanted)
    if granted < wanted:
        ranked, values = RANKED.format(due=due), {**values, "granted": granted}
        keep_waiting(BEYOND.format(ranked=ranked), values)
        due = WITHIN.format(ranked=ranked)
    posted, points = record_all(due, values)
    give_back(budget, granted - points)
    return posted, points


def keep_waiting(due: sql.Composable, values: dict[str, Any]) -> None:
    """Write down, once, who has earned something that no budget was left for."""
    with connection.cursor() as cursor:
        cursor.execute(WAITS.format(due=due), values)

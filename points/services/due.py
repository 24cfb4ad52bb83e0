"""Who has a day or a week to be awarded, found and judged in SQL for a range of people at once.

The same rules as points.rules.earning and devices.rules.steps, over sets; tests compare the two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from psycopg import sql

from points.rules.earning import (
    SATURDAY,
    WALKING_DAY,
    WALKING_WEEK,
    Rule,
    cap_window,
    rule_on,
    week_of,
)
from points.services.accounts import lock_purses
from points.services.held import on_hold
from points.services.rulebook import Rulebook

# Steps of each person and day over all sources: per hour the largest, within the limits.
TOTALS = sql.SQL("""
    SELECT day.participant_id, day.activity_date, coalesce(day.steps, (
        SELECT least(sum(least(merged.steps, %(per_hour)s)), %(per_day)s) FROM (
            SELECT max(told.steps) AS steps
            FROM devices_daysteps AS one, unnest(one.hours) WITH ORDINALITY AS told (steps, hour)
            WHERE one.participant_id = day.participant_id
                AND one.activity_date = day.activity_date
            GROUP BY told.hour
        ) AS merged
    )) AS steps
    FROM (
        SELECT participant_id, activity_date, CASE WHEN count(*) = 1 THEN max(steps) END AS steps
        FROM devices_daysteps
        WHERE activity_date BETWEEN %(first)s AND %(last)s AND {people}
        GROUP BY participant_id, activity_date
    ) AS day
""")
# Each day that reached the goal of its own rule, with the steps and the goal.
REACHED = sql.SQL("""
    SELECT total.participant_id, total.activity_date, total.steps, needed.goal
    FROM ({totals}) AS total
    JOIN participants_participant AS person ON person.id = total.participant_id
    JOIN unnest(%(rule_firsts)s::date[], %(rule_lasts)s::date[], %(goals)s::int[],
        %(senior_goals)s::int[]) AS rule (first, last, goal, senior_goal)
        ON total.activity_date BETWEEN rule.first AND rule.last
    CROSS JOIN LATERAL (SELECT CASE WHEN person.senior_from <= total.activity_date
        THEN rule.senior_goal ELSE rule.goal END AS goal) AS needed
    WHERE total.steps >= needed.goal
""")
DAYS_DUE = sql.SQL("""
    SELECT taken.id AS participation_id, reached.participant_id, reached.steps, reached.goal
    FROM ({reached}) AS reached
    CROSS JOIN LATERAL (
        SELECT id FROM participants_participation
        WHERE participant_id = reached.participant_id AND status <> 'withdrawn'
            AND starts_on <= %(period)s AND ends_on >= %(period)s
        ORDER BY starts_on DESC, id DESC LIMIT 1
    ) AS taken
    WHERE ({awarded}) IS NULL
""")
# Days of every participation count; the bonus is booked on the one that began last.
WEEKS_DUE = sql.SQL("""
    SELECT taken.id AS participation_id, reached.participant_id,
        sum(reached.steps)::int AS steps, %(weekly_days)s::int AS goal
    FROM ({reached}) AS reached
    CROSS JOIN LATERAL (
        SELECT (array_agg(id ORDER BY starts_on DESC, id DESC))[1] AS id
        FROM participants_participation
        WHERE participant_id = reached.participant_id AND status <> 'withdrawn'
            AND starts_on <= %(last)s AND ends_on >= %(first)s
        HAVING bool_or(reached.activity_date BETWEEN starts_on AND ends_on)
    ) AS taken
    WHERE NOT EXISTS ({held}) AND ({awarded}) IS NULL
    GROUP BY taken.id, reached.participant_id
    HAVING count(*) >= %(weekly_days)s AND bool_or(
        NOT %(needs_weekend)s OR extract(isodow FROM reached.activity_date) > %(friday)s)
""")
# Looked up person by person: a join would read the awards of a whole year.
AWARDED = sql.SQL("""
    SELECT true FROM {awards} AS award WHERE award.participant_id = reached.participant_id
        AND award.item = %(item)s AND award.period = %(period)s LIMIT 1
""")
RANGE = sql.SQL("participant_id BETWEEN %(low)s AND %(high)s")
# Those who have something coming, their purses held in order of their number.
HOLD_DUE = sql.SQL("""
    WITH due AS MATERIALIZED ({due}),
    held AS (
        SELECT id, participant_id FROM points_account
        WHERE participant_id IN (SELECT participant_id FROM due)
        ORDER BY id FOR NO KEY UPDATE
    )
    SELECT count(*), array_agg(participation_id)::text, array_agg(participant_id)::text,
        array_agg(held.id)::text, array_agg(steps)::text, array_agg(goal)::text,
        array_agg(participant_id) FILTER (WHERE held.id IS NULL)
    FROM due LEFT JOIN held USING (participant_id)
""")
JUDGED = sql.SQL("""
    SELECT due.participation_id, due.participant_id, due.purse_id, %(period)s::date AS period,
        least(%(points)s, used.room) AS points,
        CASE WHEN least(%(points)s, used.room) > 0 THEN %(reason)s ELSE 'cap_reached' END
            AS reason, %(rule)s AS rule_id, due.steps, due.goal
    FROM {due} AS due (participation_id, participant_id, purse_id, steps, goal)
    CROSS JOIN LATERAL (
        SELECT {room} AS room,
            bool_or(award.item = %(item)s AND award.period = %(period)s) AS awarded
        FROM {awards} AS award
        WHERE award.participant_id = due.participant_id
            AND award.period BETWEEN %(caps_from)s AND %(caps_to)s
    ) AS used
    WHERE used.awarded IS NOT TRUE
        AND (%(item)s <> 'walking_day' OR NOT EXISTS ({held}))
""")
HELD_PEOPLE = sql.SQL("""unnest(%(participations)s::bigint[], %(people)s::bigint[],
    %(purses)s::bigint[], %(steps)s::int[], %(goals)s::int[])""")
# The book itself; a simulation keeps one of its own.
BOOK = sql.Identifier("points_award")
CAP_ROOM = sql.SQL("""greatest(0, {amount} - coalesce(sum(award.points) FILTER (
    WHERE award.period BETWEEN {first} AND {last} AND {covers}), 0))::int""")


class Found(NamedTuple):
    """People with something coming: how many, and column by column as arrays in SQL's text.

    The columns go back to the database as they came: to read a million numbers would take longer
    than to judge them.
    """

    number: int
    participations: str
    people: str
    purses: str
    steps: str
    goals: str


@dataclass(frozen=True, slots=True)
class Question:
    """One day or week to settle: its rule, and everything SQL must know of it."""

    item: str
    period: date
    rule: Rule
    due: sql.SQL
    values: dict[str, Any]


def ask_day(book: Rulebook, day: date) -> Question | None:
    """Ask who reached the goal of a day; nothing when no rule was in force."""
    rule = rule_on(book.rules, day)
    if rule is None or not rule.daily_points:
        return None
    values = {"points": rule.daily_points, "reason": "goal_reached"}
    return question(book, WALKING_DAY, day, rule, DAYS_DUE, (day, day), values)


def ask_week(book: Rulebook, sunday: date) -> Question | None:
    """Ask who earned the bonus of a week; nothing when the rule of its Sunday has none."""
    rule = rule_on(book.rules, sunday)
    if rule is None or not rule.weekly_points:
        return None
    values = {
        "points": rule.weekly_points,
        "reason": "week_reached",
        "weekly_days": rule.weekly_days,
        "needs_weekend": rule.weekly_needs_weekend,
        "friday": SATURDAY,
    }
    return question(book, WALKING_WEEK, sunday, rule, WEEKS_DUE, week_of(sunday), values)


def question(
    book: Rulebook,
    item: str,
    period: date,
    rule: Rule,
    due: sql.SQL,
    days: tuple[date, date],
    values: dict[str, Any],
) -> Question:
    first, last = days
    known = {
        "item": item,
        "period": period,
        "rule": book.ids[rule.code],
        **goals_between(book.rules, first, last),
        **limits(first, last),
        **values,
    }
    return Question(item, period, rule, due, known)


def limits(first: date, last: date) -> dict[str, Any]:
    return {
        "first": first,
        "last": last,
        "per_hour": settings.STEPS_PER_HOUR_LIMIT,
        "per_day": settings.STEPS_PER_DAY_LIMIT,
    }


def goals_between(rules: Iterable[Rule], first: date, last: date) -> dict[str, Any]:
    """Give the goals of every rule that is in force on one of these days."""
    touched = [
        rule
        for rule in rules
        if rule.effective_from <= last and (rule.effective_to is None or rule.effective_to >= first)
    ]
    return {
        "rule_firsts": [rule.effective_from for rule in touched],
        "rule_lasts": [rule.effective_to or date.max for rule in touched],
        "goals": [rule.goal for rule in touched],
        "senior_goals": [rule.senior_goal or rule.goal for rule in touched],
    }


def hold_due(asked: Question, low: int, high: int) -> Found | None:
    """Find who in a range of people is missing something, and hold their purses."""
    query = HOLD_DUE.format(due=due_of(asked, REACHED.format(totals=TOTALS.format(people=RANGE))))
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, {**asked.values, "low": low, "high": high})
            *columns, without_purse = cursor.fetchone()
        if not without_purse:
            return Found(*columns) if columns[0] else None
        lock_purses(without_purse)


def due_of(
    asked: Question, reached: sql.Composable, *, book: sql.Composable = BOOK
) -> sql.Composed:
    """Write the query for who is missing something in a book of awards."""
    held = on_hold(person="reached.participant_id", day="reached.activity_date")
    return asked.due.format(reached=reached, awarded=AWARDED.format(awards=book), held=held)


def judged(asked: Question, found: Found) -> tuple[sql.Composed, dict[str, Any]]:
    """Write the query that judges people, whose purses are held, as far as limits allow."""
    query, values = judgement(asked, HELD_PEOPLE)
    return query, {**values, **found._asdict()}


def judgement(
    asked: Question, due: sql.Composable, *, book: sql.Composable = BOOK
) -> tuple[sql.Composed, dict[str, Any]]:
    """Write the query that gives those who are due what a book's awards leave of the limits."""
    first, last = caps_span(asked)
    # Asked once the purses are held: whoever puts a day on hold takes the purse first.
    held = on_hold(person="due.participant_id", day="%(period)s")
    query = JUDGED.format(room=room_of(asked), held=held, due=due, awards=book)
    return query, {**asked.values, "caps_from": first, "caps_to": last}


def caps_span(asked: Question) -> tuple[date, date]:
    """Give the days whose awards decide: the period itself, and what its limits count."""
    windows = [cap_window(asked.rule, cap, asked.period) for cap in asked.rule.caps]
    windows.append((asked.period, asked.period))
    return min(first for first, _ in windows), max(last for _, last in windows)


def room_of(asked: Question) -> sql.Composable:
    """Write the room under the tightest limit of an item as one aggregate expression."""
    rooms = []
    for cap in asked.rule.caps:
        if not cap.covers(asked.item):
            continue
        first, last = cap_window(asked.rule, cap, asked.period)
        covers: sql.Composable = sql.SQL("true")
        if cap.items:
            covers = sql.SQL("award.item = ANY({items})").format(items=list(cap.items))
        rooms.append(CAP_ROOM.format(amount=cap.amount, first=first, last=last, covers=covers))
    if not rooms:
        return sql.SQL("2147483647")
    return sql.SQL("least({rooms})").format(rooms=sql.SQL(", ").join(rooms))

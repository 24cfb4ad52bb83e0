"""A book of awards that is never posted: a range of people, settled night by night as it was.

The same queries that settle a real day and week judge here, over a book of their own. Nothing
is locked, nothing is posted, and the book is gone when the transaction ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from psycopg import sql

from points.models import ActivityRate
from points.rules.activities import ACTIVITIES
from points.rules.earning import ONE_DAY, cap_window, rule_on
from points.services.due import (
    RANGE,
    REACHED,
    TOTALS,
    Question,
    ask_day,
    ask_week,
    due_of,
    goals_between,
    judgement,
    limits,
    question,
)
from points.services.rulebook import Rulebook

MONDAY = 0
SIX_DAYS = timedelta(days=6)
OPEN = sql.SQL("""
    CREATE TEMPORARY TABLE {book} (
        participant_id bigint NOT NULL, item text NOT NULL, period date NOT NULL,
        points integer NOT NULL, due integer NOT NULL
    ) ON COMMIT DROP;
    CREATE INDEX ON {book} (participant_id, period);
    CREATE TEMPORARY TABLE {reached} (
        participant_id bigint NOT NULL, activity_date date NOT NULL, steps integer NOT NULL,
        goal integer NOT NULL
    ) ON COMMIT DROP;
    CREATE INDEX ON {reached} (activity_date);
""")
FIND_REACHED = sql.SQL("INSERT INTO {reached} {query}")
CARRY_OVER = sql.SQL("""
    INSERT INTO {book} SELECT participant_id, item, period, points, points FROM points_award
    WHERE {people} AND period >= %(caps_from)s AND period < %(first)s
""")
REACHED_BETWEEN = sql.SQL("""
    SELECT participant_id, activity_date, steps, goal FROM {reached}
    WHERE activity_date BETWEEN %(first)s AND %(last)s
""")
JUST_DUE = sql.SQL("""(
    SELECT participation_id, participant_id, NULL::bigint, steps, goal FROM ({due}) AS told
)""")
# What was done stays done under any rule; what it earns is judged anew.
ACTIVITIES_DUE = sql.SQL("""
    SELECT participation_id, participant_id, 0 AS steps, 0 AS goal FROM points_award
    WHERE participant_id BETWEEN %(low)s AND %(high)s
        AND item = %(item)s AND period = %(period)s
""")
WRITE_DOWN = sql.SQL("""
    INSERT INTO {book} SELECT participant_id, %(item)s, period, points, %(points)s
    FROM ({judged}) AS judged
""")
DONE = """
SELECT DISTINCT period, item FROM points_award
WHERE participant_id BETWEEN %(low)s AND %(high)s AND period BETWEEN %(first)s AND %(last)s
    AND item = ANY(%(items)s)
"""


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are simulated and the range of people."""

    first: date
    last: date
    low: int
    high: int

    @property
    def values(self) -> dict[str, Any]:
        return {"low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class SimulatedBook:
    """Two temporary tables: the goal days of a range of people, and what they were awarded."""

    name: str
    rules: Rulebook
    span: Span

    @property
    def awards(self) -> sql.Identifier:
        return sql.Identifier(f"simulated_{self.name}")

    @property
    def reached(self) -> sql.Identifier:
        return sql.Identifier(f"simulated_{self.name}_days")

    def fill(self) -> None:
        """Settle every day and week of the span, in the order in which nights settle them."""
        self.open()
        rates = list(ActivityRate.objects.released())
        for asked in self.questions(rates):
            self.settle(asked)

    def open(self) -> None:
        span, rules = self.span, self.rules.rules
        first = span.first - SIX_DAYS  # The week of the first Sunday began before.
        caps_from = min(
            (
                cap_window(rule, cap, span.first)[0]
                for rule in rules
                if rule == rule_on(rules, span.first)
                for cap in rule.caps
            ),
            default=span.first,
        )
        told = {**limits(first, span.last), **goals_between(rules, first, span.last)}
        reached = REACHED.format(totals=TOTALS.format(people=RANGE))
        with connection.cursor() as cursor:
            cursor.execute(OPEN.format(book=self.awards, reached=self.reached))
            cursor.execute(
                FIND_REACHED.format(reached=self.reached, query=reached), {**told, **span.values}
            )
            cursor.execute(
                CARRY_OVER.format(book=self.awards, people=RANGE),
                {**span.values, "caps_from": caps_from, "first": span.first},
            )

    def questions(self, rates: list[ActivityRate]) -> Iterator[Question]:
        """Ask what each night asked: a day on the night after it, a week once Monday is over."""
        done = self.done()
        day, asked = self.span.first, None
        while day <= self.span.last:
            for item in sorted(done.get(day, ())):
                yield from self.ask_activity(item, day, rates)
            if asked := ask_day(self.rules, day):
                yield asked
            sunday = day - ONE_DAY
            if day.weekday() == MONDAY and sunday >= self.span.first:
                yield from self.ask_week(sunday)
            day += ONE_DAY
        if day.weekday() == MONDAY:
            yield from self.ask_week(self.span.last)

    def ask_week(self, sunday: date) -> Iterator[Question]:
        if asked := ask_week(self.rules, sunday):
            yield asked

    def ask_activity(self, item: str, day: date, rates: list[ActivityRate]) -> Iterator[Question]:
        rule = rule_on(self.rules.rules, day)
        known = [rate for rate in rates if rate.item == item and rate.effective_from <= day]
        if rule is None or not known:
            return
        points = max(known, key=lambda rate: rate.effective_from).points
        values = {"points": points, "reason": "activity_done"}
        yield question(self.rules, item, day, rule, ACTIVITIES_DUE, (day, day), values)

    def done(self) -> dict[date, set[str]]:
        """Give which activities were done on which days."""
        span = self.span
        found: dict[date, set[str]] = {}
        values = {**span.values, "first": span.first, "last": span.last, "items": list(ACTIVITIES)}
        with connection.cursor() as cursor:
            cursor.execute(DONE, values)
            for day, item in cursor.fetchall():
                found.setdefault(day, set()).add(item)
        return found

    def settle(self, asked: Question) -> None:
        reached = REACHED_BETWEEN.format(reached=self.reached)
        due = JUST_DUE.format(due=due_of(asked, reached, book=self.awards))
        query, values = judgement(asked, due, book=self.awards)
        with connection.cursor() as cursor:
            cursor.execute(
                WRITE_DOWN.format(book=self.awards, judged=query), {**values, **self.span.values}
            )

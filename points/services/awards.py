"""Judge a person's days and weeks by the pure rules, and post what they earned, once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from devices.models import DaySteps
from devices.services import walking
from participants.models import Participant
from points.models import Hold
from points.rules.earning import (
    WALKING_DAY,
    WALKING_WEEK,
    Outcome,
    Rule,
    cap_window,
    goal_on,
    judge_day,
    judge_week,
    rule_on,
    week_of,
)
from points.services.accounts import lock_purses
from points.services.earnings import Due, read_earned, record
from points.services.held import held_days
from points.services.rulebook import VERSION, Rulebook, rulebook_at
from seoul_health.core import clock
from seoul_health.core.audit import Actor

# A week is judged on the Tuesday after: Monday is left for phones that sync late.
WEEK_GRACE = timedelta(days=2)
CONFIRMED = Hold.Status.CONFIRMED

FACTS = f"""
SELECT {VERSION}, taken.id, taken.starts_on, taken.ends_on, award.period, award.points
FROM (SELECT 1) AS always
LEFT JOIN participants_participation AS taken
    ON taken.participant_id = %(person)s AND taken.status <> 'withdrawn'
    AND taken.starts_on <= %(last)s AND taken.ends_on >= %(first)s
LEFT JOIN points_award AS award
    ON award.participant_id = %(person)s AND award.item = %(item)s
    AND award.period = ANY(%(periods)s::date[])
ORDER BY taken.starts_on DESC, taken.id DESC
"""  # noqa: S608 — VERSION is our own text


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a person when days or weeks are judged."""

    participant: Participant
    book: Rulebook
    participations: tuple[tuple[int, date, date], ...]
    awarded: Mapping[date, int]

    def rule_on(self, day: date) -> Rule | None:
        return rule_on(self.book.rules, day)

    def age_on(self, day: date) -> int | None:
        """Say no more of a person's age than that the day counts as a senior's."""
        rule = self.rule_on(day)
        return rule.senior_age if rule and self.participant.is_senior_on(day) else None

    def participation_on(self, day: date) -> int | None:
        return next((pk for pk, first, last in self.participations if first <= day <= last), None)

    def grounds_on(self, day: date) -> tuple[Rule, int]:
        """Give the rule and the participation under which a day that is due was walked."""
        rule, participation = self.rule_on(day), self.participation_on(day)
        if rule is None or participation is None:
            raise AssertionError("Only a day of a participation under a rule is due.")
        return rule, participation

    def participation_in_week(self, day: date) -> int | None:
        """Find the one a week is booked on: of several, the one that began last."""
        monday, sunday = week_of(day)
        found = (one for one in self.participations if one[1] <= sunday and one[2] >= monday)
        return next((pk for pk, _first, _last in found), None)

    def counts_for(self, sunday: date, day: date) -> bool:
        """Tell whether a day is of this week, and one on which the person took part."""
        return week_of(day)[1] == sunday and self.participation_on(day) is not None

    def judge(
        self, day: date, steps: int | None, used: Mapping[str, int], *, held: str = ""
    ) -> Outcome:
        outcome = judge_day(
            self.rule_on(day),
            day,
            steps=steps,
            age=self.age_on(day),
            used=used,
            participating=self.participation_on(day) is not None,
            on_hold=bool(held),
        )
        is_final = held == CONFIRMED and outcome.reason == "on_hold"
        return replace(outcome, reason="hold_confirmed") if is_final else outcome


@transaction.atomic
def judge_days(participant: Participant, days: Iterable[date], *, by: Actor) -> dict[date, Outcome]:
    """Post what these days, and the weeks they are in, have earned and do not have yet."""
    wanted = sorted(set(days))
    totals = walking.day_totals(participant, wanted)
    outcomes = judge_totals(participant, {day: totals.get(day) for day in wanted})
    judge_weeks(participant, wanted)
    return outcomes


def judge_totals(
    participant: Participant, totals: Mapping[date, int | None]
) -> dict[date, Outcome]:
    """Judge days by their steps; what was awarded before stays as it was."""
    if not totals:
        return {}
    facts = read_facts(participant, WALKING_DAY, list(totals))
    outcomes = {day: facts.judge(day, steps, {}) for day, steps in sorted(totals.items())}
    fresh = [day for day, outcome in outcomes.items() if outcome.due and day not in facts.awarded]
    if fresh:
        outcomes |= award_days(facts, {day: totals[day] or 0 for day in fresh})
    return {day: as_awarded(facts, day, outcome) for day, outcome in outcomes.items()}


def award_days(facts: Facts, totals: Mapping[date, int]) -> dict[date, Outcome]:
    """Award days that reached their goal, the earliest first, as far as the limits allow."""
    person = facts.participant
    purse = lock_purses([person.pk])[person.pk]
    # Asked once the purse is held: whoever puts a day on hold takes the purse first.
    held = held_days(person, totals)
    earned = read_earned(person, facts.book.rules, list(totals))
    outcomes: dict[date, Outcome] = {}
    due: list[Due] = []
    for day, steps in totals.items():
        known = earned.award_of(WALKING_DAY, day)
        rule, participation = facts.grounds_on(day)
        outcome = facts.judge(day, steps, earned.used(rule, day), held=held.get(day, ""))
        outcomes[day] = outcome if known is None else told(facts, day, outcome, known)
        if known is None and day not in held:
            earned.rows.append((WALKING_DAY, day, outcome.points))
            due.append(
                Due(
                    participation, person.pk, purse, day, outcome.points, outcome.reason,
                    facts.book.ids[rule.code], steps, outcome.goal,
                )
            )  # fmt: skip
    for one in record(WALKING_DAY, due):
        outcomes[one.period] = unfunded(outcomes[one.period])
    return outcomes


def judge_weeks(participant: Participant, days: Iterable[date]) -> None:
    """Award the weeks of these days that are over and have no bonus yet."""
    closed = clock.today() - WEEK_GRACE
    sundays = sorted({sunday for day in days if (sunday := week_of(day)[1]) <= closed})
    if not sundays:
        return
    facts = read_facts(participant, WALKING_WEEK, sundays)
    missing = [sunday for sunday in sundays if sunday not in facts.awarded]
    if missing:
        reached = goal_days(facts, missing)
        for sunday in missing:
            award_week(facts, sunday, reached)


def award_week(facts: Facts, sunday: date, reached: Mapping[date, int]) -> None:
    taking, rule = facts.participation_in_week(sunday), facts.rule_on(sunday)
    if taking is None or rule is None:
        return
    days = [day for day in reached if facts.counts_for(sunday, day)]
    if not judge_week(rule, sunday, goal_days=days, used={}).due:
        return
    person = facts.participant
    purse = lock_purses([person.pk])[person.pk]
    earned = read_earned(person, facts.book.rules, [sunday])
    if earned.award_of(WALKING_WEEK, sunday) is not None:
        return
    outcome = judge_week(rule, sunday, goal_days=days, used=earned.used(rule, sunday))
    steps = sum(reached[day] for day in days)
    due = Due(
        taking, person.pk, purse, sunday, outcome.points, outcome.reason,
        facts.book.ids[rule.code], steps, rule.weekly_days,
    )  # fmt: skip
    record(WALKING_WEEK, [due])


def goal_days(facts: Facts, sundays: Sequence[date]) -> dict[date, int]:
    """Give the days of these weeks that reached their own day's goal, with their steps."""
    first, last = week_of(sundays[0])[0], sundays[-1]
    rows = DaySteps.objects.between(facts.participant, first, last)
    days = set(rows.values_list("activity_date", flat=True))
    held = held_days(facts.participant, days)
    return {
        day: steps
        for day, steps in walking.day_totals(facts.participant, days - held.keys()).items()
        if (rule := facts.rule_on(day)) and steps >= goal_on(rule, facts.age_on(day))
    }


def read_facts(participant: Participant, item: str, periods: Sequence[date]) -> Facts:
    """Read participations, earlier awards and the version of the rules in one go."""
    values: dict[str, Any] = {
        "person": participant.pk,
        "item": item,
        "first": week_of(min(periods))[0] if item == WALKING_WEEK else min(periods),
        "last": max(periods),
        "periods": list(periods),
    }
    with connection.cursor() as cursor:
        cursor.execute(FACTS, values)
        rows = cursor.fetchall()
    return Facts(
        participant=participant,
        book=rulebook_at(rows[0][0]),
        participations=tuple({row[1:4]: None for row in rows if row[1] is not None}),
        awarded={row[4]: row[5] for row in rows if row[4] is not None},
    )


def unfunded(outcome: Outcome) -> Outcome:
    """Tell of a day that was earned and waits for the budget."""
    return replace(outcome, points=0, reason="budget_spent", cap_left=None, next_chance=None)


def as_told(facts: Facts, day: date, outcome: Outcome, waiting: Collection[date]) -> Outcome:
    """Tell what a day was awarded, or that it waits for the budget."""
    if day in facts.awarded or day not in waiting or outcome.reason != "goal_reached":
        return as_awarded(facts, day, outcome)
    return unfunded(outcome)


def as_awarded(facts: Facts, day: date, outcome: Outcome) -> Outcome:
    known = facts.awarded.get(day)
    return outcome if known is None else told(facts, day, outcome, known)


def told(facts: Facts, day: date, outcome: Outcome, points: int) -> Outcome:
    """Tell of a day what it was awarded, which later facts do not change."""
    rule = facts.rule_on(day)
    if points or rule is None:
        return replace(outcome, points=points, reason="goal_reached")
    ends = [cap_window(rule, cap, day)[1] for cap in rule.caps if cap.covers(WALKING_DAY)]
    chance = max(ends) + timedelta(days=1) if ends else None
    return replace(outcome, points=0, reason="cap_reached", next_chance=chance)

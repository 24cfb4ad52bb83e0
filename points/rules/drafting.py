"""A drafted rule before anybody lives by it: what is wrong with it, and what a week would give."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from points.rules.earning import MONDAY_TO_SUNDAY, Rule, judge_day, judge_week, week_of

MOST_STEPS = 100_000
MOST_POINTS = 100_000
TAKEN_WORDS = ("new",)
EXAMPLES: tuple[tuple[str | Promise, tuple[int, ...]], ...] = (
    (_("Seven goal days"), (0, 1, 2, 3, 4, 5, 6)),
    (_("Six goal days, with Saturday"), (0, 1, 2, 3, 4, 5)),
    (_("Five goal days, one of them on the weekend"), (0, 1, 2, 3, 5)),
    (_("Five goal days, Monday to Friday"), (0, 1, 2, 3, 4)),
    (_("Three goal days, one of them on the weekend"), (0, 2, 5)),
    (_("One goal day"), (2,)),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a draft from coming into force, beside the field it is about."""

    field: str
    message: str | Promise


@dataclass(frozen=True, slots=True)
class Example:
    """A week of walking, and what it gives now and by the draft."""

    label: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


def problems(rule: Rule, *, items: Collection[str], after: date) -> list[Problem]:
    """Find what is wrong with a draft that is to begin after a day."""
    return [
        *timing_problems(rule, after),
        *goal_problems(rule),
        *week_problems(rule),
        *cap_problems(rule, items),
    ]


def timing_problems(rule: Rule, after: date) -> Iterator[Problem]:
    if rule.effective_from <= after:
        yield Problem("effective_from", _("Choose a day after {day}.").format(day=after))
    if rule.code in TAKEN_WORDS:
        yield Problem("code", _("This code is a word of the address; choose another one."))


def goal_problems(rule: Rule) -> Iterator[Problem]:
    if not 1_000 <= rule.goal <= MOST_STEPS:
        yield Problem("goal", _("A goal is between 1,000 and 100,000 steps."))
    if rule.senior_goal is not None and not 1_000 <= rule.senior_goal <= rule.goal:
        yield Problem("senior_goal", _("The goal of seniors is at most the goal of everybody."))
    if not 0 < rule.daily_points <= MOST_POINTS:
        yield Problem("daily_points", _("A goal day earns between 1 and 100,000 points."))


def week_problems(rule: Rule) -> Iterator[Problem]:
    if rule.weekly_points > MOST_POINTS:
        yield Problem("weekly_points", _("A week earns at most 100,000 points."))
    if rule.weekly_points and not 1 <= rule.weekly_days <= MONDAY_TO_SUNDAY:
        yield Problem("weekly_days", _("Say how many goal days the bonus needs, from 1 to 7."))
    if rule.weekly_days and not rule.weekly_points:
        yield Problem("weekly_points", _("Say how many points the weekly bonus is, or no days."))
    if rule.weekly_needs_weekend and not rule.weekly_points:
        yield Problem("weekly_needs_weekend", _("Without a weekly bonus no weekend day is needed."))


def cap_problems(rule: Rule, items: Collection[str]) -> Iterator[Problem]:
    groups = [cap.group for cap in rule.caps]
    if len(set(groups)) < len(groups):
        yield Problem("caps", _("Two limits have the same group."))
    for cap in rule.caps:
        if unknown := sorted(set(cap.items) - set(items)):
            yield Problem(
                "caps", _("{group}: nothing is called {item}.").format(
                    group=cap.group, item=", ".join(unknown)
                )
            )  # fmt: skip
        if len(set(cap.items)) < len(cap.items):
            yield Problem("caps", _("{group}: something is listed twice.").format(group=cap.group))
        if cap.amount < rule.daily_points:
            yield Problem(
                "caps", _("{group}: the limit is less than one goal day.").format(group=cap.group)
            )


def weeks_of(before: Rule | None, after: Rule) -> list[Example]:
    """Give what typical weeks earn now and by the draft, limits aside."""
    return [
        Example(str(label), week_points(before, days) if before else 0, week_points(after, days))
        for label, days in EXAMPLES
    ]


def week_points(rule: Rule, weekdays: Collection[int]) -> int:
    """Add up a week with these goal days by the rules that judge real ones."""
    monday, sunday = week_of(rule.effective_from + timedelta(days=MONDAY_TO_SUNDAY))
    days = [monday + timedelta(days=day) for day in weekdays]
    daily = sum(judge_day(rule, day, steps=rule.goal, age=None, used={}).points for day in days)
    return daily + judge_week(rule, sunday, goal_days=days, used={}).points

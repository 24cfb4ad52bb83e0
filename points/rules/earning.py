"""What a day and a week of walking earn, as a pure function of the facts."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from seoul_health.core.clock import add_months

WALKING_DAY = "walking_day"
WALKING_WEEK = "walking_week"
ONE_DAY = timedelta(days=1)
MONDAY_TO_SUNDAY = 7
SATURDAY = 5
HALF_YEAR = 6


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that some items (none named: all items) may earn in a period."""

    group: str
    items: tuple[str, ...]
    amount: int
    period: str

    def covers(self, item: str) -> bool:
        return not self.items or item in self.items


@dataclass(frozen=True, slots=True)
class Rule:
    """An earning rule, in force from its first to its last day, both included."""

    code: str
    effective_from: date
    effective_to: date | None
    goal: int
    senior_goal: int | None
    senior_age: int
    daily_points: int
    weekly_points: int = 0
    weekly_days: int = 0
    weekly_needs_weekend: bool = False
    caps: tuple[Cap, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """An award, or the reason why there is none, with the numbers that explain it."""

    points: int
    reason: str
    goal: int = 0
    due: int = 0
    missing_steps: int = 0
    missing_days: int = 0
    next_chance: date | None = None
    rule_code: str = ""
    cap_left: int | None = None
    cap_group: str = ""


def rule_on(rules: Iterable[Rule], day: date) -> Rule | None:
    """Find the rule in force on a day; of several, the one that came last."""
    in_force = [
        rule
        for rule in rules
        if rule.effective_from <= day and (rule.effective_to is None or day <= rule.effective_to)
    ]
    return max(in_force, key=lambda rule: rule.effective_from, default=None)


def goal_on(rule: Rule, age: int | None) -> int:
    """Give the steps a person of this age needs; an unknown age has the common goal."""
    if rule.senior_goal is None or age is None or age < rule.senior_age:
        return rule.goal
    return rule.senior_goal


def week_of(day: date) -> tuple[date, date]:
    """Give the Monday and the Sunday around a day."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=MONDAY_TO_SUNDAY - 1)


def cap_window(rule: Rule, cap: Cap, day: date) -> tuple[date, date]:
    """Give the days over which a cap counts: a new rule starts every cap anew."""
    if cap.period == "year":
        first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    else:
        first, last = _half_year_around(rule.effective_from, day)
    if rule.effective_to is not None:
        last = min(last, rule.effective_to)
    return max(first, rule.effective_from), last


def _half_year_around(anchor: date, day: date) -> tuple[date, date]:
    months = (day.year - anchor.year) * 12 + day.month - anchor.month
    if add_months(anchor, months) > day:
        months -= 1
    start = months // HALF_YEAR * HALF_YEAR
    return add_months(anchor, start), add_months(anchor, start + HALF_YEAR) - ONE_DAY


def cap_room(rule: Rule, item: str, used: Mapping[str, int]) -> tuple[int | None, str]:
    """Give the room under the tightest cap of an item and that cap's group."""
    rooms = [
        (max(0, cap.amount - used.get(cap.group, 0)), cap.group)
        for cap in rule.caps
        if cap.covers(item)
    ]
    return min(rooms, key=lambda room: room[0], default=(None, ""))


def judge_day(
    rule: Rule | None,
    day: date,
    *,
    steps: int | None,
    age: int | None,
    used: Mapping[str, int],
    participating: bool = True,
    on_hold: bool = False,
) -> Outcome:
    """Say what a day's accepted steps earn under the rule of that day, and why."""
    tomorrow = day + ONE_DAY
    if not participating:
        return Outcome(0, "not_participating")
    if rule is None:
        return Outcome(0, "no_rule")
    goal = goal_on(rule, age)
    unearned = Outcome(0, "no_data", goal=goal, next_chance=tomorrow, rule_code=rule.code)
    if steps is None:
        return replace(unearned, missing_steps=goal)
    if steps < goal:
        return replace(unearned, reason="below_goal", missing_steps=goal - steps)
    if on_hold:
        return replace(unearned, reason="on_hold", due=rule.daily_points)
    earned = Outcome(0, "goal_reached", goal=goal, due=rule.daily_points, rule_code=rule.code)
    return _award(earned, rule, WALKING_DAY, day, used)


def judge_week(
    rule: Rule | None,
    day: date,
    *,
    goal_days: Collection[date],
    used: Mapping[str, int],
    participating: bool = True,
    on_hold: bool = False,
) -> Outcome:
    """Say what the week around a day earns under the rule of its Sunday, and why."""
    monday, sunday = week_of(day)
    if not participating:
        return Outcome(0, "not_participating")
    if rule is None:
        return Outcome(0, "no_rule")
    if not rule.weekly_points:
        return Outcome(0, "no_weekly_bonus", rule_code=rule.code)
    reached = {one for one in goal_days if monday <= one <= sunday}
    missing = max(0, rule.weekly_days - len(reached))
    next_sunday = sunday + timedelta(days=MONDAY_TO_SUNDAY)
    unearned = Outcome(0, "too_few_days", next_chance=next_sunday, rule_code=rule.code)
    if missing:
        return replace(unearned, missing_days=missing)
    if rule.weekly_needs_weekend and all(one.weekday() < SATURDAY for one in reached):
        return replace(unearned, reason="no_weekend_day")
    if on_hold:
        return replace(unearned, reason="on_hold", due=rule.weekly_points)
    earned = Outcome(0, "week_reached", due=rule.weekly_points, rule_code=rule.code)
    return _award(earned, rule, WALKING_WEEK, sunday, used)


def judge_activity(
    rule: Rule | None,
    day: date,
    *,
    item: str,
    points: int,
    used: Mapping[str, int],
    participating: bool = True,
    counted_before: bool = False,
) -> Outcome:
    """Say what an activity other than walking earns on a day, and why."""
    if not participating:
        return Outcome(0, "not_participating")
    if rule is None:
        return Outcome(0, "no_rule")
    if not points:
        return Outcome(0, "no_rate", rule_code=rule.code)
    if counted_before:
        return Outcome(0, "counted_already", rule_code=rule.code)
    earned = Outcome(0, "activity_done", due=points, rule_code=rule.code)
    return _award(earned, rule, item, day, used)


def _award(
    earned: Outcome,
    rule: Rule,
    item: str,
    day: date,
    used: Mapping[str, int],
) -> Outcome:
    """Pay what is due as far as the caps have room."""
    room, group = cap_room(rule, item, used)
    if room is None:
        return replace(earned, points=earned.due)
    points = min(earned.due, room)
    told = replace(earned, points=points, cap_left=room - points, cap_group=group)
    if points:
        return told
    cap = next(cap for cap in rule.caps if cap.group == group)
    return replace(told, reason="cap_reached", next_chance=cap_window(rule, cap, day)[1] + ONE_DAY)

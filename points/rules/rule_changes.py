"""What changes for a walker on the day a rule comes into force, in words for a statement."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.rules.earning import ONE_DAY, Rule, rule_on

PERIODS = {"half_year": gettext_lazy("half a year"), "year": gettext_lazy("a year")}


@dataclass(frozen=True, slots=True)
class RuleChange:
    """The day on which one rule took over from another."""

    day: date
    before: Rule
    after: Rule

    @property
    def key(self) -> str:
        return f"rule:{self.after.code}"


def changes_between(rules: Iterable[Rule], first: date, last: date) -> list[RuleChange]:
    """Give the days of a span on which a rule took over from another, the earliest first."""
    known = sorted(rules, key=lambda rule: rule.effective_from)
    starting = [rule for rule in known if first <= rule.effective_from <= last]
    return [
        RuleChange(rule.effective_from, before, rule)
        for rule in starting
        if (before := rule_on(known, rule.effective_from - ONE_DAY))
    ]


def words(change: RuleChange) -> str:
    """Say in one sentence what is earned otherwise from that day on."""
    parts = [part for part in parts_of(change.before, change.after) if part]
    return _("From {month}/{day}/{year}: {changes}.").format(
        year=change.day.year,
        month=change.day.month,
        day=change.day.day,
        changes=", ".join(parts) or _("a new rule under which the same is earned"),
    )


def parts_of(before: Rule, after: Rule) -> list[str]:
    return [
        arrow(_("{before} → {after} points a day"), before.daily_points, after.daily_points),
        arrow(_("goal of {before} → {after} steps"), before.goal, after.goal),
        senior_words(before, after),
        weekly_words(before, after),
        limit_words(before, after),
    ]


def arrow(shape: str, before: int, after: int) -> str:
    if before == after:
        return ""
    return shape.format(before=f"{before:,}", after=f"{after:,}")


def senior_words(before: Rule, after: Rule) -> str:
    earlier, later = before.senior_goal or before.goal, after.senior_goal or after.goal
    if earlier == later or (before.senior_goal is None and after.senior_goal is None):
        return ""
    return _("goal from the age of {age} {before} → {after} steps").format(
        age=after.senior_age, before=f"{earlier:,}", after=f"{later:,}"
    )


def weekly_words(before: Rule, after: Rule) -> str:
    terms = [
        (rule.weekly_points, rule.weekly_days, rule.weekly_needs_weekend)
        for rule in (before, after)
    ]
    if terms[0] == terms[1]:
        return ""
    if not after.weekly_points:
        return _("no weekly bonus any more (it was {points} points)").format(
            points=f"{before.weekly_points:,}"
        )
    shape = _("a weekly bonus of {points} points for {days} goal days")
    if after.weekly_needs_weekend:
        shape = _("a weekly bonus of {points} points for {days} goal days with a weekend day")
    return shape.format(points=f"{after.weekly_points:,}", days=after.weekly_days)


def limit_words(before: Rule, after: Rule) -> str:
    earlier, later = limits_of(before), limits_of(after)
    if earlier == later:
        return ""
    return _("limit of points {before} → {after}").format(before=earlier, after=later)


def limits_of(rule: Rule) -> str:
    """List a rule's limits, the tightest first: 62,500 a year / 75,000 a year."""
    listed = sorted({(cap.amount, cap.period) for cap in rule.caps})
    told = [
        _("{amount} {period}").format(amount=f"{amount:,}", period=PERIODS[period])
        for amount, period in listed
    ]
    return " / ".join(told) or _("none")

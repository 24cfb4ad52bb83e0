"""When points expire: a validity in months, moved on by what kept people from cashing out.

Every step keeps the order of days: what was earned earlier never expires later. So the oldest
points are also those that expire first, and spending the oldest first loses nobody a point.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from seoul_health.core.clock import add_months

# People are told this many days before the month in which points of theirs expire.
STEPS = (92, 30, 7)
ONE_DAY = timedelta(days=1)


class DarkDays(NamedTuple):
    """Days on which the partner paid nobody, the first and the last included."""

    first_day: date
    last_day: date

    @property
    def lasted(self) -> timedelta:
        return self.last_day - self.first_day + ONE_DAY

    @property
    def reaches(self) -> date:
        """Give the last day of what people had been told, or were told, will expire."""
        return self.last_day + timedelta(days=STEPS[0])


def expires_on(earned_on: date, *, months: int, dark: Iterable[DarkDays] = ()) -> date:
    """Give the first day on which points of an earning day are no longer there."""
    return moved_on(add_months(earned_on, months) + ONE_DAY, dark)


def moved_on(day: date, dark: Iterable[DarkDays]) -> date:
    """Move an expiry on by each dark spell that it falls into or that ended shortly before it."""
    for spell in dark:
        if spell.first_day <= day <= spell.reaches:
            day += spell.lasted
        elif day > spell.reaches:
            day = max(day, spell.reaches + spell.lasted)
    return day


def cutoff(day: date, *, months: int, dark: Iterable[DarkDays] = ()) -> date:
    """Give the last earning day whose points have expired when a day begins."""
    known = list(dark)
    earned_on = add_months(day, -months) - ONE_DAY
    while expires_on(earned_on, months=months, dark=known) > day:
        earned_on -= ONE_DAY
    return earned_on


def merged(spells: Iterable[DarkDays]) -> list[DarkDays]:
    """Join dark spells that share a day, so that no day counts twice."""
    joined: list[DarkDays] = []
    for spell in sorted(spells):
        if joined and spell.first_day <= joined[-1].last_day:
            last = joined.pop()
            spell = DarkDays(last.first_day, max(last.last_day, spell.last_day))
        joined.append(spell)
    return joined


def step_due(month: date, today: date) -> int | None:
    """Give how many days ahead the next telling of a month is, if it is time for one."""
    ahead = (month - today).days
    return min((step for step in STEPS if 0 < ahead <= step), default=None)

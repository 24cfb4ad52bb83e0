"""The day by which an applicant is promised a decision."""

from datetime import date, timedelta
from functools import cache

import holidays

SATURDAY = 5


@cache
def public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("KR", years=year))


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in public_holidays(day.year)


def working_days_after(day: date, count: int) -> date:
    """Count working days on from a day that is not counted itself."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day

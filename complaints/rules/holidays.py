"""The public holidays of Korea, with the days the city added or took away."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

import holidays

from .calendar import WorkCalendar

YEARS = range(2020, 2051)
NO_DAYS: Mapping[date, str] = MappingProxyType({})


@cache
def _holidays_of(year: int) -> Mapping[date, str]:
    found = holidays.country_holidays("KR", years=year, language="ko")
    return MappingProxyType(dict(sorted(found.items())))


def korean_holidays(years: Iterable[int]) -> dict[date, str]:
    """List the holidays of some years with their Korean names, substitute days included."""
    return {day: name for year in years for day, name in _holidays_of(year).items()}


def work_calendar(
    years: Iterable[int] = YEARS,
    *,
    added: Mapping[date, str] = NO_DAYS,
    removed: Collection[date] = (),
) -> WorkCalendar:
    """Make a calendar from the law's holidays and the city's own corrections."""
    known = {day: name for day, name in korean_holidays(years).items() if day not in removed}
    return WorkCalendar(holidays=MappingProxyType(known | dict(added)))

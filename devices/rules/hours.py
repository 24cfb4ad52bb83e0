"""When a site is open, and until when a word of it is fresh: only open minutes count."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from seoul_health.core import clock

PUBLIC_HOLIDAY = 7
# Nobody keeps a place closed longer and still tells of its stock.
FARTHEST_DAYS = 31

Span = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours of one site by day of the week, of holidays, and of single dates."""

    week: Mapping[int, Span] = field(default_factory=dict)
    special: Mapping[date, Span | None] = field(default_factory=dict)
    is_holiday: Callable[[date], bool] = lambda day: False

    def span_of(self, day: date) -> Span | None:
        """Give the hours of a date, or nothing if the site stays closed."""
        if day in self.special:
            return self.special[day]
        return self.week.get(PUBLIC_HOLIDAY if self.is_holiday(day) else day.weekday())

    def opening(self, day: date) -> tuple[datetime, datetime] | None:
        span = self.span_of(day)
        if span is None:
            return None
        return tuple(datetime.combine(day, at, clock.KST) for at in span)  # type: ignore[return-value] # Two in, two out.

    def is_open(self, moment: datetime) -> bool:
        opening = self.opening(clock.seoul_day(moment))
        return opening is not None and opening[0] <= moment < opening[1]


def fresh_until(observed_at: datetime, calendar: Calendar, *, minutes: int) -> datetime:
    """Say when so many open minutes will have passed since somebody looked.

    A site that never said when it is open is taken to be open always.
    """
    left = timedelta(minutes=minutes)
    if not calendar.week and not calendar.special:
        return observed_at + left
    day = clock.seoul_day(observed_at)
    for ahead in range(FARTHEST_DAYS):
        opening = calendar.opening(day + timedelta(days=ahead))
        if opening is None:
            continue
        start, end = max(observed_at, opening[0]), opening[1]
        if start >= end:
            continue
        if end - start >= left:
            return start + left
        left -= end - start
    return observed_at + timedelta(days=FARTHEST_DAYS)

"""Which days and hours of Seoul count as working time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from seoul_health.core.clock import KST

DAY_ENDS = time(18)
SHIFTS = ((time(9), time(12)), (time(13), DAY_ENDS))
WORKING_DAY = timedelta(hours=8)
WEEKEND = {5: _("Saturday"), 6: _("Sunday")}


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The working days and hours of a public office, given its holidays."""

    holidays: Mapping[date, str]

    def why_off(self, day: date) -> str | Promise | None:
        """Name the holiday or the weekend day; nothing for a working day."""
        return self.holidays.get(day) or WEEKEND.get(day.weekday())

    def is_working(self, day: date) -> bool:
        return self.why_off(day) is None

    def next_working(self, day: date) -> date:
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def shifts(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Give the morning and the afternoon of a day, or nothing when it is off."""
        if self.is_working(day):
            for opens, closes in SHIFTS:
                yield at_kst(day, opens), at_kst(day, closes)

    def add(self, at: datetime, span: timedelta) -> datetime:
        """Go forward by an amount of working time."""
        ends = [end for _start, end in self.worked(at, span)]
        return ends[-1] if ends else in_kst(at)

    def worked(self, at: datetime, span: timedelta) -> Iterator[tuple[datetime, datetime]]:
        """Lay an amount of working time on the calendar, piece by piece."""
        moment = in_kst(at)
        shifts = self._shifts_from(moment)
        while span:
            opens, closes = next(shifts)
            start = max(opens, moment)
            end = min(start + span, closes)
            yield start, end
            span -= end - start

    def _shifts_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = moment.date()
        while True:
            yield from (shift for shift in self.shifts(day) if shift[1] > moment)
            day += timedelta(days=1)


def working_minutes_between(start: datetime, end: datetime, calendar: WorkCalendar) -> int:
    """Count the whole working minutes from one moment to a later one."""
    start, end = in_kst(start), in_kst(end)
    worked = timedelta()
    day = start.date()
    while day <= end.date():
        for opens, closes in calendar.shifts(day):
            worked += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(days=1)
    return worked // timedelta(minutes=1)


def in_kst(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is no moment")
    return moment.astimezone(KST)


def at_kst(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=KST)


def end_of_day(day: date) -> datetime:
    """Say when a day-counted period of this day is over."""
    return at_kst(day, DAY_ENDS)

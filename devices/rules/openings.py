"""When slots lie, and from which moment each can be reserved."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

KST = timezone(timedelta(hours=9), "KST")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening plan as values: open hours, a break, and the days on which a stretch opens."""

    weekdays: frozenset[int]
    starts_at: time
    ends_at: time
    minutes: int
    opens_on: tuple[int, ...]
    opens_at: time
    pause: tuple[time, time] | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A slot to be made."""

    starts_at: datetime
    ends_at: datetime
    opens_at: datetime


def stretch_start(day: date, opens_on: Sequence[int]) -> date:
    """Give the first day of the stretch a day lies in: the last opening day up to it."""
    known = sorted(set(opens_on))
    earlier = [each for each in known if each <= day.day]
    if earlier:
        return day.replace(day=earlier[-1])
    last_month = day.replace(day=1) - ONE_DAY
    return last_month.replace(day=min(known[-1], last_month.day))


def opening_of(day: date, opens_on: Sequence[int], at: time) -> datetime:
    """Give the moment a day's slots open: the start of the stretch before its own."""
    own = stretch_start(day, opens_on)
    return datetime.combine(stretch_start(own - ONE_DAY, opens_on), at, KST)


def last_day_opened(now: datetime, opens_on: Sequence[int], at: time) -> date:
    """Give the last day whose slots have opened by a moment."""
    day = now.astimezone(KST).date()
    while opening_of(day + ONE_DAY, opens_on, at) <= now:
        day += ONE_DAY
    return day


def stretches(plan: Opening, day: date, closed: Collection[date] = ()) -> Iterator[Stretch]:
    """Lay out a day's slots; on closed days and other weekdays there are none."""
    if day.weekday() not in plan.weekdays or day in closed:
        return
    opens = opening_of(day, plan.opens_on, plan.opens_at)
    length = timedelta(minutes=plan.minutes)
    start, end = (datetime.combine(day, each, KST) for each in (plan.starts_at, plan.ends_at))
    while start + length <= end:
        if away := break_over(plan, start, start + length):
            start = away
            continue
        yield Stretch(start, start + length, opens)
        start += length


def break_over(plan: Opening, start: datetime, end: datetime) -> datetime | None:
    """Give the end of the break where a slot would reach into it."""
    if plan.pause is None:
        return None
    began, over = (datetime.combine(start.date(), each, KST) for each in plan.pause)
    return over if start < over and end > began else None

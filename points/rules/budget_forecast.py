"""When a budget runs out: the last weeks carried on, day by day, until each person's limit.

Three things are known and one is guessed. Known: how much was earned on each weekday, how many
people take part and joined lately, and what each of them may still earn. Guessed: that people go on
as they did; how much that can be wrong is read off the weeks themselves.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

WEEKDAYS = 7
# Four in five: half of a normal distribution's width that holds 80 % of it.
SPREAD = 1.2816


@dataclass(frozen=True, slots=True)
class Past:
    """What was earned on each day up to yesterday, oldest first, and by how many people."""

    last_day: date
    daily: tuple[int, ...]
    spent: int
    # How many people may still earn how much: {62500: 1000, 400: 12}.
    rooms: Mapping[int, int]
    # People who began to take part per day lately, and what a newcomer may earn.
    joining: float = 0.0
    room_of_newcomers: int = 0


@dataclass(frozen=True, slots=True)
class Ahead:
    """Everything earned up to a day, as expected and in a range that holds four of five cases."""

    day: date
    expected: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Outlook:
    days: tuple[Ahead, ...]
    runs_out_on: date | None
    earliest: date | None
    latest: date | None

    @property
    def at_the_end(self) -> Ahead | None:
        return self.days[-1] if self.days else None


def forecast(past: Past, *, ceiling: int, until: date) -> Outlook:
    """Carry the last weeks on to a day, and say when the ceiling is reached."""
    days = [past.last_day + timedelta(days=n) for n in range(1, (until - past.last_day).days + 1)]
    earned = list(accumulate(carried_on(past, days)))
    wobble = weekly_wobble(past)
    ahead = tuple(
        Ahead(
            day,
            past.spent + round(sum_so_far),
            past.spent + round(sum_so_far * max(0.0, 1 - wobble_after(wobble, past, n))),
            past.spent + round(sum_so_far * (1 + wobble_after(wobble, past, n))),
        )
        for n, (day, sum_so_far) in enumerate(zip(days, earned, strict=True), 1)
    )
    return Outlook(
        ahead,
        first_day(ahead, "expected", ceiling),
        first_day(ahead, "high", ceiling),
        first_day(ahead, "low", ceiling),
    )


def first_day(days: Sequence[Ahead], which: str, ceiling: int) -> date | None:
    return next((one.day for one in days if getattr(one, which) >= ceiling), None)


def carried_on(past: Past, days: Sequence[date]) -> list[float]:
    """Give what is earned on each day: everybody at the common pace, until their own limit."""
    pace = pace_by_weekday(past)
    shares = [pace[day.weekday()] for day in days]
    have = Crowd(past.rooms)
    earned = have.earn(shares)
    if past.joining > 0 and past.room_of_newcomers:
        one = Crowd({past.room_of_newcomers: 1})
        for begun in range(len(days)):
            for later, points in enumerate(one.earn(shares[begun:]), begun):
                earned[later] += points * past.joining
    return earned


def pace_by_weekday(past: Past) -> list[float]:
    """Give what one person who may still earn has earned on each weekday lately."""
    people = sum(number for room, number in past.rooms.items() if room > 0)
    if not people:
        return [0.0] * WEEKDAYS
    by_weekday: list[list[int]] = [[] for _ in range(WEEKDAYS)]
    for back, points in enumerate(reversed(past.daily)):
        by_weekday[(past.last_day - timedelta(days=back)).weekday()].append(points)
    return [statistics.fmean(seen) / people if seen else 0.0 for seen in by_weekday]


@dataclass(frozen=True, slots=True)
class Crowd:
    """People by what they may still earn."""

    rooms: Mapping[int, int]

    def earn(self, shares: Sequence[float]) -> list[float]:
        """Let each earn a share a day until their room is used up; give the sums of the days."""
        rooms = sorted((room, number) for room, number in self.rooms.items() if room > 0)
        people = sum(number for _, number in rooms)
        each, place, earned = 0.0, 0, []
        for share in shares:
            each += share
            today = 0.0
            while place < len(rooms) and rooms[place][0] <= each:
                room, number = rooms[place]
                today += number * (room - (each - share))
                people -= number
                place += 1
            earned.append(today + people * share)
        return earned


def weekly_wobble(past: Past) -> float:
    """Say by what part of itself a week differs from the usual week."""
    whole = len(past.daily) // WEEKDAYS * WEEKDAYS
    weeks = [
        sum(past.daily[len(past.daily) - whole :][n : n + WEEKDAYS])
        for n in range(0, whole, WEEKDAYS)
    ]
    mean = statistics.fmean(weeks) if weeks else 0.0
    return statistics.stdev(weeks) / mean if len(weeks) > 1 and mean else 0.0


def wobble_after(wobble: float, past: Past, days: int) -> float:
    """Say by what part a sum over so many days may be off: chance evens out, a wrong level not."""
    seen = max(1.0, len(past.daily) / WEEKDAYS)
    weeks = days / WEEKDAYS
    return SPREAD * wobble * math.sqrt(1 / max(weeks, 1 / WEEKDAYS) + 1 / seen)

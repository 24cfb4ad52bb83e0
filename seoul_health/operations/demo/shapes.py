"""Shapes of walking days: when people walk, and what a source tells of it."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random

from devices.rules.samples import Span
from devices.rules.spans import pack

MEAN = 8_600
STEP = 250
MOST = 30_000
VARIANTS = 24
HOUR = 3_600
#            0  1  2  3  4  5  6   7   8   9  10 11 12  13 14 15 16 17  18  19  20 21 22 23
WORKDAY = (0, 0, 0, 0, 0, 1, 5, 14, 15, 5, 3, 4, 10, 8, 3, 3, 4, 7, 15, 12, 8, 6, 3, 0)
DAY_OFF = (0, 0, 0, 0, 0, 0, 2, 5, 8, 11, 13, 12, 8, 7, 10, 12, 11, 8, 6, 5, 4, 3, 1, 0)
# Monday to Sunday; people of the programme walk most on Fridays.
WEEKDAYS = (1.0, 0.99, 1.01, 1.02, 1.12, 0.96, 0.86)


@dataclass(frozen=True, slots=True)
class Told:
    """One source's day in the spellings the database takes."""

    steps: int
    hours: str
    spans: str
    samples: str
    outcomes: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One day of one walker: as the wrist saw it, and as a phone left on desks did."""

    wrist: Told
    phone: Told


def steps_of(pace: float, day: date, dice: Random) -> int:
    """Choose a day's steps for somebody of this pace."""
    return min(int(MEAN * pace * WEEKDAYS[day.weekday()] * dice.gammavariate(9, 1 / 9)), MOST)


def shape_of(steps: int, day: date, variant: int) -> Shape:
    return _shape(steps // STEP, day.weekday() > 4, variant % VARIANTS)


@cache
def _shape(bucket: int, is_day_off: bool, variant: int) -> Shape:
    dice = Random(f"{bucket}/{is_day_off}/{variant}")  # noqa: S311 - invented data
    weights = [weight * dice.uniform(0.5, 1.6) for weight in (DAY_OFF if is_day_off else WORKDAY)]
    scale = (bucket * STEP + dice.randrange(STEP)) / sum(weights)
    hours = [int(weight * scale) for weight in weights]
    carried = [0 if dice.random() < 0.3 else int(hour * dice.uniform(0.8, 1)) for hour in hours]
    return Shape(_told(hours), _told(carried))


def _told(hours: list[int]) -> Told:
    walked = [(hour, steps) for hour, steps in enumerate(hours) if steps]
    spans = [pack(Span(hour * HOUR, (hour + 1) * HOUR, steps)) for hour, steps in walked]
    samples = ",".join(
        f'{{"start":"DAYT{hour:02}:00:00+09:00","end":"DAYT{hour + 1:02}:00:00+09:00",'
        f'"steps":{steps}}}'
        for hour, steps in walked
    )
    outcomes = ",".join(f'[{index},"accepted",""]' for index in range(len(walked)))
    return Told(sum(hours), _array(hours), _array(spans), f"[{samples}]", f"[{outcomes}]")


def _array(numbers: list[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"

"""What makes a lane and its quotas hang together, told before citizens are told of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from .districts import DISTRICTS
from .eligibility import WEEKDAYS, Failure

DECADES = (10, 20, 30, 40, 50, 60, 70, 80)
BY_WEEKDAY = "weekday_by_birth_year"
VALUED = ("district", "age_band")
LONGEST_OFFER = 24 * 14
OLDEST = 150


@dataclass(frozen=True, slots=True)
class QuotaShape:
    code: str
    group: str
    value: str
    seats: int
    spill_order: int
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LaneShape:
    name: str
    method: str
    opens_at: datetime
    closes_at: datetime
    offer_hours: int
    weekdays: Mapping[str, int]
    quotas: Sequence[QuotaShape] = ()


def lane_failures(lane: LaneShape) -> Iterator[Failure]:
    """Name everything that is wrong with a lane and with its quotas."""
    yield from own_failures(lane)
    for quota in lane.quotas:
        yield from quota_failures(quota, lane)
    yield from order_failures(lane.quotas)


def own_failures(lane: LaneShape) -> Iterator[Failure]:
    if lane.closes_at <= lane.opens_at:
        sentence = _("The window of the lane “{lane}” must close after it opens.")
        yield Failure("window_backwards", sentence, {"lane": lane.name})
    if not 1 <= lane.offer_hours <= LONGEST_OFFER:
        sentence = _("The time to accept a seat must be between 1 and {most} hours.")
        yield Failure("offer_hours", sentence, {"most": LONGEST_OFFER})
    if lane.weekdays and lane.method != BY_WEEKDAY:
        sentence = _("Weekdays belong only to lanes that give each decade of age its day.")
        yield Failure("weekdays_unused", sentence)
    if not are_weekdays(lane.weekdays):
        sentence = _("Weekdays must give decades of age (10, 20, …) a day from 1 to 7.")
        yield Failure("weekdays_wrong", sentence)


def are_weekdays(weekdays: object) -> bool:
    """Tell whether decades of age lead to ISO weekdays."""
    return isinstance(weekdays, Mapping) and all(
        str(decade) in {str(one) for one in DECADES}
        and isinstance(day, int)
        and not isinstance(day, bool)
        and day in WEEKDAYS
        for decade, day in weekdays.items()
    )


def quota_failures(quota: QuotaShape, lane: LaneShape) -> Iterator[Failure]:
    """Judge one quota beside the lane it belongs to."""
    about = {"quota": quota.code, "lane": lane.name}
    yield from value_failures(quota.group, quota.value)
    opens, closes = quota.opens_at or lane.opens_at, quota.closes_at or lane.closes_at
    if closes <= opens:
        sentence = _("The window of the seats “{quota}” must close after it opens.")
        yield Failure("wave_backwards", sentence, about)
    elif opens < lane.opens_at or closes > lane.closes_at:
        sentence = _("The window of the seats “{quota}” must lie inside that of the lane.")
        yield Failure("wave_outside", sentence, about)


def value_failures(group: str, value: str) -> Iterator[Failure]:
    """Judge what a group is narrowed to: a district of Seoul, or a band like 20-29."""
    if group == "district" and value not in DISTRICTS:
        sentence = _("“{value}” is not one of the 25 districts of Seoul.")
        yield Failure("unknown_district", sentence, {"value": value})
    if group == "age_band" and not is_age_band(value):
        sentence = _("“{value}” is not an age band. Please write it like 20-29.")
        yield Failure("unknown_age_band", sentence, {"value": value})
    if group not in VALUED and value:
        sentence = _("Only districts and age bands have a value; “{value}” must go.")
        yield Failure("value_unused", sentence, {"value": value})


def is_age_band(value: str) -> bool:
    found = re.fullmatch(r"([0-9]{1,3})-([0-9]{1,3})", value)
    return found is not None and int(found[1]) <= int(found[2]) <= OLDEST


def order_failures(quotas: Sequence[QuotaShape]) -> Iterator[Failure]:
    """Insist on one order in which seats that stay free are handed on."""
    orders = [quota.spill_order for quota in quotas]
    twice = sorted({order for order in orders if orders.count(order) > 1})
    if twice:
        sentence = _("Each quota of a lane needs its own spill-over order; used twice: {orders}.")
        yield Failure("order_twice", sentence, {"orders": ", ".join(map(str, twice))})

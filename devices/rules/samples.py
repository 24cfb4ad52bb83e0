"""What an upload says was walked, and into which Seoul hours it falls."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from devices.rules.health_stores import is_store_record, read_store_record
from devices.rules.omh import is_data_point, read_data_point
from devices.rules.times import Unreadable, read_moment

HOUR = 3600
DAY = 86400
LONGEST = timedelta(hours=24)
SHORTEST = timedelta(seconds=1)
STEPS_OF_NOBODY = 1_000_000
Reader = Callable[[Mapping[str, object]], tuple[datetime, datetime, object]]


@dataclass(frozen=True, slots=True)
class Sample:
    """Steps between two Seoul moments, in whole seconds, the end not included."""

    index: int
    start: datetime
    end: datetime
    steps: int


@dataclass(frozen=True, slots=True)
class Refusal:
    index: int
    reason: str


class Span(NamedTuple):
    """Steps between two seconds of one Seoul day, inside one hour."""

    start: int
    end: int
    steps: int


def parse_samples(
    items: Sequence[object],
    *,
    received_at: datetime,
    skew_minutes: int = 15,
) -> tuple[list[Sample], list[Refusal]]:
    """Part an upload into what can be counted and what cannot, each with its reason."""
    latest = received_at + timedelta(minutes=skew_minutes)
    samples: list[Sample] = []
    refusals: list[Refusal] = []
    for index, item in enumerate(items):
        try:
            samples.append(_read_sample(index, item, latest))
        except Unreadable as fault:
            refusals.append(Refusal(index, fault.reason))
    return samples, refusals


def _read_sample(index: int, item: object, latest: datetime) -> Sample:
    if not isinstance(item, dict):
        raise Unreadable("not_an_object")
    start, end, steps = _reader_of(item)(item)
    _check_interval(start, end, latest)
    start, end = start.replace(microsecond=0), end.replace(microsecond=0)
    return Sample(index, start, max(end, start + SHORTEST), _read_steps(steps))


def _reader_of(item: Mapping[str, object]) -> Reader:
    if is_data_point(item):
        return read_data_point
    return read_store_record if is_store_record(item) else _read_own


def _read_own(item: Mapping[str, object]) -> tuple[datetime, datetime, object]:
    try:
        start, end, steps = item["start"], item["end"], item["steps"]
    except KeyError:
        raise Unreadable("missing_field") from None
    return read_moment(start), read_moment(end), steps


def _check_interval(start: datetime, end: datetime, latest: datetime) -> None:
    if end < start:
        raise Unreadable("ends_before_start")
    if end - start > LONGEST:
        raise Unreadable("too_long")
    if end > latest:
        raise Unreadable("future")


def _read_steps(steps: object) -> int:
    if steps is None:
        raise Unreadable("missing_field")
    if isinstance(steps, bool) or not isinstance(steps, int):
        raise Unreadable("not_a_number")
    if steps < 0:
        raise Unreadable("negative_steps")
    if steps > STEPS_OF_NOBODY:
        raise Unreadable("impossible_cadence")
    return steps


def days_of(samples: Iterable[Sample]) -> list[date]:
    """Give the activity dates an upload touches, in the order to lock them."""
    days = set()
    for sample in samples:
        days.add(sample.start.date())
        days.add((sample.end - SHORTEST).date())
    return sorted(days)


def by_hour(sample: Sample) -> dict[tuple[date, int], int]:
    """Share a sample's steps among the Seoul hours it crosses."""
    return {(day, span.start // HOUR): span.steps for day, span in cut(sample)}


def cut(sample: Sample) -> list[tuple[date, Span]]:
    """Cut a sample at every Seoul hour; the pieces add up to the sample exactly."""
    start = sample.start
    day, begin = start.date(), start.hour * HOUR + start.minute * 60 + start.second
    end = begin + round((sample.end - start).total_seconds())
    if end <= (begin // HOUR + 1) * HOUR:
        return [(day, Span(begin, end, sample.steps))]
    edges = [begin, *range((begin // HOUR + 1) * HOUR, end, HOUR), end]
    lengths = [upper - lower for lower, upper in pairwise(edges)]
    return [
        (day + timedelta(days=lower // DAY), Span(lower % DAY, lower % DAY + length, share))
        for lower, length, share in zip(edges, lengths, _share(sample.steps, lengths), strict=False)
    ]


def _share(steps: int, lengths: Sequence[int]) -> list[int]:
    """Share steps by length; the largest remainders, earliest first, take what is left."""
    whole = sum(lengths)
    shares = [steps * length // whole for length in lengths]
    by_remainder = sorted(range(len(lengths)), key=lambda i: -(steps * lengths[i] % whole))
    for i in by_remainder[: steps - sum(shares)]:
        shares[i] += 1
    return shares

"""How uploads become a day: nothing is counted twice, and nothing counted is ever lowered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from devices.rules.samples import HOUR, Refusal, Sample, Span, cut
from devices.rules.spans import HOURS, hour_slice, hour_steps, insert, pack
from seoul_health.core.clock import seoul_day


@dataclass(frozen=True, slots=True)
class Plausibility:
    """What a person can have walked, and how late a phone may tell us."""

    per_hour: int = 15_000
    per_day: int = 100_000
    cadence_per_minute: int = 250
    grace_days: int = 7
    skew_minutes: int = 15


class ItemOutcome(StrEnum):
    ACCEPTED = "accepted"
    IGNORED_LOWER = "ignored_lower"
    DUPLICATE = "duplicate"
    LATE = "late"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class SourceDay:
    """One source's day: its hours, and the spans they were worked out from."""

    hours: list[int] = field(default_factory=lambda: [0] * HOURS)
    spans: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Item:
    index: int
    outcome: ItemOutcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    days: dict[date, SourceDay]
    items: list[Item]


def add_samples(
    stored: Mapping[date, SourceDay],
    samples: Iterable[Sample],
    *,
    received_at: datetime,
    limits: Plausibility,
    refusals: Sequence[Refusal] = (),
) -> Upload:
    """Lay an upload over what one source has told before; say what became of each item."""
    oldest = seoul_day(received_at) - timedelta(days=limits.grace_days)
    items = [Item(refusal.index, ItemOutcome.REJECTED, refusal.reason) for refusal in refusals]
    days: dict[date, SourceDay] = {}
    for sample in samples:
        if _is_impossible(sample, limits):
            items.append(Item(sample.index, ItemOutcome.REJECTED, "impossible_cadence"))
            continue
        pieces = [(day, span) for day, span in cut(sample) if day >= oldest]
        for day, _ in pieces:
            if day not in days:
                days[day] = _copy(stored.get(day))
        items.append(Item(sample.index, _add_pieces(days, pieces)))
    items.sort(key=lambda item: item.index)
    return Upload(days, items)


def _is_impossible(sample: Sample, limits: Plausibility) -> bool:
    seconds = max(60, round((sample.end - sample.start).total_seconds()))
    return sample.steps * 60 > limits.cadence_per_minute * seconds


def _copy(day: SourceDay | None) -> SourceDay:
    """Copy a stored day; hours that have outlived their spans become spans of an hour."""
    if day is None:
        return SourceDay()
    spans = sorted(day.spans) or [
        pack(Span(hour * HOUR, (hour + 1) * HOUR, steps))
        for hour, steps in enumerate(day.hours)
        if steps
    ]
    return SourceDay(list(day.hours), spans)


def _add_pieces(
    days: Mapping[date, SourceDay],
    pieces: Sequence[tuple[date, Span]],
) -> ItemOutcome:
    if not pieces:
        return ItemOutcome.LATE
    is_known = all(_knows(days[day], span) for day, span in pieces)
    raised = [_raise_hour(days[day], span) for day, span in pieces]
    if any(raised):
        return ItemOutcome.ACCEPTED
    if not any(span.steps for _, span in pieces):
        empty = all(not days[day].hours[span.start // HOUR] for day, span in pieces)
        return ItemOutcome.ACCEPTED if empty else ItemOutcome.IGNORED_LOWER
    return ItemOutcome.DUPLICATE if is_known else ItemOutcome.IGNORED_LOWER


def _knows(day: SourceDay, span: Span) -> bool:
    low, high = hour_slice(day.spans, span.start // HOUR)
    return not span.steps or pack(span) in day.spans[low:high]


def _raise_hour(day: SourceDay, span: Span) -> bool:
    """Add a span to a day of this upload, and tell whether its hour has grown."""
    hour = span.start // HOUR
    before = day.hours[hour]
    day.spans[:] = insert(day.spans, span)
    day.hours[hour] = max(before, hour_steps(day.spans, hour))
    return day.hours[hour] > before


def merge_sources(hours_by_source: Mapping[str, Sequence[int]]) -> list[int]:
    """Take the larger source hour by hour: a phone and a watch on one person are one walk."""
    if not hours_by_source:
        return [0] * HOURS
    return [max(hour) for hour in zip(*hours_by_source.values(), strict=True)]


def accepted_total(hours: Sequence[int], limits: Plausibility) -> tuple[int, list[int]]:
    """Give the day's steps after both caps, and its hours after the hourly one."""
    capped = [min(hour, limits.per_hour) for hour in hours]
    return min(sum(capped), limits.per_day), capped

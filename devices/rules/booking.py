"""Who may reserve, and who waits further in front: priorities and missed visits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class NoShows:
    """So many missed visits within so many days pause reserving for so long."""

    count: int
    within_days: int
    pause_days: int


def paused_until(missed: Iterable[date], rule: NoShows | None, today: date) -> date | None:
    """Give the last day of a pause that is running today, counted from the newest missed visit."""
    if rule is None:
        return None
    days = sorted((day for day in missed if day <= today), reverse=True)
    for newest, oldest in zip(days, days[rule.count - 1 :], strict=False):
        until = newest + timedelta(days=rule.pause_days)
        if (newest - oldest).days < rule.within_days and until >= today:
            return until
    return None


@dataclass(frozen=True, slots=True)
class Facts:
    """What priorities look at; an age nobody knows earns nothing."""

    age: int | None
    is_first_visit: bool
    has_open_alert: bool
    missed: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Priority:
    """A priority rule as values."""

    kind: str
    value: int
    points: int


def applies(rule: Priority, facts: Facts, today: date) -> bool:
    match rule.kind:
        case "age_from":
            return facts.age is not None and facts.age >= rule.value
        case "first_visit":
            return facts.is_first_visit
        case "open_alert":
            return facts.has_open_alert
        case "no_shows":
            since = today - timedelta(days=rule.value)
            return any(since <= day <= today for day in facts.missed)
    return False


def parts_of(rules: Sequence[Priority], facts: Facts, today: date) -> list[Priority]:
    """Give the rules that count for somebody; of one kind, the one with the highest value."""
    counted: dict[str, Priority] = {}
    for rule in sorted(rules, key=lambda each: each.value):
        if applies(rule, facts, today):
            counted[rule.kind] = rule
    return sorted(counted.values(), key=lambda each: (-each.points, each.kind))


def score_of(parts: Iterable[Priority]) -> int:
    return sum(part.points for part in parts)

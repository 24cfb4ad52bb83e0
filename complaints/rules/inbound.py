"""How other systems write: local times, categories under other names, telephones."""

import re
from datetime import datetime, timedelta

from seoul_health.core.clock import KST

MOMENT = re.compile(
    r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})\.?[ T]+(오전|오후|AM|PM)? ?(\d{1,2}):(\d{2})(?::(\d{2}))?"
    r"(?:\.\d{1,6})?",
    re.IGNORECASE,
)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?")
AHEAD = timedelta(minutes=5)
LONGEST_AGO = timedelta(days=3 * 366)


def read_moment(text: str) -> datetime | None:
    """Read a moment as offices write it; one without a time zone is Seoul time."""
    text = text.strip()
    try:
        stated = datetime.fromisoformat(text)
    except ValueError:
        stated = None
    if stated is not None and (":" in text or len(text) >= 12):
        return stated if stated.tzinfo else stated.replace(tzinfo=KST)
    if found := COMPACT.fullmatch(text):
        return moment_of([int(part or 0) for part in found.groups()])
    if found := MOMENT.fullmatch(text):
        year, month, day, half, hour, minute, second = found.groups()
        on_clock = hour_of(int(hour), half)
        if on_clock is None:
            return None
        return moment_of([int(year), int(month), int(day), on_clock, int(minute), int(second or 0)])
    return None


def hour_of(hour: int, half: str | None) -> int | None:
    """Turn 오후 3 into 15; an hour that no clock shows is none."""
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if half.upper() in {"오후", "PM"} else 0)


def moment_of(parts: list[int]) -> datetime | None:
    year, month, day, hour, minute, second = parts
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=KST)
    except ValueError:
        return None


def plain_name(name: str) -> str:
    """Compare categories without spaces, dots and case."""
    return re.sub(r"[\s·ㆍ.,/()-]+", "", name).casefold()

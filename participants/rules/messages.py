"""What may stand in a message, how long it is, and when it may be sent."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone

KST = timezone(timedelta(hours=9), "KST")
LADDER = ("push", "alimtalk", "sms", "letter")
# Filled in from the profile at the moment of sending; never stored with a message.
PERSONAL = frozenset({"participant_name"})
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
SHORT_MESSAGE_BYTES = 90
LONG_MESSAGE_BYTES = 2_000
LONGEST_VALUE = 400

Values = Mapping[str, str | int]


def ladder_of(bodies: Iterable[str]) -> list[str]:
    """Order the channels a template speaks on."""
    spoken = set(bodies)
    return [channel for channel in LADDER if channel in spoken]


def next_channel(ladder: list[str], channel: str) -> str | None:
    """Give the channel to try after one has failed."""
    if channel not in ladder:
        return None
    after = ladder[ladder.index(channel) + 1 :]
    return after[0] if after else None


def placeholders_in(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def has_stray_braces(text: str) -> bool:
    """Tell whether braces are left over that are no placeholder."""
    return bool(set("{}") & set(PLACEHOLDER.sub("", text)))


def undeclared(text: str, declared: Iterable[str]) -> list[str]:
    """Name the placeholders of a text that nobody will fill."""
    return sorted(placeholders_in(text) - set(declared) - PERSONAL)


def missing(values: Iterable[str], needed: Iterable[str]) -> list[str]:
    return sorted(set(needed) - set(values))


def one_line(value: object) -> str:
    """Make a value safe to stand in a message: one line, no control signs, no endless text."""
    signs = (sign if sign.isprintable() else " " for sign in str(value)[: 4 * LONGEST_VALUE])
    return " ".join("".join(signs).split())[:LONGEST_VALUE]


def fill(text: str, values: Values) -> str:
    """Put values where their names stand; a value is never read as a placeholder itself."""
    return PLACEHOLDER.sub(lambda found: one_line(values[found[1]]), text)


def spoken_day(day: date) -> str:
    return f"{day.year}년 {day.month}월 {day.day}일"


def message_bytes(text: str) -> int:
    """Count as Korean carriers do: two bytes for a syllable."""
    return sum(1 if sign.isascii() else 2 for sign in text)


def message_kind(text: str) -> str:
    return "SMS" if message_bytes(text) <= SHORT_MESSAGE_BYTES else "LMS"


def is_quiet(moment: datetime, *, starts: int, ends: int) -> bool:
    """Tell whether people should be left alone; Seoul has no daylight saving time."""
    hour = moment.astimezone(KST).hour
    if starts <= ends:
        return starts <= hour < ends
    return hour >= starts or hour < ends


def quiet_until(moment: datetime, *, starts: int, ends: int) -> datetime:
    """Give the first moment from which people may be spoken to again."""
    if not is_quiet(moment, starts=starts, ends=ends):
        return moment
    local = moment.astimezone(KST)
    day = local.date() + timedelta(days=local.hour >= ends)
    return datetime.combine(day, time(ends), KST)

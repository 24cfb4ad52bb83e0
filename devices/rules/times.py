"""Read the moments of an upload strictly: ASCII digits, an offset, a day that can have happened."""

import re
from datetime import datetime, timedelta

from seoul_health.core.clock import KST

MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?",
)
YEARS = range(1900, 9000)
WIDEST_OFFSET = timedelta(hours=14)


class Unreadable(ValueError):
    """A part of a sample that cannot be counted; its text is the reason code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_moment(text: object) -> datetime:
    """Read an ISO 8601 moment with its offset, as Seoul time."""
    shape = MOMENT.fullmatch(text) if isinstance(text, str) else None
    if shape is None:
        raise Unreadable("bad_time")
    if shape[1] is None:
        raise Unreadable("no_offset")
    try:
        moment = datetime.fromisoformat(shape[0])
    except ValueError:
        raise Unreadable("bad_time") from None
    if moment.year not in YEARS:
        raise Unreadable("bad_time")
    offset = moment.utcoffset()
    if offset is None or not -WIDEST_OFFSET <= offset <= WIDEST_OFFSET:
        raise Unreadable("bad_offset")
    return moment.astimezone(KST)

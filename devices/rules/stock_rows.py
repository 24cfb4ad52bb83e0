"""Is a row of stock to be believed? Values as they came in, a row or a reason out."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from seoul_health.core import clock

MOST = 100_000
# Clocks of counters run a little fast; what is within this is taken as now.
AHEAD = timedelta(minutes=2)
OLDEST = timedelta(days=7)
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


class BadRow(Exception):
    """A row nobody should believe; the reason is a word of the quarantine."""

    def __init__(self, reason: str, field: str) -> None:
        self.reason, self.field = reason, field
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Row:
    window: str
    model: str
    quantity: int
    is_stopped: bool
    observed_at: datetime


def read_row(
    told: Mapping[str, Any], *, windows: Container[str], models: Container[str], now: datetime
) -> Row:
    """Read {window, model, quantity, observed_at, stopped?} or say what is wrong with it."""
    for name in ("window", "model", "quantity", "observed_at"):
        if told.get(name) in (None, ""):
            raise BadRow("missing", name)
    return Row(
        window=_known(told["window"], windows, "window"),
        model=_known(told["model"], models, "model"),
        quantity=_quantity(told["quantity"]),
        is_stopped=_flag(told.get("stopped", False)),
        observed_at=_moment(told["observed_at"], now=now),
    )


def _known(value: Any, known: Container[str], name: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise BadRow(f"unknown_{name}", name)
    return value


def _quantity(value: Any) -> int:
    if type(value) is not int:
        raise BadRow("not_a_number", "quantity")
    if value < 0:
        raise BadRow("negative", "quantity")
    if value > MOST:
        raise BadRow("too_many", "quantity")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadRow("not_a_number", "stopped")
    return value


def _moment(value: Any, *, now: datetime) -> datetime:
    moment = value if isinstance(value, datetime) else _parsed(value)
    if moment > now + AHEAD:
        raise BadRow("future", "observed_at")
    if moment < now - OLDEST:
        raise BadRow("too_old", "observed_at")
    return min(moment, now)


def _parsed(value: Any) -> datetime:
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        raise BadRow("not_a_moment", "observed_at")
    try:
        return datetime.fromisoformat(value).astimezone(clock.KST)
    except (ValueError, OverflowError) as fault:
        raise BadRow("not_a_moment", "observed_at") from fault

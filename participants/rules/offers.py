"""How long an offered seat is kept, and until when seats are given at all."""

from datetime import date, datetime, timedelta

from seoul_health.core.clock import day_starts

REMIND_BEFORE = timedelta(hours=12)
RUNNING = frozenset({"running", "ended", "archived"})
TAKES_NOBODY = frozenset({"closed", "drawn"})


def kept_until(now: datetime, *, hours: int, starts_on: date, is_rolling: bool) -> datetime:
    """Keep a seat so many hours, but not past the first moment of the round."""
    end, start = now + timedelta(hours=hours), day_starts(starts_on)
    return end if is_rolling or start <= now else min(end, start)


def has_started(status: str, *, starts_on: date, today: date) -> bool:
    """Tell whether a round runs; one that still takes applications lets people in as they come."""
    return status in RUNNING or (status in TAKES_NOBODY and starts_on <= today)


def is_worth_reminding(made_at: datetime, expires_at: datetime) -> bool:
    """Leave out offers so short that the first message is the reminder."""
    return expires_at - made_at > REMIND_BEFORE

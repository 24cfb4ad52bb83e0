"""Short ways to a doubtful day and to what becomes of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from devices.services.walking import Received, receive_steps
from participants.models import Participant
from points.models import AwardReview, Hold
from points.services import holding
from points.services.awards import judge_days
from seoul_health.core.clock import KST
from seoul_health.core.models import StaffUser
from tests.conftest import JOB
from tests.points.builders import ERA, at, upload, walk


def shake(
    participant: Participant, day: date, *, minutes: int = 240, beat: int = 112, **fields: Any
) -> Received:
    """Let a machine walk: every minute the same number of steps."""
    items = [
        {
            "start": at(day, 13, n).isoformat(),
            "end": at(day, 13, n + 1).isoformat(),
            "steps": beat,
        }
        for n in range(minutes)
    ]
    evening = datetime(day.year, day.month, day.day, 23, 59, tzinfo=KST).astimezone(UTC)
    return receive_steps(participant, upload(*items, **fields), received_at=evening)


def held(
    participant: Participant, by: StaffUser, *, first: date = ERA, last: date | None = None
) -> Hold:
    """Put days on hold by hand."""
    return holding.raise_hold(
        participant, first_day=first, last_day=last or first, why="a tip", by=by
    )


def reviewed(
    participant: Participant, raiser: StaffUser, decider: StaffUser, *, days: int = 2
) -> list[AwardReview]:
    """Award days, hold them afterwards, confirm the hold: give the reviews it opens."""
    span = [ERA + timedelta(days=n) for n in range(days)]
    for day in span:
        walk(participant, day, 8_000)
    judge_days(participant, span, by=JOB)
    hold = held(participant, raiser, last=span[-1])
    holding.confirm_hold(hold, why="shaken", by=decider)
    return list(AwardReview.objects.order_by("pk"))

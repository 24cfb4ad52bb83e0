"""Short ways to a participant who takes part, has walked and has points."""

import itertools
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from devices.services.walking import Received, Upload, receive_steps
from participants.models import (
    Application,
    EligibilityRule,
    Lane,
    Participant,
    Participation,
    RecruitmentRound,
)
from points.models import Account, Pot, Reason, Transfer
from points.services import accounts, ledger
from seoul_health.core.clock import KST, day_starts

counter = itertools.count(1)
ERA = date(2026, 3, 2)  # A Monday under the rule of 2025-12-01.


def take_part(
    participant: Participant,
    starts_on: date = date(2023, 1, 1),
    ends_on: date = date(2027, 12, 31),
    status: str = "active",
) -> Participation:
    number = next(counter)
    round_ = RecruitmentRound.objects.create(
        code=f"r{number}-{uuid.uuid4().hex[:6]}", name="R", starts_on=starts_on, ends_on=ends_on
    )
    moment = timezone.now()
    lane = Lane.objects.create(
        round=round_, kind="own_device", opens_at=moment, closes_at=moment + timedelta(days=1)
    )
    rule = EligibilityRule.objects.create(
        round=round_, effective_from=starts_on, reference_date=starts_on, bases=["resident"]
    )
    application = Application.objects.create(
        receipt_no=f"A-{uuid.uuid4().hex[:12]}", participant=participant, round=round_, lane=lane,
        basis="resident",
    )  # fmt: skip
    return Participation.objects.create(
        participant=participant, round=round_, application=application, rule=rule,
        basis="resident", starts_on=starts_on, ends_on=ends_on, status=status,
    )  # fmt: skip


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    return day_starts(day) + timedelta(hours=hour, minutes=minute)


def sample(day: date, steps: int, *, hour: int = 9, hours: int = 4) -> dict[str, Any]:
    return {
        "start": at(day, hour).isoformat(),
        "end": at(day, hour + hours).isoformat(),
        "steps": steps,
    }


def upload(*items: Any, source: str = "watch", **fields: Any) -> Upload:
    return Upload(
        batch_id=fields.pop("batch_id", None) or uuid.uuid4(), source=source, items=items, **fields
    )


def walk(
    participant: Participant, day: date, steps: int, *, source: str = "watch", **shape: Any
) -> Received:
    """Let a day's steps arrive that evening, without judging them."""
    evening = datetime(day.year, day.month, day.day, 23, 59, tzinfo=KST).astimezone(UTC)
    return receive_steps(
        participant, upload(sample(day, steps, **shape), source=source), received_at=evening
    )


def give(participant: Participant, amount: int, day: date = ERA) -> Transfer:
    """Put points into a purse that no award explains: compensation."""
    return ledger.post(
        f"gift:{uuid.uuid4()}",
        source=accounts.pot(Pot.COMPENSATION),
        target=accounts.purse_of(participant),
        amount=amount,
        reason=Reason.COMPENSATION,
        business_date=day,
    )


def balance(participant: Participant) -> int:
    return Account.objects.get(participant=participant).balance

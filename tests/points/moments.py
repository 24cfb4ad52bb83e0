"""Transfers dated at a moment of the past, as the database would have dated them then."""

import itertools
from datetime import datetime
from typing import Any

from participants.models import Participant
from points.models import Account, Pot, Transfer
from points.services.accounts import pot, purse_of
from seoul_health.core import clock
from seoul_health.core.clock import KST

keys = itertools.count(1)


def moment(month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=KST)


def move(
    person: Participant, amount: int, when: datetime, *, reason: str = "compensation", **more: Any
) -> Transfer:
    """Put points into a purse at a moment, or take them out when the amount is below zero."""
    purse, other = purse_of(person), pot(Pot.COMPENSATION if amount > 0 else Pot.EXPIRED)
    source, target = (other, purse) if amount > 0 else (purse, other)
    transfer = Transfer.objects.create(
        key=more.pop("key", f"moment:{next(keys)}"),
        source=source,
        target=target,
        amount=abs(amount),
        reason=reason,
        business_date=clock.seoul_day(when),
        at=when,
        **more,
    )
    purse.refresh_from_db()
    Account.objects.filter(pk=purse.pk).update(balance=purse.balance + amount)
    return transfer

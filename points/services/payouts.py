"""Points leave for the wallet: planned with a reference, settled or given back on a clear word.

What an operator does not answer is unknown, and only its own word, by inquiry or by its daily
file, resolves that. How payouts are claimed and sent stands in points.services.sending.
"""

import random
import uuid
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction

from devices.models import CompensationCase, Loan
from participants.models import Participant
from points.errors import (
    BelowMinimum,
    CompensationUndecided,
    NotVerified,
    PointsDisputed,
    WatchNotReturned,
)
from points.gateways.wallet import Receipt
from points.models import Payout, Pot, Reason
from points.rules.backoff import pause_after
from points.services import ledger
from points.services.accounts import lock_purses, pot, purse_of
from points.services.held import disputed_points
from points.services.operators import first_try, operator_for
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.tasks import enqueue

log = structlog.get_logger("payouts")

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
chance = random.SystemRandom()


@transaction.atomic
def request_payout(participant: Participant, *, amount: int, key: uuid.UUID) -> Payout:
    """Set points aside and plan their payout; the same key again gives the same payout."""
    earlier = Payout.objects.filter(transfer__key=posting_key(participant, key)).first()
    if earlier is None:
        check_payable(participant, amount)
    transfer = ledger.post(
        posting_key(participant, key),
        source=purse_of(participant),
        target=pot(Pot.IN_TRANSIT),
        amount=amount,
        reason=Reason.PAYOUT,
        business_date=clock.today(),
    )
    now = clock.now()
    operator = operator_for(now)
    terms = {
        "participant": participant,
        "amount": amount,
        "reference": new_reference(),
        "operator": operator,
        "requested_at": now,
        "next_at": first_try(participant, operator, now),
    }
    payout, is_new = Payout.objects.get_or_create(transfer=transfer, defaults=terms)
    if is_new:
        audit.record("requested", payout, by=participant)
        enqueue("points.send_due_payouts")
    return payout


def posting_key(participant: Participant, key: uuid.UUID) -> str:
    return f"payout:{participant.pk}:{key}"


def new_reference() -> str:
    return f"PO-{clock.today():%Y%m%d}-{uuid.uuid4().hex[:16]}"


def check_payable(participant: Participant, amount: int) -> None:
    if not participant.is_verified:
        raise NotVerified
    if amount < settings.PAYOUT_MINIMUM:
        raise BelowMinimum(minimum=f"{settings.PAYOUT_MINIMUM:,}")
    if Loan.objects.overdue(clock.today()).filter(participant=participant).exists():
        raise WatchNotReturned
    if CompensationCase.objects.holding(participant).exists():
        raise CompensationUndecided
    if disputed := disputed_points(participant):
        lock_purses([participant.pk])
        free = max(0, purse_of(participant).balance - disputed)
        if amount > free:
            raise PointsDisputed(disputed=f"{disputed:,}", free=f"{free:,}")


@transaction.atomic
def settle_payout(payout: Payout, receipt: Receipt, *, by: Actor) -> None:
    """Book a payout as paid on the operator's receipt."""
    payout.move(Payout.Status.PAID, by=by, receipt_no=receipt.receipt_no, paid_at=receipt.paid_at)
    ledger.post(
        f"payout-paid:{payout.reference}",
        source=pot(Pot.IN_TRANSIT),
        target=pot(Pot.PAID),
        amount=payout.amount,
        reason=Reason.PAYOUT_PAID,
        business_date=clock.seoul_day(receipt.paid_at),
    )


@transaction.atomic
def refuse_payout(payout: Payout, *, by: Actor, code: str) -> None:
    """Give the points back on the operator's definite no."""
    payout.move(Payout.Status.REFUSED, by=by, why=code, refusal=code[:60])
    ledger.reverse(payout.transfer, reason=Reason.PAYOUT_REFUSED, business_date=clock.today())


def leave_unknown(payout: Payout, *, by: Actor, why: str, problem: str = "") -> None:
    """Leave a payout open: nobody has said yes, and nobody has said no."""
    pause = next_pause(payout.attempts)
    payout.move(
        Payout.Status.UNKNOWN, by=by, why=why, problem=problem[:60], next_at=clock.now() + pause
    )
    log.warning("payout_unknown", payout=payout.pk, why=why)


def next_pause(attempts: int) -> timedelta:
    return pause_after(attempts, first=FIRST_PAUSE, longest=LONGEST_PAUSE, luck=chance.random())


def postpone(payout: Payout) -> None:
    attempts = payout.attempts + 1
    Payout.objects.filter(pk=payout.pk, status=Payout.Status.UNKNOWN).update(
        attempts=attempts, next_at=clock.now() + next_pause(attempts)
    )


def flag(payout: Payout, problem: str, *, by: Actor) -> None:
    """Stop asking about a payout the operator contradicts itself on; a person looks at it."""
    Payout.objects.filter(pk=payout.pk).update(problem=problem[:60])
    audit.record("contradicted", payout, by=by, problem=problem)
    log.error("payout_contradicted", payout=payout.pk, problem=problem)


def stuck_since(moment: datetime) -> bool:
    """Tell whether the operator has left payouts lying since before a moment."""
    return Payout.objects.stuck(moment).exists()

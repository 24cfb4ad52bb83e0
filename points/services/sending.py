"""Payouts go out: one operator in force, one claim at a time, every call outside a transaction.

While an operator is silent only tries go to it: an inquiry if it owes us an answer, else one
payout. What it says it has never paid is sent again under the same reference, or handed on to the
operator that came after it.
"""

from datetime import timedelta

from django.db import transaction

from points.errors import OperatorClosed
from points.gateways.wallet import Mismatch, Refused, Unreachable, Wallet
from points.models import Operator, Payout
from points.models.payouts import PayoutQuerySet
from points.services import partner_health
from points.services.operators import first_try, hand_over, operator_for
from points.services.payouts import (
    flag,
    leave_unknown,
    postpone,
    refuse_payout,
    settle_payout,
)
from seoul_health.core import clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint

CLAIM_LASTS = timedelta(minutes=2)
# An operator that has closed this long has done with every call that was under way.
CLOSED_FOR_GOOD = timedelta(hours=1)
AT_ONCE = 200
Status = Payout.Status


def send_due_payouts(operator: Operator, *, wallet: Wallet, by: Actor, most: int = AT_ONCE) -> int:
    """Send what is due, one claim after the other; stop when the operator falls silent."""
    hand_over(operator, by=by)
    sent = try_operator(operator, wallet=wallet, by=by)
    while sent < most and (payout := claim_due(operator, by=by)):
        sent += 1
        if not send_payout(payout, wallet=wallet, by=by):
            break
    return sent


def claim_due(operator: Operator, *, by: Actor) -> Payout | None:
    """Take the longest waiting payout for this worker alone, while its operator answers."""
    if not partner_health.answers(operator):
        return None
    return claim(Payout.objects.due(clock.now()), operator, by=by)


@transaction.atomic
def claim(rows: PayoutQuerySet, operator: Operator, *, by: Actor) -> Payout | None:
    """Take the first payout that nobody else holds, if the rate of this minute has room."""
    now = clock.now()
    if not operator.is_in_force(now):
        return None
    free = rows.to(operator).select_for_update(skip_locked=True, of=("self",))
    payout = free.select_related("participant", "operator").first()
    if payout is None or not partner_health.take_room(operator):
        return None
    payout.move(Status.SENDING, by=by, claimed_at=now, attempts=payout.attempts + 1)
    return payout


def send_payout(payout: Payout, *, wallet: Wallet, by: Actor) -> bool:
    """Pay a claimed payout and settle the answer; say whether there was one."""
    try:
        receipt = wallet.pay(payout.reference, payout.amount, payout.participant.number)
    except Unreachable as silence:
        leave_unknown(payout, by=by, why=str(silence))
        partner_health.note_silence(payout.operator, why=str(silence), by=by)
        return False
    except Refused as refusal:
        refuse_payout(payout, by=by, code=refusal.code)
    except Mismatch as contradiction:
        leave_unknown(payout, by=by, why=str(contradiction), problem=str(contradiction))
    else:
        settle_payout(payout, receipt, by=by)
    partner_health.note_answer(payout.operator, by=by)
    return True


def try_operator(operator: Operator, *, wallet: Wallet, by: Actor) -> int:
    """Try a silent operator with one call, if it is time and nobody else does."""
    if not partner_health.take_try(operator, by=by):
        return 0
    now = clock.now()
    owed = Payout.objects.filter(operator=operator, status=Status.UNKNOWN, problem="")
    payout = owed.select_related("participant", "operator").order_by("requested_at", "pk").first()
    if payout is not None:
        ask_operator(payout, wallet=wallet, by=by)
        return 0
    claimed = claim(Payout.objects.due(now), operator, by=by)
    if claimed is not None:
        send_payout(claimed, wallet=wallet, by=by)
        return 1
    greet(operator, wallet=wallet, by=by)
    return 0


def greet(operator: Operator, *, wallet: Wallet, by: Actor) -> None:
    """Ask about the latest payout, only to hear whether somebody answers."""
    latest = Payout.objects.filter(operator=operator).order_by("-pk").first()
    try:
        wallet.inquire(latest.reference if latest else "PO-00000000")
    except Unreachable as silence:
        partner_health.note_silence(operator, why=str(silence), by=by)
    except Mismatch:
        partner_health.note_answer(operator, by=by)
    else:
        partner_health.note_answer(operator, by=by)


def resolve_unknown(operator: Operator, *, wallet: Wallet, by: Actor, most: int = AT_ONCE) -> int:
    """Ask an operator about every payout it owes an answer on; stop when it stays silent."""
    release_abandoned(operator, by=by)
    try_operator(operator, wallet=wallet, by=by)
    resolved = 0
    while resolved < most and (payout := claim_silent(operator)):
        if not ask_operator(payout, wallet=wallet, by=by):
            break
        resolved += 1
    return resolved


@transaction.atomic
def claim_silent(operator: Operator) -> Payout | None:
    """Take one unanswered payout to ask about; nobody else asks meanwhile."""
    if not partner_health.answers(operator):
        return None
    now = clock.now()
    silent = Payout.objects.silent(now).filter(operator=operator)
    free = silent.select_for_update(skip_locked=True, of=("self",))
    payout = free.select_related("participant", "operator").first()
    if payout is not None:
        Payout.objects.filter(pk=payout.pk).update(next_at=now + CLAIM_LASTS)
    return payout


def release_abandoned(operator: Operator, *, by: Actor) -> None:
    """Treat a claim whose worker never came back as unknown: the money may have moved."""
    lost = Payout.objects.abandoned(clock.now() - CLAIM_LASTS).filter(operator=operator)
    for payout in lost[:AT_ONCE]:
        leave_unknown(payout, by=by, why="abandoned")


def ask_operator(payout: Payout, *, wallet: Wallet, by: Actor) -> bool:
    """Ask what became of a reference; say whether there was an answer."""
    try:
        receipt = wallet.inquire(payout.reference)
    except Unreachable as silence:
        postpone(payout)
        partner_health.note_silence(payout.operator, why=str(silence), by=by)
        return False
    except Mismatch as contradiction:
        partner_health.note_answer(payout.operator, by=by)
        flag(payout, str(contradiction), by=by)
        return True
    partner_health.note_answer(payout.operator, by=by)
    if receipt is None:
        return send_again(payout, wallet=wallet, by=by)
    if receipt.amount != payout.amount:
        flag(payout, "other_amount", by=by)
    else:
        settle_payout(payout, receipt, by=by)
    return True


def send_again(payout: Payout, *, wallet: Wallet, by: Actor) -> bool:
    """Pay what was never paid: its own operator under the same reference, or the next one."""
    now, operator = clock.now(), payout.operator
    if operator.is_in_force(now):
        if not partner_health.answers(operator):
            postpone(payout)
            return True
        with constraint("sent_to_an_open_operator", OperatorClosed(code=operator.code)):
            payout.move(Status.SENDING, by=by, claimed_at=now, attempts=payout.attempts + 1)
        return send_payout(payout, wallet=wallet, by=by)
    if operator.ends_at is None or now < operator.ends_at + CLOSED_FOR_GOOD:
        postpone(payout)
        return True
    hand_on(payout, by=by)
    return True


def hand_on(payout: Payout, *, by: Actor) -> None:
    """Plan a payout that a closed operator never paid for the operator after it."""
    now = clock.now()
    heir = operator_for(now)
    why = f"{payout.operator.code} never paid it"
    next_at = first_try(payout.participant, heir, now)
    payout.move(Status.REQUESTED, by=by, why=why, operator=heir, next_at=next_at, claimed_at=None)

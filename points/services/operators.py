"""Which operator runs the wallet at a moment, and how one hands over to the next."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from participants.models import Participant
from points.errors import ChangeTooSoon, OperatorNotConfigured, OperatorsOverlap, OperatorUsed
from points.models import Breaker, Operator, OperatorChange, Payout, WalletLink
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.models import StaffUser

NOTICE = timedelta(hours=1)
# A payout that cannot go yet is looked at again after this; a link or a hand-over is sooner.
UNLINKED_WAITS = timedelta(days=30)


def in_force(moment: datetime | None = None) -> Operator | None:
    """Give the operator that takes payouts now; nobody does between two operators."""
    return Operator.objects.in_force(moment or clock.now()).first()


def operator_for(moment: datetime) -> Operator:
    """Give the operator a payout is planned for: in a gap the next one, else the last."""
    found = (
        in_force(moment)
        or Operator.objects.still_to_come(moment).first()
        or Operator.objects.over(moment).first()
    )
    assert found is not None, "the migrations ship an operator"
    return found


def first_try(participant: Participant, operator: Operator, moment: datetime) -> datetime:
    """Say from when on a payout may be sent."""
    if operator.needs_link and not is_linked(participant, operator):
        return moment + UNLINKED_WAITS
    return moment


def is_linked(participant: Participant, operator: Operator) -> bool:
    return WalletLink.objects.filter(participant=participant, operator=operator).exists()


@transaction.atomic
def link_wallet(participant: Participant, operator: Operator) -> WalletLink:
    """Note that a person has opened an operator's wallet; what waited for it goes out now."""
    link, is_new = WalletLink.objects.get_or_create(participant=participant, operator=operator)
    if is_new:
        waiting = Payout.objects.filter(
            participant=participant, operator=operator, status=Payout.Status.REQUESTED
        )
        waiting.update(next_at=clock.now())
        audit.record("wallet_linked", participant, by=participant, operator=operator.code)
    return link


def hand_over(operator: Operator, *, by: Actor) -> int:
    """Give payouts that were never sent and whose operator has closed to the one in force."""
    left = Payout.objects.filter(status=Payout.Status.REQUESTED).exclude(operator=operator)
    if not left.exists():
        return 0
    with transaction.atomic():
        now = clock.now()
        moved = left.update(operator=operator, next_at=now)
        if operator.needs_link:
            linked = WalletLink.objects.filter(operator=operator).values("participant")
            waiting = Payout.objects.filter(status=Payout.Status.REQUESTED, operator=operator)
            waiting.exclude(participant__in=linked).update(next_at=now + UNLINKED_WAITS)
        audit.record("handed_over", operator, by=by, payouts=moved)
    return moved


@transaction.atomic
def request_change(
    leaving: Operator,
    *,
    code: str,
    name: str,
    stops_at: datetime,
    starts_at: datetime,
    needs_link: bool,
    reason: str,
    by: StaffUser,
) -> OperatorChange:
    """Ask for another operator from a moment on; nothing changes until a second person agrees."""
    check_change(leaving, code=code, stops_at=stops_at, starts_at=starts_at)
    with constraint("one_open_change_per_operator", OperatorsOverlap()):
        change = OperatorChange.objects.create(
            leaving=leaving, code=code, name=name, stops_at=stops_at, starts_at=starts_at,
            needs_link=needs_link, reason=reason, requested_by=by,
        )  # fmt: skip
    audit.record("requested", change, by=by, code=code, why=reason)
    return change


def check_change(leaving: Operator, *, code: str, stops_at: datetime, starts_at: datetime) -> None:
    if code not in settings.WALLETS:
        raise OperatorNotConfigured(code=code)
    if stops_at < max(clock.now() + NOTICE, leaving.starts_at) or starts_at < stops_at:
        raise ChangeTooSoon
    known = Operator.objects.filter(code=code).first()
    if known and known.starts_at <= clock.now():
        raise OperatorUsed(code=code)


@transaction.atomic
def approve_change(change: OperatorChange, *, by: StaffUser) -> Operator:
    """Put a change into the calendar of operators; one that has not begun may still be moved."""
    check_change(
        change.leaving, code=change.code, stops_at=change.stops_at, starts_at=change.starts_at
    )
    change.move(OperatorChange.Status.APPROVED, by=by, **change.decided(by))
    with constraint("one_operator_at_a_time", OperatorsOverlap()):
        # Out of the way first, so that both ends may move in either direction.
        Operator.objects.filter(code=change.code).update(ends_at=None, starts_at=FAR_AWAY)
        Operator.objects.filter(pk=change.leaving_id).update(ends_at=change.stops_at)
        operator, is_new = Operator.objects.update_or_create(
            code=change.code,
            defaults={
                "name": change.name,
                "starts_at": change.starts_at,
                "needs_link": change.needs_link,
            },
        )
    if is_new:
        Breaker.objects.create(operator=operator, since=change.starts_at)
    audit.record("planned", operator, by=by, starts_at=change.starts_at.isoformat())
    return operator


FAR_AWAY = datetime(9000, 1, 1, tzinfo=clock.KST)


def reject_change(change: OperatorChange, *, why: str, by: StaffUser) -> None:
    change.move(OperatorChange.Status.REJECTED, by=by, why=why, **change.decided(by))


@transaction.atomic
def set_rate(operator: Operator, *, per_minute: int, why: str, by: StaffUser) -> None:
    """Send at most so many payouts a minute from now on."""
    held = Operator.objects.select_for_update().get(pk=operator.pk)
    Operator.objects.filter(pk=held.pk).update(per_minute=per_minute)
    audit.record(
        "rate_changed", held, by=by, before=held.per_minute, per_minute=per_minute, why=why
    )

"""Points given or taken by hand: asked for by one person, decided by another, posted once."""

from django.conf import settings
from django.db import transaction

from participants.models import Participant
from points.errors import AboveLimit, SamePerson
from points.models import Adjustment, Pot, Reason
from points.services import ledger
from points.services.accounts import pot, purse_of
from seoul_health.core import audit, clock
from seoul_health.core.models import StaffUser


@transaction.atomic
def request_adjustment(
    participant: Participant,
    *,
    amount: int,
    reason: str,
    case: str,
    note: str = "",
    by: StaffUser,
) -> Adjustment:
    """Ask for points to be given, or below zero taken, within the limit of one's roles."""
    limit = limit_of(by)
    if abs(amount) > limit:
        raise AboveLimit(limit=f"{limit:,}")
    adjustment = Adjustment.objects.create(
        participant=participant, amount=amount, reason=reason, case=case, note=note, requested_by=by
    )
    audit.record("requested", adjustment, by=by, amount=amount, reason=reason, case=case)
    return adjustment


def limit_of(staff: StaffUser) -> int:
    """Give the most points that one adjustment of this member of staff may move."""
    limits = settings.ADJUSTMENT_LIMITS
    return max((limits.get(role, 0) for role in staff.roles_on(clock.today())), default=0)


@transaction.atomic
def approve_adjustment(adjustment: Adjustment, *, by: StaffUser) -> None:
    """Move the points that another person asked for."""
    refuse_own(adjustment, by)
    purse, other = purse_of(adjustment.participant), pot(Pot.COMPENSATION)
    source, target = (other, purse) if adjustment.amount > 0 else (purse, other)
    transfer = ledger.post(
        f"adjustment:{adjustment.pk}",
        source=source,
        target=target,
        amount=abs(adjustment.amount),
        reason=Reason.ADJUSTMENT,
        business_date=clock.seoul_day(adjustment.requested_at),
        case=adjustment.case,
    )
    adjustment.move(
        Adjustment.Status.APPROVED,
        by=by,
        decided_by=by,
        decided_at=clock.now(),
        transfer=transfer,
    )


def decline_adjustment(adjustment: Adjustment, *, why: str, by: StaffUser) -> None:
    refuse_own(adjustment, by)
    adjustment.move(
        Adjustment.Status.DECLINED, by=by, why=why, decided_by=by, decided_at=clock.now()
    )


def refuse_own(adjustment: Adjustment, staff: StaffUser) -> None:
    if adjustment.requested_by_id == staff.pk:
        raise SamePerson

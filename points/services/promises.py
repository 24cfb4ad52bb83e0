"""What a citizen is told about a payout, in words we keep."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from points.models import Operator, Payout
from points.services import partner_health
from points.services.operators import in_force, is_linked
from seoul_health.core import clock

Status = Payout.Status


@dataclass(frozen=True, slots=True)
class Outlook:
    """Whether payouts go out now; if not, since when, and when the next operator begins."""

    operator: Operator | None
    dark_since: datetime | None
    resumes_at: datetime | None = None

    @property
    def is_dark(self) -> bool:
        return self.dark_since is not None


def outlook() -> Outlook:
    now = clock.now()
    operator = in_force(now)
    heir = None if operator else Operator.objects.still_to_come(now).first()
    return Outlook(operator, partner_health.dark_since(), heir.starts_at if heir else None)


def promise(payout: Payout, seen: Outlook) -> str:
    """Say what became of a payout, and what will."""
    if payout.status == Status.PAID:
        return _("Paid into your wallet.")
    if payout.status == Status.REFUSED:
        return _("The wallet operator refused it. The points are back in your account.")
    if payout.status != Status.REQUESTED:
        return _(
            "Received. The wallet operator has not answered yet. It will be paid once, or your "
            "points come back."
        )
    if payout.operator.needs_link and not is_linked(payout.participant, payout.operator):
        return _("Received. Please open the wallet of {operator} once; it is paid then.").format(
            operator=payout.operator.name
        )
    return waiting(seen)


def waiting(seen: Outlook) -> str:
    """Say when a payout that was taken in will go out."""
    if seen.resumes_at:
        return _(
            "Received. The wallet operator is being changed: payouts go on from {moment}. Your "
            "points are kept safe and are paid once."
        ).format(moment=f"{seen.resumes_at.astimezone(clock.KST):%Y-%m-%d %H:%M}")
    if seen.is_dark:
        return _(
            "Received. The wallet operator does not answer right now. It is paid once as soon as "
            "it does; you do not have to ask again, and your points do not expire meanwhile."
        )
    return _("Received. It is usually paid within a few minutes.")

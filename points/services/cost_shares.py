"""Who carries what was paid out: released shares, and statements that add up to the won."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, Sum

from points.errors import (
    CorrectionTooLarge,
    MonthNotOver,
    MonthStillOpen,
    NoCostShare,
    SamePerson,
    ShareIncomplete,
    SharesOverlap,
    ShareStartsTooSoon,
    StatementExists,
)
from points.models import (
    CostShare,
    Party,
    Payout,
    Reason,
    ShareCorrection,
    Statement,
    StatementLine,
    Transfer,
)
from points.rules.split import split_amount
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.models import StaffUser


@dataclass(frozen=True, slots=True)
class Portion:
    """What was paid out under one share."""

    share: CostShare
    paid: int
    payouts: int

    def parts(self) -> dict[str, int]:
        return split_amount(self.paid, self.share.weights())


@transaction.atomic
def release_share(share: CostShare, *, by: StaffUser) -> None:
    """Put a drafted share into force, by a second person, from a month not closed yet."""
    if share.drafted_by_id == by.pk:
        raise SamePerson
    if share.parts.count() < 1:
        raise ShareIncomplete
    closed = Statement.objects.order_by("-month").values_list("month", flat=True).first()
    if closed and share.effective_from < next_month(closed):
        raise ShareStartsTooSoon(day=next_month(closed))
    last = share.effective_from - timedelta(days=1)
    running = CostShare.objects.released().filter(
        effective_to=None, effective_from__lt=share.effective_from
    )
    running.update(effective_to=last)
    with constraint("one_released_cost_share_per_day", SharesOverlap()):
        share.move(CostShare.Status.RELEASED, by=by, released_by=by, released_at=clock.now())


@transaction.atomic
def close_month(month: date, *, by: Actor) -> Statement:
    """Write a month's statement from the ledger, once the month is over."""
    first = month.replace(day=1)
    if clock.today() < next_month(first):
        raise MonthNotOver(month=f"{first:%Y-%m}")
    if still_open := open_before(next_month(first)):
        raise MonthStillOpen(month=f"{first:%Y-%m}", count=still_open)
    portions = list(portions_of(first))
    with constraint("points_statement_month_key", StatementExists(month=f"{first:%Y-%m}")):
        statement = Statement.objects.create(
            month=first,
            paid=sum(portion.paid for portion in portions),
            payouts=sum(portion.payouts for portion in portions),
            closed_at=clock.now(),
            closed_by=by.actor_name,
        )
    StatementLine.objects.bulk_create(lines_of(statement, portions))
    ShareCorrection.objects.filter(status=ShareCorrection.Status.APPROVED, statement=None).update(
        statement=statement
    )
    audit.record("closed", statement, by=by, paid=statement.paid)
    return statement


@transaction.atomic
def ask_correction(
    corrects: Statement, *, relieved: str, charged: str, amount: int, why: str, by: StaffUser
) -> ShareCorrection:
    """Ask to settle in the next month what a closed one charged to the wrong party."""
    correction = ShareCorrection(
        corrects=corrects, relieved=relieved, charged=charged, amount=amount, why=why,
        requested_by=by, status=ShareCorrection.Status.ASKED,
    )  # fmt: skip
    correction.full_clean(exclude=["requested_at"])
    if amount > owed_of(corrects).get(relieved, 0):
        raise CorrectionTooLarge(amount=f"{amount:,}")
    correction.save()
    audit.record("requested", correction, by=by, amount=amount)
    return correction


@transaction.atomic
def approve_correction(correction: ShareCorrection, *, by: StaffUser) -> None:
    """Let a correction into the next statement, by a second person."""
    correction.move(ShareCorrection.Status.APPROVED, by=by, **correction.decided(by))


@transaction.atomic
def refuse_correction(correction: ShareCorrection, *, by: StaffUser) -> None:
    correction.move(ShareCorrection.Status.REFUSED, by=by, **correction.decided(by))


def owed_of(statement: Statement) -> dict[str, int]:
    """Give what each party owes for a month: its part, and what corrections move to or from it."""
    owed = dict.fromkeys(Party.values, 0)
    for party, amount in statement.lines.values_list("party", "amount"):
        owed[party] += amount
    for one in statement.corrected_by.all():
        owed[one.relieved] -= one.amount
        owed[one.charged] += one.amount
    return owed


def open_before(day: date) -> int:
    """Count payouts asked for before a day whose fate could still fall into the month before."""
    return Payout.objects.open().filter(requested_at__lt=clock.day_starts(day)).count()


def portions_of(first: date) -> Iterator[Portion]:
    """Sum what was paid in a month under each share; a day nobody agreed on is refused."""
    last = next_month(first) - timedelta(days=1)
    unclaimed = paid_between(first, last)
    for share in CostShare.objects.in_force(first, last).order_by("effective_from"):
        until = min(share.effective_to or last, last)
        paid, payouts = paid_between(max(share.effective_from, first), until)
        unclaimed = (unclaimed[0] - paid, unclaimed[1] - payouts)
        yield Portion(share, paid, payouts)
    if unclaimed != (0, 0):
        raise NoCostShare(month=f"{first:%Y-%m}", amount=f"{unclaimed[0]:,}")


def paid_between(first: date, last: date) -> tuple[int, int]:
    paid = Transfer.objects.filter(
        reason=Reason.PAYOUT_PAID, business_date__range=(first, last)
    ).aggregate(won=Sum("amount"), number=Count("pk"))
    return paid["won"] or 0, paid["number"]


def lines_of(statement: Statement, portions: list[Portion]) -> list[StatementLine]:
    return [
        StatementLine(
            statement=statement,
            cost_share=portion.share,
            party=party,
            paid=portion.paid,
            amount=amount,
        )
        for portion in portions
        for party, amount in portion.parts().items()
    ]


def next_month(first: date) -> date:
    return clock.add_months(first.replace(day=1), 1)

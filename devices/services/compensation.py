"""Compensation for a watch: by policy, paid in money, waived by two people; never in points."""

from datetime import date

from django.db import transaction
from django.db.models import Sum

from devices.errors import (
    CaseUndecided,
    NoCompensationPolicy,
    NothingOwed,
    PaidTooMuch,
    ReceiptUsed,
    TooManyInstalments,
    WaiverWaits,
)
from devices.models import (
    Cause,
    CompensationCase,
    CompensationPayment,
    CompensationPolicy,
    CompensationWaiver,
    Loan,
)
from devices.rules.compensation import age_in_months, amount_owed
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.models import StaffUser

BATCH = 500
CAUSES = {Loan.Status.LOST: Cause.LOST, Loan.Status.DAMAGED: Cause.DAMAGED}
Status = CompensationCase.Status


def cause_of(loan: Loan) -> Cause:
    """Say why something is owed for a loan, or refuse."""
    if loan.status in CAUSES:
        return CAUSES[Loan.Status(loan.status)]
    if Loan.objects.overdue(clock.today()).filter(pk=loan.pk).exists():
        return Cause.NOT_RETURNED
    raise NothingOwed


def policy_for(cause: Cause, *, grade: str, months: int) -> CompensationPolicy:
    """Give the policy in force today; one for the grade goes before one for any."""
    fitting = CompensationPolicy.objects.in_force(clock.today()).filter(
        cause=cause, grade__in=["", grade], months_from__lte=months, months_to__gte=months
    )
    policy = fitting.order_by("-grade").first()
    if policy is None:
        raise NoCompensationPolicy(cause=cause.label, grade=grade, months=months)
    return policy


@transaction.atomic
def open_case(loan: Loan, *, by: Actor) -> CompensationCase:
    """Reckon what is owed for a watch and keep from what it was reckoned."""
    held = Loan.objects.select_for_update(of=("self",)).get(pk=loan.pk)
    cause, device = cause_of(held), held.device
    months = age_in_months(device.lot.received_on, clock.today())
    policy = policy_for(cause, grade=device.grade, months=months)
    price = device.lot.unit_price
    with constraint("one_undecided_case_per_loan", CaseUndecided()):
        case = CompensationCase.objects.create(
            loan=held,
            policy=policy,
            cause=cause,
            unit_price=price,
            age_months=months,
            grade=device.grade,
            amount=amount_owed(price, policy.percent),
            holds_payouts=policy.holds_payouts,
        )
    audit.record("opened", case, by=by, amount=case.amount, cause=str(cause))
    return case


def open_if_possible(loan: Loan, *, by: Actor) -> CompensationCase | None:
    """Open a case unless there is one, the watch is back, or no policy says how much."""
    if CompensationCase.objects.filter(loan=loan).exclude(status=Status.WITHDRAWN).exists():
        return None
    try:
        return open_case(loan, by=by)
    except (NothingOwed, NoCompensationPolicy, CaseUndecided):
        return None


@transaction.atomic
def demand(case: CompensationCase, *, pay_by: date, instalments: int = 1, by: Actor) -> None:
    """Ask for the money by a day, in as many instalments as the policy allows."""
    most = case.policy.instalments
    if not 1 <= instalments <= most:
        raise TooManyInstalments(most=most)
    case.move(
        Status.DEMANDED, by=by, demanded_at=clock.now(), pay_by=pay_by, instalments=instalments
    )


def paid_of(case: CompensationCase) -> int:
    return int(case.payments.aggregate(paid=Sum("amount"))["paid"] or 0)


@transaction.atomic
def record_payment(
    case: CompensationCase, *, amount: int, paid_on: date, receipt_no: str, by: Actor
) -> CompensationPayment:
    """Write down money that came in; the last won closes the case."""
    held = CompensationCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if held.status != Status.DEMANDED:
        raise IllegalMove(what=held, to=CompensationCase.status_label(Status.PAID))
    left = held.amount - paid_of(held)
    if amount > left:
        raise PaidTooMuch(open=f"{left:,}")
    with constraint("devices_compensationpayment_receipt_no_key", ReceiptUsed(number=receipt_no)):
        payment = CompensationPayment.objects.create(
            case=held, amount=amount, paid_on=paid_on, receipt_no=receipt_no,
            recorded_by=by.actor_name,
        )  # fmt: skip
    audit.record("paid_in", held, by=by, amount=amount)
    if amount == left:
        held.move(Status.PAID, by=by, closed_at=clock.now())
    return payment


@transaction.atomic
def ask_waiver(case: CompensationCase, *, reason: str, by: StaffUser) -> CompensationWaiver:
    """Ask somebody else to let a citizen off."""
    if not reason.strip():
        raise ReasonNeeded
    held = CompensationCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not held.may(Status.WAIVED):
        raise IllegalMove(what=held, to=CompensationCase.status_label(Status.WAIVED))
    with constraint("one_waiver_at_a_time_per_case", WaiverWaits()):
        waiver = CompensationWaiver.objects.create(case=held, reason=reason, requested_by=by)
    audit.record("requested", waiver, by=by, why=reason)
    return waiver


@transaction.atomic
def decide_waiver(waiver: CompensationWaiver, *, to: str, by: StaffUser) -> None:
    """Let a citizen off, or do not; never by who asked for it."""
    waiver.move(to, by=by, **waiver.decided(by))
    if to == CompensationWaiver.Status.APPROVED:
        waiver.case.move(Status.WAIVED, by=by, why=waiver.reason, closed_at=clock.now())


@transaction.atomic
def withdraw(case: CompensationCase, *, by: Actor, why: str) -> None:
    if not why.strip():
        raise ReasonNeeded
    case.move(Status.WITHDRAWN, by=by, why=why, closed_at=clock.now())


def withdraw_returned(*, by: Actor) -> int:
    """Withdraw cases of watches that came back before anybody paid."""
    back = CompensationCase.objects.undecided().filter(
        cause__in=[Cause.NOT_RETURNED, Cause.LOST],
        loan__returned_at__isnull=False,
        payments=None,
    )
    rows = list(back.order_by("pk")[:BATCH])
    for case in rows:
        withdraw(case, by=by, why="returned")
    return len(rows)

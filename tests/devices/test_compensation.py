from datetime import date, timedelta

import pytest

from devices.errors import (
    CaseUndecided,
    NoCompensationPolicy,
    NothingOwed,
    PaidTooMuch,
    ReceiptUsed,
    TooManyInstalments,
    WaiverWaits,
)
from devices.models import CompensationCase, CompensationPolicy, Loan
from devices.rules.compensation import age_in_months, amount_owed
from devices.services import compensation, ladder, loans
from points.errors import CompensationUndecided
from points.models import Transfer
from points.services.payouts import check_payable
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, SamePerson
from tests.conftest import JOB

from .builders import fresh, live_loan


@pytest.fixture
def policy(db):
    return CompensationPolicy.objects.create(
        cause="lost", percent=60, instalments=3, effective_from="2026-01-01"
    )


@pytest.fixture
def lost(walker, policy):
    loan = live_loan(walker)
    loans.mark_lost(loan, by=JOB, why="Gone")
    return fresh(loan)


@pytest.fixture
def case(lost):
    return compensation.open_case(lost, by=JOB)


def demanded(case, instalments=1):
    pay_by = clock.today() + timedelta(days=30)
    compensation.demand(case, pay_by=pay_by, instalments=instalments, by=JOB)
    return case


def test_a_case_asks_the_policys_share_of_the_price(case):
    assert (case.amount, case.unit_price, case.status) == (33_000, 55_000, "open")


def test_ages_are_full_months():
    assert age_in_months(date(2026, 1, 31), date(2026, 2, 28)) == 0
    assert age_in_months(date(2026, 1, 5), date(2027, 1, 5)) == 12


@pytest.mark.parametrize(("percent", "won"), [(0, 0), (33, 18_150), (77, 42_350), (100, 55_000)])
def test_amounts_are_rounded_down_to_ten_won(percent, won):
    assert amount_owed(55_009, percent) == won


def test_a_policy_for_the_grade_goes_before_one_for_any(lost):
    CompensationPolicy.objects.create(
        cause="lost", grade="A", percent=80, effective_from="2026-01-01"
    )

    assert compensation.open_case(lost, by=JOB).amount == 44_000


def test_without_a_policy_no_amount_is_invented(lost):
    CompensationPolicy.objects.all().delete()

    with pytest.raises(NoCompensationPolicy):
        compensation.open_case(lost, by=JOB)

    assert not CompensationCase.objects.exists()


def test_a_loan_in_order_owes_nothing(walker, policy):
    with pytest.raises(NothingOwed):
        compensation.open_case(live_loan(walker), by=JOB)


def test_one_undecided_case_per_loan(case, lost):
    with pytest.raises(CaseUndecided):
        compensation.open_case(lost, by=JOB)

    assert CompensationCase.objects.count() == 1


def test_payouts_wait_until_the_case_is_decided(case, walker, make_staff):
    with pytest.raises(CompensationUndecided):
        check_payable(walker, 10_000)
    waiver = compensation.ask_waiver(case, reason="Fire", by=make_staff("device_officer"))
    compensation.decide_waiver(
        waiver, to="approved", by=make_staff("device_officer", username="second")
    )

    assert not CompensationCase.objects.holding(walker).exists()


def test_a_case_never_takes_points(case):
    demanded(case)

    assert not Transfer.objects.exists()


def test_nobody_approves_a_waiver_of_their_own(case, make_staff):
    officer = make_staff("device_officer")
    waiver = compensation.ask_waiver(case, reason="Fire", by=officer)

    with pytest.raises(SamePerson):
        compensation.decide_waiver(waiver, to="approved", by=officer)

    case.refresh_from_db()
    assert case.status == "open"


def test_one_waiver_waits_at_a_time(case, make_staff):
    officer = make_staff("device_officer")
    compensation.ask_waiver(case, reason="Fire", by=officer)

    with pytest.raises(WaiverWaits):
        compensation.ask_waiver(case, reason="Flood", by=officer)

    assert case.waivers.count() == 1


def test_the_last_won_closes_the_case(case):
    demanded(case, instalments=2)

    pay(case, 20_000, "R-1")
    case.refresh_from_db()
    assert case.status == "demanded"
    pay(case, 13_000, "R-2")
    case.refresh_from_db()
    assert case.status == "paid"


def test_more_than_is_open_is_not_taken(case):
    demanded(case)

    with pytest.raises(PaidTooMuch):
        pay(case, 33_001, "R-1")

    assert not case.payments.exists()


def test_a_receipt_is_recorded_once(case):
    demanded(case)
    pay(case, 1_000, "R-1")

    with pytest.raises(ReceiptUsed):
        pay(case, 1_000, "R-1")

    assert case.payments.count() == 1


def test_nothing_is_paid_before_it_is_demanded(case):
    with pytest.raises(IllegalMove):
        pay(case, 1_000, "R-1")


def test_instalments_end_where_the_policy_says(case):
    with pytest.raises(TooManyInstalments):
        demanded(case, instalments=4)


def test_a_watch_that_came_back_holds_no_payouts_and_its_case_is_withdrawn(case, lost, walker):
    loans.scan_in(lost.device.serial, by=JOB)

    ladder.climb(by=JOB)

    case.refresh_from_db()
    assert case.status == "withdrawn"


def test_a_watch_never_returned_opens_a_case_once(walker, policy):
    CompensationPolicy.objects.update(cause="not_returned")
    loan = live_loan(walker)
    Loan.objects.update(due_on=clock.today() - timedelta(days=100))

    first = compensation.open_if_possible(fresh(loan), by=JOB)
    again = compensation.open_if_possible(fresh(loan), by=JOB)

    assert first is not None
    assert again is None


def pay(case, amount, receipt_no):
    compensation.record_payment(
        case, amount=amount, paid_on=clock.today(), receipt_no=receipt_no, by=JOB
    )

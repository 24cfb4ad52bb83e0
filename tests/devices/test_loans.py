import pytest

from devices.errors import ParcelExists
from devices.models import Device, Loan, RecoveryStep, Shipment
from devices.services import loans
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB

from .builders import (
    delivered_loan,
    fresh,
    live_loan,
    reserved_loan,
    returned_loan,
    shipped_loan,
    standing,
)


def test_shipping_plans_one_parcel_and_rings_for_the_courier(
    walker, queued, django_capture_on_commit_callbacks
):
    loan = reserved_loan(walker)

    with django_capture_on_commit_callbacks(execute=True):
        parcel = loans.ship(loan, by=JOB)

    assert standing(loan) == ("shipped", "shipped")
    assert parcel.reference == f"{loan.public_id.hex}-out-1"
    assert ("devices.book_shipment", parcel.pk) in queued


def test_a_loan_is_shipped_once(walker):
    loan = shipped_loan(walker)

    with pytest.raises(IllegalMove):
        loans.ship(loan, by=JOB)

    assert standing(loan) == ("shipped", "shipped")
    assert Shipment.objects.count() == 1


def test_delivery_closes_the_parcel_under_way(walker):
    loan = shipped_loan(walker)
    Shipment.objects.update(status="in_transit", tracking_no="680001")

    loans.mark_delivered(loan, by=JOB)

    assert standing(loan) == ("delivered", "on_loan")
    assert Shipment.objects.get().status == Shipment.Status.DELIVERED
    assert Shipment.objects.get().delivered_at is not None


def test_a_watch_handed_over_at_the_counter_needs_no_parcel(walker):
    loan = reserved_loan(walker)

    loans.mark_delivered(loan, by=JOB)

    assert standing(loan) == ("delivered", "on_loan")
    assert not Shipment.objects.exists()


def test_a_parcel_never_booked_is_not_needed_after_delivery(walker):
    loan = shipped_loan(walker)

    loans.mark_delivered(loan, by=JOB)

    assert Shipment.objects.get().status == Shipment.Status.CANCELLED


def test_acceptance_stores_the_terms_and_starts_the_loan(walker):
    loan = delivered_loan(walker)

    loans.accept(loan, terms="2026-01", by=walker)

    found = fresh(loan)
    assert (found.status, found.accepted_terms) == ("live", "2026-01")
    assert found.due_on == clock.add_months(clock.today(), 6)
    assert (found.device.status, found.device.holds_personal_data) == ("on_loan", True)
    assert AuditEvent.objects.filter(verb="live", actor=walker.actor_name).count() == 1


def test_a_citizen_may_accept_before_the_courier_says_delivered(walker):
    loan = shipped_loan(walker)

    loans.accept(loan, terms="2026-01", by=walker)

    assert standing(loan) == ("live", "on_loan")
    assert fresh(loan).device.holds_personal_data


@pytest.mark.parametrize("build", [reserved_loan, live_loan, returned_loan])
def test_only_a_watch_on_its_way_or_delivered_can_be_accepted(walker, build):
    loan = build(walker)
    before = standing(loan)

    with pytest.raises(IllegalMove):
        loans.accept(loan, terms="2026-02", by=walker)

    assert standing(loan) == before
    assert fresh(loan).accepted_terms != "2026-02"


def test_a_recall_logs_the_step(walker):
    loan = live_loan(walker)

    loans.recall(loan, by=JOB, why="Round ended")

    assert standing(loan) == ("recall_requested", "on_loan")
    assert fresh(loan).recalled_at is not None
    assert RecoveryStep.objects.get().note == "Round ended"


def test_a_recall_needs_a_reason(walker):
    loan = live_loan(walker)

    with pytest.raises(ReasonNeeded):
        loans.recall(loan, by=JOB, why="  ")

    assert standing(loan) == ("live", "on_loan")
    assert not RecoveryStep.objects.exists()


@pytest.mark.parametrize("build", [reserved_loan, returned_loan])
def test_only_a_watch_that_is_out_can_be_recalled(walker, build):
    loan = build(walker)
    before = standing(loan)

    with pytest.raises(IllegalMove):
        loans.recall(loan, by=JOB, why="Round ended")

    assert standing(loan) == before
    assert not RecoveryStep.objects.exists()


def test_a_return_books_a_parcel_back(walker):
    loan = live_loan(walker)

    parcel = loans.start_return(loan, by=walker)

    assert standing(loan) == ("returning", "returning")
    assert (parcel.direction, parcel.status) == ("back", "planned")


def test_a_recalled_watch_can_be_sent_back(walker):
    loan = live_loan(walker)
    loans.recall(loan, by=JOB, why="Round ended")

    loans.start_return(loan, by=walker)

    assert standing(loan) == ("returning", "returning")


def test_a_return_is_started_once(walker):
    loan = live_loan(walker)
    loans.start_return(loan, by=walker)

    with pytest.raises(IllegalMove):
        loans.start_return(fresh(loan), by=walker)

    assert Shipment.objects.count() == 1


def test_a_second_parcel_in_the_same_direction_is_refused(walker):
    loan = shipped_loan(walker)

    with pytest.raises(ParcelExists):
        loans.plan_parcel(loan, Shipment.Direction.OUT, by=JOB)

    assert Shipment.objects.count() == 1


def test_a_reported_loss_writes_loan_and_watch_off(walker):
    loan = live_loan(walker)

    told = loans.report(loan, kind="lost", text="지하철에 두고 내렸습니다", by=walker)

    assert standing(loan) == ("lost", "lost")
    assert told.text == "지하철에 두고 내렸습니다"
    assert "지하철" not in str(AuditEvent.objects.values_list("detail", flat=True))


def test_a_reported_damage_leaves_the_watch_where_it_is(walker):
    loan = live_loan(walker)

    loans.report(loan, kind="damaged", text="화면이 깨졌습니다", by=walker)

    assert standing(loan) == ("damaged", "on_loan")


def test_a_damaged_watch_can_be_sent_back(walker):
    loan = live_loan(walker)
    loans.report(loan, kind="damaged", text="화면이 깨졌습니다", by=walker)

    loans.start_return(fresh(loan), by=walker)

    assert standing(loan) == ("returning", "returning")


def test_a_fault_is_kept_and_moves_nothing(walker):
    loan = live_loan(walker)

    loans.report(loan, kind="faulty", text="충전이 안 됩니다", by=walker)

    assert standing(loan) == ("live", "on_loan")
    assert fresh(loan).reports.get().kind == "faulty"


def test_a_watch_that_came_back_cannot_be_reported_lost(walker):
    loan = returned_loan(walker)

    with pytest.raises(IllegalMove):
        loans.report(loan, kind="lost", text="잃어버렸습니다", by=walker)

    assert standing(loan) == ("returned", "awaiting_inspection")
    assert not fresh(loan).reports.exists()


def test_a_lost_parcel_takes_loan_and_watch_along(walker):
    loan = shipped_loan(walker)
    Shipment.objects.update(status="accepted", tracking_no="680001")

    loans.mark_lost(loan, by=JOB, why="Courier lost it")

    assert standing(loan) == ("lost", "lost")
    assert Shipment.objects.get().status == Shipment.Status.LOST


def test_a_watch_bought_out_leaves_the_fleet(walker):
    loan = live_loan(walker)

    loans.buy_out(loan, by=JOB, why="Paid at the centre")

    assert standing(loan) == ("bought_out", "disposed")
    assert fresh(loan).closed_at is not None


@pytest.mark.parametrize("verb", [loans.mark_lost, loans.mark_damaged, loans.buy_out])
def test_a_write_off_needs_a_reason(walker, verb):
    loan = live_loan(walker)

    with pytest.raises(ReasonNeeded):
        verb(loan, by=JOB, why="")

    assert standing(loan) == ("live", "on_loan")


def test_a_stale_page_moves_nothing(walker):
    stale = live_loan(walker)
    loans.scan_in(stale.device.serial, by=JOB)

    with pytest.raises(IllegalMove):
        loans.mark_lost(stale, by=JOB, why="Not found")

    assert standing(stale) == ("returned", "awaiting_inspection")
    assert Device.objects.get().status == Device.Status.AWAITING_INSPECTION
    assert Loan.objects.get().returned_at is not None

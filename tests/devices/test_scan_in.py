import pytest

from devices.errors import (
    AlreadyIn,
    DisposedWatch,
    LooksLikeAnother,
    NotLent,
    UnknownSerial,
    UnreadableSerial,
)
from devices.models import Device, Loan, Shipment
from devices.services import loans
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB

from .builders import (
    delivered_loan,
    live_loan,
    make_watch,
    reserved_loan,
    returned_loan,
    shipped_loan,
    standing,
)


@pytest.mark.parametrize("build", [shipped_loan, delivered_loan, live_loan])
def test_a_watch_that_is_out_is_taken_in(walker, build):
    loan = build(walker)

    device = loans.scan_in(loan.device.serial, by=JOB)

    assert standing(loan) == ("returned", "awaiting_inspection")
    assert Device.objects.get(pk=device.pk).holds_personal_data
    assert Loan.objects.get().returned_at is not None


@pytest.mark.parametrize("why", ["recalled", "returning", "lost", "damaged"])
def test_a_watch_comes_back_however_its_loan_stood(walker, why):
    loan = live_loan(walker)
    if why == "recalled":
        loans.recall(loan, by=JOB, why="Round ended")
    elif why == "returning":
        loans.start_return(loan, by=walker)
    else:
        loans.report(loan, kind=why, text="말씀드립니다", by=walker)

    loans.scan_in(loan.device.serial, by=JOB)

    assert standing(loan) == ("returned", "awaiting_inspection")


def test_a_watch_lost_in_our_own_stock_is_found(db):
    make_watch("SW-1", status=Device.Status.LOST)

    loans.scan_in("SW-1", by=JOB)

    assert Device.objects.get().status == Device.Status.AWAITING_INSPECTION
    assert not Loan.objects.exists()


@pytest.mark.parametrize("typed", ["  sw-77  ", "Sw-77\n", "SW-77"])
def test_a_label_may_be_typed_carelessly(walker, typed):
    loan = live_loan(walker)
    Device.objects.update(serial="SW-77")

    loans.scan_in(typed, by=JOB)

    assert standing(loan) == ("returned", "awaiting_inspection")


def test_the_return_parcel_ends_with_the_scan(walker):
    loan = live_loan(walker)
    loans.start_return(loan, by=walker)
    Shipment.objects.update(status="in_transit", tracking_no="680001")

    loans.scan_in(loan.device.serial, by=JOB)

    assert Shipment.objects.get().status == Shipment.Status.DELIVERED


def test_a_parcel_that_bounced_was_never_delivered(walker):
    loan = shipped_loan(walker)
    Shipment.objects.update(status="in_transit", tracking_no="680001")

    loans.scan_in(loan.device.serial, by=JOB)

    assert Shipment.objects.get().status == Shipment.Status.CANCELLED


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        ("in_stock", NotLent),
        ("awaiting_inspection", AlreadyIn),
        ("in_repair", AlreadyIn),
        ("quarantined", AlreadyIn),
        ("disposed", DisposedWatch),
    ],
)
def test_a_watch_that_is_not_away_is_refused_with_the_reason(db, status, refusal):
    make_watch("SW-1", status=status)

    with pytest.raises(refusal):
        loans.scan_in("SW-1", by=JOB)

    assert Device.objects.get().status == status
    assert not AuditEvent.objects.exists()


def test_a_reserved_watch_has_not_left(walker):
    loan = reserved_loan(walker)

    with pytest.raises(NotLent):
        loans.scan_in(loan.device.serial, by=JOB)

    assert standing(loan) == ("reserved", "allocated")


def test_a_watch_cannot_come_back_twice(walker):
    loan = returned_loan(walker)

    with pytest.raises(AlreadyIn):
        loans.scan_in(loan.device.serial, by=JOB)

    assert AuditEvent.objects.filter(verb="returned").count() == 1


def test_a_serial_nobody_knows_is_refused(db):
    with pytest.raises(UnknownSerial):
        loans.scan_in("SW-404", by=JOB)


@pytest.mark.parametrize("text", ["", "   ", "ＳＷ-77", "SW‑77", "ЅW-77", "SW_77", "x" * 33])
def test_what_is_no_serial_is_refused(walker, text):
    loan = live_loan(walker)

    with pytest.raises(UnreadableSerial):
        loans.scan_in(text, by=JOB)

    assert standing(loan) == ("live", "on_loan")


def test_a_look_alike_is_told_but_never_taken(walker):
    loan = live_loan(walker)
    Device.objects.update(serial="SW-1O01")

    with pytest.raises(LooksLikeAnother, match="SW-1O01"):
        loans.scan_in("SW-I001", by=JOB)

    assert standing(loan) == ("live", "on_loan")

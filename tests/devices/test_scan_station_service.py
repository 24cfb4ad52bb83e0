import uuid

import pytest

from devices.errors import NothingToUndo, TooLateToUndo
from devices.models import Device, Inspection, Loan, Scan, Shipment
from devices.services import inspections, loans
from devices.services.scans import record_scan, undo_scan
from seoul_health.core.errors import KeyReused
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB

from .builders import live_loan, make_site, make_watch, standing


def test_a_scan_takes_in_and_is_kept(walker):
    loan = live_loan(walker)

    scan = record_scan(uuid.uuid4(), text=f" {loan.device.serial.lower()}\n", by=JOB)

    assert (scan.outcome, scan.device, scan.loan) == ("taken_in", loan.device, loan)
    assert standing(loan) == ("returned", "awaiting_inspection")


def test_a_station_may_grade_and_place_at_once(walker):
    loan, site = live_loan(walker), make_site()

    record_scan(uuid.uuid4(), text=loan.device.serial, grade="B", site=site, by=JOB)

    assert standing(loan) == ("closed", "awaiting_inspection")
    watch = Device.objects.get()
    assert (watch.grade, watch.site) == ("B", site)


def test_a_refused_scan_is_kept_with_its_reason(db):
    make_watch("SW-1")

    scan = record_scan(uuid.uuid4(), text="SW-1", by=JOB)

    assert (scan.outcome, scan.code, scan.device) == ("refused", "not_lent", None)
    assert "SW-1" in scan.message
    assert Device.objects.get().status == Device.Status.IN_STOCK


def test_sending_a_scan_twice_takes_in_once(walker):
    loan, sent = live_loan(walker), uuid.uuid4()

    first = record_scan(sent, text=loan.device.serial, by=JOB)
    again = record_scan(sent, text=loan.device.serial, by=JOB)

    assert first == again
    assert again.outcome == Scan.Outcome.TAKEN_IN
    assert AuditEvent.objects.filter(verb="returned").count() == 1


def test_an_id_belongs_to_one_scan(walker):
    loan, sent = live_loan(walker), uuid.uuid4()
    record_scan(sent, text="SW-404", by=JOB)

    with pytest.raises(KeyReused):
        record_scan(sent, text=loan.device.serial, by=JOB)

    assert standing(loan) == ("live", "on_loan")


@pytest.mark.parametrize("grade", ["", "C"])
def test_undo_gives_everything_back(walker, grade):
    loan, site = live_loan(walker), make_site()
    loans.start_return(loan, by=walker)
    Shipment.objects.update(status="in_transit", tracking_no="680001")
    scan = record_scan(uuid.uuid4(), text=loan.device.serial, grade=grade, site=site, by=JOB)

    undo_scan(scan.client_id, by=JOB)

    assert standing(loan) == ("returning", "returning")
    watch, found = Device.objects.get(), Loan.objects.get()
    assert (watch.holds_personal_data, watch.grade, watch.site) == (True, "A", None)
    assert (found.returned_at, found.closed_at) == (None, None)
    assert Shipment.objects.get().status == Shipment.Status.IN_TRANSIT
    assert not Inspection.objects.exists()


def test_undoing_twice_undoes_once(walker):
    scan = record_scan(uuid.uuid4(), text=live_loan(walker).device.serial, by=JOB)
    undo_scan(scan.client_id, by=JOB)

    undo_scan(scan.client_id, by=JOB)

    assert AuditEvent.objects.filter(verb="scan_undone").count() == 2  # loan and watch


def test_an_undone_watch_can_be_scanned_again(walker):
    loan = live_loan(walker)
    scan = record_scan(uuid.uuid4(), text=loan.device.serial, by=JOB)
    undo_scan(scan.client_id, by=JOB)

    record_scan(uuid.uuid4(), text=loan.device.serial, by=JOB)

    assert standing(loan) == ("returned", "awaiting_inspection")


def test_nobody_undoes_somebody_elses_scan(walker, make_staff):
    loan = live_loan(walker)
    scan = record_scan(uuid.uuid4(), text=loan.device.serial, by=JOB)

    with pytest.raises(NothingToUndo):
        undo_scan(scan.client_id, by=make_staff("device_officer"))

    assert standing(loan) == ("returned", "awaiting_inspection")


def test_a_refused_scan_has_nothing_to_undo(db):
    scan = record_scan(uuid.uuid4(), text="SW-404", by=JOB)

    with pytest.raises(NothingToUndo):
        undo_scan(scan.client_id, by=JOB)


@pytest.mark.parametrize("work", ["inspect", "wipe", "repair"])
def test_work_done_since_keeps_the_scan(walker, work):
    loan = live_loan(walker)
    scan = record_scan(uuid.uuid4(), text=loan.device.serial, by=JOB)
    if work == "inspect":
        inspections.inspect(loan.device, grade="B", by=JOB)
    elif work == "wipe":
        inspections.wipe(loan.device, method="factory_reset", by=JOB)
    else:
        inspections.send_to_repair(loan.device, by=JOB, why="No charge")
    before = standing(loan)

    with pytest.raises(TooLateToUndo):
        undo_scan(scan.client_id, by=JOB)

    assert standing(loan) == before
    assert Scan.objects.get().undone_at is None

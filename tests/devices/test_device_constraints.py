import pytest
from django.db import IntegrityError, transaction

from devices.models import DataWipe, Device, Inspection, Loan, Scan, Shipment
from seoul_health.core.db import violated

from .builders import join, live_loan, make_watch, returned_loan, shipped_loan


def broken(act) -> str:
    """Name the constraint that refuses an act."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        act()
    return violated(caught.value)


def test_one_person_holds_one_watch(walker):
    loan = live_loan(walker)

    name = broken(
        lambda: Loan.objects.create(
            device=make_watch(),
            participant=walker,
            participation=loan.participation,
            due_on=loan.due_on,
        )
    )

    assert name == "one_live_loan_per_participant"


def test_one_watch_has_one_borrower(walker, make_participant):
    loan, other = live_loan(walker), make_participant()

    name = broken(
        lambda: Loan.objects.create(
            device=loan.device, participant=other, participation=join(other), due_on=loan.due_on
        )
    )

    assert name == "one_live_loan_per_device"


@pytest.mark.parametrize("status", ["returned", "closed"])
def test_a_returned_loan_says_when(walker, status):
    live_loan(walker)

    assert broken(lambda: Loan.objects.update(status=status)) == "a_returned_loan_says_when"


@pytest.mark.parametrize("status", ["in_stock", "allocated", "shipped"])
def test_a_watch_is_wiped_before_reissue(walker, status):
    returned_loan(walker)

    refused = broken(lambda: Device.objects.update(status=status))

    # Back on the shelf, the trigger that looks for the wipe's record speaks first.
    on_shelf = "a_wipe_is_on_record_before_a_watch_leaves"
    assert refused == (on_shelf if status == "in_stock" else "a_watch_is_wiped_before_reissue")


def test_a_serial_is_unique(db):
    make_watch("SW-1")

    assert broken(lambda: make_watch("SW-1")).startswith("devices_device_serial")


@pytest.mark.parametrize(("one", "other"), [("SW-10", "SW-1O"), ("LOT1", "L0TI")])
def test_no_two_serials_look_alike(db, one, other):
    make_watch(one)

    assert broken(lambda: make_watch(other)) == "no_two_serials_look_alike"


def test_a_grade_is_a_to_d(db):
    assert broken(lambda: make_watch(grade="E")) == "a_grade_is_a_to_d"


def test_an_inspection_grades_a_to_d(db):
    watch = make_watch()

    name = broken(lambda: Inspection.objects.create(device=watch, grade="F", inspected_by="x"))

    assert name == "an_inspection_grades_a_to_d"


def test_a_tracking_number_is_one_parcel(walker):
    loan = shipped_loan(walker)
    Shipment.objects.update(tracking_no="680001")

    name = broken(
        lambda: Shipment.objects.create(
            loan=loan, direction="back", reference="r-2", tracking_no="680001"
        )
    )

    assert name == "one_shipment_per_tracking_number"


def test_a_loan_has_one_parcel_each_way(walker):
    loan = shipped_loan(walker)

    name = broken(lambda: Shipment.objects.create(loan=loan, direction="out", reference="r-2"))

    assert name == "one_shipment_per_loan_and_direction"


def test_a_reference_is_one_parcel(walker):
    loan = shipped_loan(walker)
    reference = loan.shipments.get().reference

    name = broken(lambda: Shipment.objects.create(loan=loan, direction="back", reference=reference))

    assert name.startswith("devices_shipment_reference")


def test_a_client_id_is_one_scan(db):
    scan = Scan.objects.create(text="SW-1", scanned_by="x")

    name = broken(
        lambda: Scan.objects.create(client_id=scan.client_id, text="SW-2", scanned_by="x")
    )

    assert name == "one_scan_per_client_id"


def test_a_watch_taken_in_is_known(db):
    name = broken(lambda: Scan.objects.create(text="SW-1", scanned_by="x", outcome="taken_in"))

    assert name == "a_watch_taken_in_is_known"


def test_what_happened_to_a_watch_is_not_deleted_with_it(walker):
    loan = returned_loan(walker)
    DataWipe.objects.create(device=loan.device, method="factory_reset", wiped_by="x")

    with pytest.raises(Exception, match="protected"):
        loan.device.delete()

"""A list packed while its allocation is taken back, a file taken in while a watch is put back."""

import threading

import pytest
from django.db import connection, transaction

from devices.lending_errors import NumbersChanged
from devices.models import Allocation, Carrier, Loan, ParcelBatch, Shipment
from devices.services import allocation, courier_files, loans, packing
from seoul_health.core.spreadsheets import write_csv
from tests.concurrency.test_disposal_races import wait_for_a_waiter
from tests.conftest import JOB
from tests.devices.builders import join, make_watch, reserved_loan

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer")


@pytest.fixture
def carrier(db):
    return Carrier.objects.get_or_create(
        code="lotte", defaults={"name": "롯데택배", "lengths": [12]}
    )[0]


def meanwhile(act):
    """Do something on a connection of its own; give what it came back with."""
    came_back = []

    def run():
        try:
            came_back.append(act())
        except Exception as exc:
            came_back.append(exc)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, came_back


def sent(carrier, officer, parcel):
    content = write_csv(["주문번호", "운송장번호"], [[parcel.reference, "680000000001"]])
    return courier_files.read_file(content, name="a.csv", carrier=carrier, by=officer)


def test_what_is_packed_meanwhile_is_not_taken_back(make_participant, carrier, officer):
    lane = join(make_participant()).application.lane
    make_watch()
    made = allocation.ask_allocation(lane, lot=None, site=None, most=None, by=officer)
    allocation.allocate(made, by=JOB)
    made = Allocation.objects.get()

    with transaction.atomic():
        packing.pack(Loan.objects.all(), carrier=carrier, by=officer)
        thread, came_back = meanwhile(lambda: allocation.take_back(made, why="Later", by=officer))
        wait_for_a_waiter()
    thread.join()

    assert came_back == [0]
    assert (Loan.objects.get().status, Shipment.objects.get().status) == ("reserved", "planned")


def test_a_file_waits_for_a_reservation_that_is_cancelled(make_participant, carrier, officer):
    loan = reserved_loan(make_participant())
    batch = packing.pack(Loan.objects.all(), carrier=carrier, by=officer).batch
    found = sent(carrier, officer, batch.parcels.get())

    with transaction.atomic():
        Loan.objects.select_for_update().get(pk=loan.pk)
        thread, came_back = meanwhile(lambda: courier_files.take_in(found, by=officer))
        wait_for_a_waiter()
        loans.cancel_reservation(loan, by=officer, why="Moved away")
    thread.join()

    assert isinstance(came_back[0], NumbersChanged)
    assert (Loan.objects.get().status, Shipment.objects.get().status) == ("cancelled", "cancelled")


def test_a_file_waits_for_a_list_that_is_called_off(make_participant, carrier, officer):
    reserved_loan(make_participant())
    batch = packing.pack(Loan.objects.all(), carrier=carrier, by=officer).batch
    found = sent(carrier, officer, batch.parcels.get())

    with transaction.atomic():
        ParcelBatch.objects.select_for_update().get(pk=batch.pk)
        thread, came_back = meanwhile(lambda: courier_files.take_in(found, by=officer))
        wait_for_a_waiter()
        assert packing.call_off(batch, why="Wrong carrier", by=officer) == 1
    thread.join()

    assert isinstance(came_back[0], NumbersChanged)
    assert Shipment.objects.get().status == "cancelled"

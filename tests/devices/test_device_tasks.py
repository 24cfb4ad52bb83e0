import httpx
import pytest
from celery import current_app

from devices import tasks
from devices.models import Loan, Shipment
from seoul_health.core.models import AuditEvent
from seoul_health.simulators.server import Simulators

from .builders import join, make_watch, shipped_loan, standing


@pytest.fixture
def courier(tmp_path, settings):
    """The simulated courier on a line of its own."""
    running = Simulators(
        port=0,
        state_dir=tmp_path,
        identity_secret=settings.IDENTITY_SECRET,
        wallet_secret=settings.WALLET_SECRET,
        courier_secret=settings.COURIER_SECRET,
    )
    with running as simulators:
        settings.COURIER_URL = f"{simulators.url}/courier"
        yield simulators


@pytest.mark.parametrize("name", ["book_shipment", "ask_courier", "reserve_waiting"])
def test_tasks_have_their_names(name):
    assert f"devices.{name}" in current_app.tasks


def test_a_parcel_is_booked_over_the_line(walker, courier):
    loan = shipped_loan(walker)
    parcel = loan.shipments.get()

    tasks.book_shipment(parcel.pk)
    tasks.book_shipment(parcel.pk)

    found = Shipment.objects.get()
    assert (found.status, found.carrier) == ("accepted", "한강택배")
    assert AuditEvent.objects.get(verb="accepted").actor == "system:devices.book_shipment"


def test_a_delivered_parcel_is_noticed_over_the_line(walker, courier):
    loan = shipped_loan(walker)
    tasks.book_shipment(loan.shipments.get().pk)
    number = loan.shipments.get().tracking_no
    httpx.post(f"{courier.url}/control/courier/deliver", json={"tracking_no": number})

    tasks.ask_courier()

    assert standing(loan) == ("delivered", "on_loan")


def test_a_courier_that_is_away_leaves_the_parcel_planned(walker, settings):
    settings.COURIER_URL = "http://127.0.0.1:9/courier"
    loan = shipped_loan(walker)

    tasks.book_shipment(loan.shipments.get().pk)

    assert loan.shipments.get().status == Shipment.Status.PLANNED


def test_the_sweep_serves_the_waiting(walker):
    join(walker)
    make_watch()

    tasks.reserve_waiting()

    assert Loan.objects.get().participant == walker

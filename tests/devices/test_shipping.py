from datetime import timedelta

import pytest

from devices.errors import TrackingNumberTaken
from devices.gateways.courier import Progress, Refused, Unreachable
from devices.models import Shipment
from devices.services import loans, shipping
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from tests.conftest import JOB

from .builders import Parcels, live_loan, shipped_loan, standing


def booked(loan, courier):
    shipping.book_shipment(loan.shipments.get(), courier=courier, by=JOB)
    return loan.shipments.get()


def test_a_booked_parcel_has_a_carrier_and_a_number(walker):
    loan = shipped_loan(walker)

    parcel = booked(loan, Parcels())

    assert (parcel.status, parcel.carrier) == ("accepted", "한강택배")
    assert parcel.tracking_no == "68000000000"


def test_booking_twice_books_one_parcel(walker):
    loan, courier = shipped_loan(walker), Parcels()
    stale = loan.shipments.get()
    booked(loan, courier)

    shipping.book_shipment(stale, courier=courier, by=JOB)

    assert len(courier.booked) == 1
    assert loan.shipments.get().status == Shipment.Status.ACCEPTED


def test_silence_leaves_the_parcel_planned(walker):
    parcel = booked(shipped_loan(walker), Parcels(fails=Unreachable()))

    assert (parcel.status, parcel.tracking_no) == ("planned", "")


def test_a_refused_parcel_is_planned_again_under_a_new_reference(walker):
    loan = shipped_loan(walker)
    parcel = booked(loan, Parcels(fails=Refused("no_service", "No service here.")))
    assert parcel.status == Shipment.Status.REFUSED

    again = shipping.plan_again(parcel, by=JOB)

    assert again.reference == f"{loan.public_id.hex}-out-2"
    assert again.status == Shipment.Status.PLANNED


def test_only_a_refused_parcel_is_planned_again(walker):
    parcel = booked(shipped_loan(walker), Parcels())

    with pytest.raises(IllegalMove):
        shipping.plan_again(parcel, by=JOB)

    assert Shipment.objects.count() == 1


def test_a_tracking_number_is_never_two_parcels(make_participant):
    first, second = shipped_loan(make_participant()), shipped_loan(make_participant())
    booked(first, Parcels())

    with pytest.raises(TrackingNumberTaken):
        shipping.book_shipment(second.shipments.get(), courier=Parcels(), by=JOB)

    assert second.shipments.get().status == Shipment.Status.PLANNED


def test_a_delivered_parcel_delivers_the_loan(walker):
    loan, courier = shipped_loan(walker), Parcels()
    courier.progress[booked(loan, courier).tracking_no] = Progress.DELIVERED

    assert shipping.ask_courier(courier=courier, by=JOB) == 1

    assert standing(loan) == ("delivered", "on_loan")
    assert loan.shipments.get().delivered_at is not None


def test_a_parcel_under_way_moves_no_loan(walker):
    loan, courier = shipped_loan(walker), Parcels()
    courier.progress[booked(loan, courier).tracking_no] = Progress.IN_TRANSIT

    assert shipping.ask_courier(courier=courier, by=JOB) == 1
    assert shipping.ask_courier(courier=courier, by=JOB) == 0

    assert standing(loan) == ("shipped", "shipped")
    assert loan.shipments.get().status == Shipment.Status.IN_TRANSIT


def test_a_parcel_back_waits_for_the_scanner(walker):
    loan, courier = live_loan(walker), Parcels()
    loans.start_return(loan, by=walker)
    courier.progress[booked(loan, courier).tracking_no] = Progress.DELIVERED

    shipping.ask_courier(courier=courier, by=JOB)

    assert standing(loan) == ("returning", "returning")
    assert loan.shipments.get().status == Shipment.Status.DELIVERED


def test_delivery_after_a_recall_still_finds_the_watch(walker):
    loan, courier = shipped_loan(walker), Parcels()
    courier.progress[booked(loan, courier).tracking_no] = Progress.DELIVERED
    loans.recall(loan, by=JOB, why="Round ended")

    shipping.ask_courier(courier=courier, by=JOB)

    assert standing(loan) == ("recall_requested", "on_loan")


def test_delivery_after_acceptance_only_ends_the_parcel(walker):
    loan, courier = shipped_loan(walker), Parcels()
    courier.progress[booked(loan, courier).tracking_no] = Progress.DELIVERED
    loans.accept(loan, terms="2026-01", by=walker)

    shipping.ask_courier(courier=courier, by=JOB)

    assert standing(loan) == ("live", "on_loan")
    assert loan.shipments.get().status == Shipment.Status.DELIVERED


def test_a_silent_courier_moves_nothing(walker):
    loan, courier = shipped_loan(walker), Parcels()
    booked(loan, courier)
    courier.fails = Unreachable()

    assert shipping.ask_courier(courier=courier, by=JOB) == 0

    assert loan.shipments.get().status == Shipment.Status.ACCEPTED


def test_a_number_the_courier_does_not_know_moves_nothing(walker):
    loan, courier = shipped_loan(walker), Parcels()
    booked(loan, courier)

    assert shipping.ask_courier(courier=courier, by=JOB) == 0

    assert loan.shipments.get().status == Shipment.Status.ACCEPTED


def test_a_parcel_never_booked_is_rung_for_again(
    walker, queued, django_capture_on_commit_callbacks
):
    parcel = shipped_loan(walker).shipments.get()
    Shipment.objects.update(planned_at=clock.now() - timedelta(minutes=5))

    with django_capture_on_commit_callbacks(execute=True):
        shipping.ask_courier(courier=Parcels(), by=JOB)

    assert queued == [("devices.book_shipment", parcel.pk)]


def test_the_parcel_longest_unasked_comes_first(make_participant):
    first, second = shipped_loan(make_participant()), shipped_loan(make_participant())
    Shipment.objects.update(planned_at=clock.now() - timedelta(minutes=5))
    first.shipments.update(asked_at=clock.now())

    claimed = shipping.claim_parcels()

    assert [each.loan for each in claimed] == [second, first]

import json

import httpx
import pytest

from devices.gateways.courier import Direction, HttpCourier, Progress, Refused, Unreachable

from .canned import partner_that_says
from .conftest import COURIER_SECRET, build


@pytest.fixture
def courier(simulators):
    return HttpCourier(f"{simulators.url}/courier", COURIER_SECRET, timeout=0.5)


def ship(courier: HttpCourier, reference: str = "loan-1-out", serial: str = "SW-1"):
    return courier.ship(reference, direction=Direction.OUT, serial=serial)


def test_a_parcel_is_booked_once(courier):
    assert ship(courier) == ship(courier)
    assert ship(courier, "loan-2-out") != ship(courier)


def test_a_reference_belongs_to_one_parcel(courier):
    ship(courier)
    with pytest.raises(Refused, match="duplicate_mismatch"):
        ship(courier, serial="SW-2")


def test_a_parcel_travels_and_arrives(simulators, courier):
    number = ship(courier).tracking_no
    assert courier.track(number).status == Progress.ACCEPTED
    simulators.courier._by_number[number].accepted -= 60
    assert courier.track(number).status == Progress.IN_TRANSIT
    body = {"tracking_no": number}
    httpx.post(f"{simulators.url}/control/courier/deliver", json=body).raise_for_status()
    assert courier.track(number).status == Progress.DELIVERED


def test_an_unknown_parcel_is_nothing(courier):
    assert courier.track("680/1?") is None


def test_parcels_survive_a_restart(tmp_path):
    with build(tmp_path) as before:
        booked = ship(HttpCourier(f"{before.url}/courier", COURIER_SECRET))
        before.courier.deliver({"tracking_no": booked.tracking_no})
    with build(tmp_path) as after:
        courier = HttpCourier(f"{after.url}/courier", COURIER_SECRET)
        assert ship(courier) == booked
        assert courier.track(booked.tracking_no).status == Progress.DELIVERED


def test_a_stranger_books_nothing(simulators):
    with pytest.raises(Unreachable):
        ship(HttpCourier(f"{simulators.url}/courier", "another"))


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        json.dumps({"carrier": "c", "tracking_no": "1", "reference": "loan-2-out"}).encode(),
        json.dumps({"carrier": "c", "tracking_no": "", "reference": "loan-1-out"}).encode(),
    ],
)
def test_an_answer_that_makes_no_sense_books_nothing(body):
    with partner_that_says(body) as (url, _asked), pytest.raises(Unreachable):
        ship(HttpCourier(url, COURIER_SECRET))


@pytest.mark.parametrize(
    "change", [{"tracking_no": "2"}, {"status": "lost in space"}, {"at": "yesterday"}]
)
def test_a_position_that_makes_no_sense_is_silence(change):
    told = {"tracking_no": "1", "status": "accepted", "at": "2026-03-02T10:00:00+09:00"}
    with (
        partner_that_says(json.dumps(told | change).encode()) as (url, _asked),
        pytest.raises(Unreachable),
    ):
        HttpCourier(url, COURIER_SECRET).track("1")

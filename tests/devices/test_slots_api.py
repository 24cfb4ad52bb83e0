import uuid
from datetime import timedelta

import pytest

from devices.models import Reservation, Slot, Waiting
from devices.services import reservations
from devices.services.slots import close_slot
from seoul_health.core import clock
from tests.conftest import JOB
from tests.participants.builders import App

from .booking import HOUR, counts, fresh, make_slot


@pytest.fixture
def app(walker):
    return App(walker)


def wish(slot):
    return {"slot": str(slot.public_id)}


def of_site(slot):
    return f"sites/{slot.resource.site.public_id}/slots/"


def test_anybody_sees_where_each_time_stands(db, django_assert_max_num_queries, walker):
    free = make_slot(capacity=2)
    later = make_slot(opens_at=clock.now() + HOUR)
    full = make_slot()
    reservations.book(walker, full, by=JOB)
    shut = make_slot()
    close_slot(shut, why="점검", by=JOB)

    with django_assert_max_num_queries(2):
        answer = App().get(of_site(free))

    found = {row["id"]: (row["state"], row["free"]) for row in answer.json()["results"]}
    assert found == {
        str(free.public_id): ("free", 2),
        str(later.public_id): ("not_open_yet", 1),
        str(full.public_id): ("full", 0),
        str(shut.public_id): ("closed", 0),
    }
    assert answer["Cache-Control"] == "public, max-age=2"


def test_a_second_reader_costs_the_database_nothing(db, django_assert_num_queries):
    path = of_site(make_slot())
    App().get(path)

    with django_assert_num_queries(0):
        assert App().get(path).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-13-01"},
        {"to": "1999-01-01"},
        {"from": "２０２６-01-01"},
        {"to": "2100-01-01"},
    ],
    ids=["no-such-month", "backwards", "wide-digits", "too-far"],
)
def test_days_that_cannot_be_asked_for_are_400(db, query):
    assert App().get(of_site(make_slot()), **query).status_code == 400


def test_an_unknown_site_is_404(db):
    assert App().get(f"sites/{uuid.uuid4()}/slots/").status_code == 404


def test_a_closed_site_shows_nothing(db):
    slot = make_slot()
    type(slot.resource.site).objects.update(is_active=False)

    assert App().get(of_site(slot)).status_code == 404


def test_a_time_is_reserved_once_per_key(app):
    slot, key = make_slot(), str(uuid.uuid4())

    first = app.post("me/reservations/", wish(slot), key=key)
    again = app.post("me/reservations/", wish(slot), key=key)

    assert (first.status_code, again.json()) == (201, first.json())
    assert again["Idempotency-Replayed"] == "true"
    assert first.json()["status"] == "booked"
    assert counts(slot) == (1, 0)


def test_what_is_taken_is_409(app, make_participant):
    slot = make_slot()
    reservations.book(make_participant(), slot, by=JOB)

    answer = app.post("me/reservations/", wish(slot))

    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert Reservation.objects.count() == 1


def test_what_is_not_open_yet_is_422_with_the_moment(app):
    slot = make_slot(opens_at=clock.now() + HOUR)

    answer = app.post("me/reservations/", wish(slot))

    assert (answer.status_code, answer.json()["code"]) == (422, "not_open_yet")
    (moment,) = answer.json()["fields"]["opens_at"]
    assert moment == slot.opens_at.astimezone(clock.KST).isoformat()
    assert Reservation.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"slot": 7}, 400), ({"slot": "x"}, 400), ({"slot": str(uuid.UUID(int=9))}, 404)],
    ids=["nothing", "a-number", "no-id", "unknown"],
)
def test_a_wish_must_name_a_slot(app, body, status):
    assert app.post("me/reservations/", body).status_code == status


def test_my_reservations_are_listed_in_few_queries(app, walker, django_assert_max_num_queries):
    for days in range(1, 5):
        start = clock.now() + timedelta(days=days)
        reservations.book(walker, make_slot(starts_at=start), by=walker)

    with django_assert_max_num_queries(2):
        answer = app.get("me/reservations/")

    assert len(answer.json()["results"]) == 4


def test_a_reservation_is_given_back(app, walker):
    slot = make_slot()
    row = reservations.book(walker, slot, by=walker)
    path = f"/api/v1/me/reservations/{row.public_id}/"

    first = app.client.delete(path, headers={"Idempotency-Key": str(uuid.uuid4())})
    again = app.client.delete(path, headers={"Idempotency-Key": str(uuid.uuid4())})

    assert (first.status_code, again.status_code) == (204, 409)
    assert counts(slot) == (0, 0)
    assert app.get(f"me/reservations/{row.public_id}/").json()["status"] == "cancelled"


def test_somebody_elses_reservation_is_404(app, make_participant):
    slot = make_slot()
    row = reservations.book(make_participant(), slot, by=JOB)
    path = f"/api/v1/me/reservations/{row.public_id}/"

    answer = app.client.delete(path, headers={"Idempotency-Key": str(uuid.uuid4())})

    assert (app.get(path[8:]).status_code, answer.status_code) == (404, 404)
    assert counts(slot) == (1, 0)


def test_the_waiting_list_says_why_one_stands_where(app, make_participant):
    slot = make_slot()
    reservations.book(make_participant(), slot, by=JOB)

    answer = app.post("me/waiting-lists/", wish(slot))

    assert answer.status_code == 201
    body = answer.json()
    assert (body["rank"], body["score"], body["status"]) == (1, 10, "waiting")
    assert [part["points"] for part in body["because"]] == [10]
    assert counts(slot) == (1, 1)


def test_one_stops_waiting(app, make_participant):
    slot = make_slot()
    reservations.book(make_participant(), slot, by=JOB)
    place = app.post("me/waiting-lists/", wish(slot)).json()["id"]

    path = f"/api/v1/me/waiting-lists/{place}/"
    answer = app.client.delete(path, headers={"Idempotency-Key": str(uuid.uuid4())})

    assert (answer.status_code, counts(slot)) == (204, (1, 0))
    assert app.get("me/waiting-lists/").json()["results"][0]["rank"] is None
    assert Waiting.objects.get().status == "left"


def test_waiting_for_a_free_time_is_409(app):
    slot = make_slot()

    answer = app.post("me/waiting-lists/", wish(slot))

    assert (answer.status_code, answer.json()["code"]) == (409, "place_free")
    assert counts(slot) == (0, 0)


@pytest.mark.parametrize("path", ["me/reservations/", "me/waiting-lists/"])
def test_a_guest_is_401(db, path):
    assert App().get(path).status_code == 401
    assert App().post(path, {}).status_code == 401


def test_a_slot_of_a_resource_out_of_use_is_404(app):
    slot = make_slot()
    type(slot.resource).objects.update(is_active=False)

    assert app.post("me/reservations/", wish(slot)).status_code == 404
    assert (fresh(slot).taken, Slot.objects.count()) == (0, 1)

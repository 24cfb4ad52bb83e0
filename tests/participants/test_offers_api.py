"""What the app shows and does about a place in line and an offered seat."""

import pytest

from participants.models import Application, Offer, Participation
from participants.services import applications, offers
from seoul_health.core import clock
from tests.conftest import JOB
from tests.participants.builders import App
from tests.participants.recruiting import submitted
from tests.participants.waiting import expire, lane_with, served

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(make_participant):
    return [make_participant(is_resident=True) for _ in range(4)]


def shown(row):
    return App(row.participant).get(f"me/applications/{row.public_id}/").json()


def test_an_application_tells_the_promised_day_and_who_acts_next(people):
    row = submitted(people[0], lane_with())

    body = shown(row)

    assert body["promised_on"] == row.promised_on.isoformat()
    assert (body["next"]["who"], body["offer"], body["position"]) == ("office", None, None)


def test_an_offer_tells_until_when_it_is_kept(people):
    first, *_ = served(lane_with({"seats": 1}), people[:1])

    offer = shown(first)["offer"]

    kept = Offer.objects.get().expires_at.astimezone(clock.KST)
    assert (offer["status"], offer["expires_at"]) == ("open", kept.isoformat())


def test_the_waiting_see_their_place_as_it_is_now(people):
    rows = served(lane_with({"seats": 1}), people)
    assert [shown(row)["position"] for row in rows] == [None, 1, 2, 3]

    applications.withdraw(rows[1], by=people[1])

    assert [shown(row)["position"] for row in rows[2:]] == [1, 2]


def test_accepting_in_time_makes_a_participation(people):
    first, *_ = served(lane_with({"seats": 1}), people[:1])

    answer = App(people[0]).post(f"me/applications/{first.public_id}/accept-offer/")

    assert (answer.status_code, answer.json()["status"]) == (200, "confirmed")
    assert answer.json()["offer"]["status"] == "accepted"


@pytest.mark.parametrize("verb", ["accept-offer", "decline-offer"])
@pytest.mark.parametrize("sweep", [True, False], ids=["after the sweep", "before the sweep"])
def test_an_answer_too_late_is_refused(people, verb, sweep):
    first, *_ = served(lane_with({"seats": 1}), people[:1])
    expire(Offer.objects.get())
    if sweep:
        offers.lapse_due(by=JOB)
    before = Application.objects.get().status

    answer = App(people[0]).post(f"me/applications/{first.public_id}/{verb}/")

    assert (answer.status_code, answer.json()["code"]) == (409, "offer_lapsed")
    assert (Application.objects.get().status, Participation.objects.count()) == (before, 0)


def test_a_foreign_offer_is_unknown(people):
    first, *_ = served(lane_with({"seats": 1}), people[:1])

    answer = App(people[1]).post(f"me/applications/{first.public_id}/accept-offer/")

    assert answer.status_code == 404
    assert Offer.objects.get().status == "open"

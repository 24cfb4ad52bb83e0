"""What a citizen sees of holds and claw-backs, and what they can say."""

import uuid

import pytest

from points.models import Clawback, Hold, HoldAppeal
from points.services.clawbacks import approve_clawback, propose_clawback
from points.services.holding import confirm_hold, release_hold
from points.services.scans import scan_day
from tests.conftest import JOB
from tests.points.builders import ERA, walk
from tests.points.holding import held, reviewed, shake
from tests.points.test_api_steps import app_of

pytestmark = pytest.mark.django_db
HOLDS = "/api/v1/me/holds/"
CLAWBACKS = "/api/v1/me/clawbacks/"


@pytest.fixture
def officer(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def approver(make_staff):
    return make_staff("finance_approver")


@pytest.fixture
def app(walker):
    return app_of(walker)


@pytest.fixture
def hold(walker, officer):
    walk(walker, ERA, 8_000)
    return held(walker, officer)


@pytest.fixture
def clawback(walker, officer, approver):
    asked = propose_clawback(reviewed(walker, officer, approver), why="shaken", by=officer)
    approve_clawback(asked, by=approver)
    return asked


def say(app, address, text="I walked", key=None):
    return app.post(
        address,
        {"text": text},
        format="json",
        headers={"Idempotency-Key": key or str(uuid.uuid4())},
    )


def test_a_hold_is_explained_with_what_to_do(app, walker):
    shake(walker, ERA)
    scan_day(ERA, by=JOB)
    told = app.get(HOLDS).json()["results"]

    assert len(told) == 1
    hold = told[0]
    assert (hold["signal"], hold["status"], hold["can_appeal"]) == ("shaker", "open", True)
    assert hold["days"] == [
        {
            "date": str(ERA),
            "message": "For 240 minutes, 0 of them at night, the steps came at an even 112 a "
            "minute. A person's pace changes more than that.",
        }
    ]
    assert hold["next_step"].startswith("If you walked these steps")
    assert (hold["reason"], hold["appeal"], hold["appeal_until"]) == ("", None, None)


def test_the_day_says_that_it_waits(app, hold):
    day = app.get(f"/api/v1/me/steps/?from={ERA}&to={ERA}").json()[0]

    assert (day["reason"], day["qualified"], day["points"]) == ("on_hold", True, 0)
    assert "100 points wait" in day["message"]


def test_an_objection_is_filed_once_per_key(app, hold):
    key, address = str(uuid.uuid4()), f"{HOLDS}{hold.public_id}/appeal/"
    first, again = say(app, address, key=key), say(app, address, key=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotency-Replayed"] == "true"
    assert first.json()["appeal"]["text"] == "I walked"
    assert first.json()["next_step"].startswith("Your objection will be decided by")
    assert HoldAppeal.objects.count() == 1
    assert say(app, address).status_code == 409


@pytest.mark.parametrize("text", ["", " ", "x" * 2_001, None, 7, "\u202eabc"])
def test_an_objection_needs_words(app, hold, text):
    answer = say(app, f"{HOLDS}{hold.public_id}/appeal/", text)

    assert answer.status_code == 400
    assert "text" in answer.json()["fields"]
    assert not HoldAppeal.objects.exists()


def test_an_objection_needs_a_key(app, hold):
    answer = app.post(f"{HOLDS}{hold.public_id}/appeal/", {"text": "I walked"}, format="json")

    assert answer.status_code == 400
    assert not HoldAppeal.objects.exists()


def test_a_released_hold_needs_nothing(app, hold, approver):
    release_hold(hold, why="a marathon", by=approver)
    told = app.get(f"{HOLDS}{hold.public_id}/").json()

    assert (told["status"], told["can_appeal"], told["reason"]) == ("released", False, "a marathon")
    assert told["next_step"] == "You need not do anything."
    assert say(app, f"{HOLDS}{hold.public_id}/appeal/").status_code == 409


def test_a_confirmed_hold_names_the_last_day_for_an_objection(app, hold, approver):
    confirm_hold(hold, why="shaken", by=approver)
    told = app.get(f"{HOLDS}{hold.public_id}/").json()

    assert (told["status"], told["can_appeal"]) == ("confirmed", True)
    assert told["appeal_until"] is not None


def test_holds_of_others_and_unknown_ones_are_not_found(make_participant, hold):
    stranger = app_of(make_participant())
    for public_id in (hold.public_id, uuid.uuid4()):
        assert stranger.get(f"{HOLDS}{public_id}/").status_code == 404
        assert say(stranger, f"{HOLDS}{public_id}/appeal/").status_code == 404
    assert stranger.get(HOLDS).json()["results"] == []
    assert not HoldAppeal.objects.exists()


def test_a_list_of_holds_costs_the_same_however_long(
    app, walker, officer, hold, django_assert_max_num_queries
):
    from datetime import timedelta

    for n in range(1, 6):
        held(walker, officer, first=ERA + timedelta(days=n))
    with django_assert_max_num_queries(5):
        assert len(app.get(HOLDS).json()["results"]) == 6


def test_a_clawback_is_shown_from_its_notice_on(app, walker, officer, approver):
    asked = propose_clawback(reviewed(walker, officer, approver), why="shaken", by=officer)
    assert app.get(CLAWBACKS).json()["results"] == []
    assert app.get(f"{CLAWBACKS}{asked.public_id}/").status_code == 404
    approve_clawback(asked, by=approver)
    told = app.get(CLAWBACKS).json()["results"][0]

    assert (told["amount"], told["status"], told["reason"]) == (200, "notified", "shaken")
    assert (told["can_object"], len(told["days"])) == (True, 2)


def test_an_objection_stops_a_clawback(app, clawback):
    answer = say(app, f"{CLAWBACKS}{clawback.public_id}/objection/")

    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["can_object"]) == ("objected", False)
    assert Clawback.objects.get().objection == "I walked"
    assert say(app, f"{CLAWBACKS}{clawback.public_id}/objection/").status_code == 409


def test_clawbacks_of_others_are_not_found(make_participant, clawback):
    stranger = app_of(make_participant())

    assert stranger.get(f"{CLAWBACKS}{clawback.public_id}/").status_code == 404
    assert say(stranger, f"{CLAWBACKS}{clawback.public_id}/objection/").status_code == 404
    assert Clawback.objects.get().status == "notified"


def test_a_guest_sees_none_of_it(client, hold):
    for address in (HOLDS, CLAWBACKS, f"{HOLDS}{hold.public_id}/"):
        assert client.get(address).status_code == 401
    assert Hold.objects.get().status == "open"


def test_an_upload_may_name_its_device(app, walker):
    from devices.models import SyncReceipt
    from tests.points.builders import sample
    from tests.points.test_api_steps import body, send

    assert send(app, body(sample(ERA, 1), device_id="R5K-0001")).status_code == 202
    receipt = SyncReceipt.objects.get()
    assert len(receipt.device_key) == 34
    assert "R5K" not in receipt.device_key
    refused = send(app, body(sample(ERA, 1), device_id="x" * 65))
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["device_id"])

import uuid
from datetime import timedelta

import pytest

from points.models import Payout
from points.services.awards import judge_days
from points.services.operators import in_force
from points.services.sending import send_due_payouts
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import balance, give, walk
from tests.points.test_api_steps import app_of

pytestmark = pytest.mark.django_db
PAYOUTS = "/api/v1/me/payouts/"


@pytest.fixture
def app(saver):
    return app_of(saver)


def ask(app, amount, key=None):
    return app.post(
        PAYOUTS,
        {"amount": amount},
        format="json",
        headers={"Idempotency-Key": key or str(uuid.uuid4())},
    )


def test_points_tell_what_is_there_payable_pending_and_still_open(app, saver):
    walk(saver, clock.today() - timedelta(days=1), 8_000)
    judge_days(saver, [clock.today() - timedelta(days=1)], by=JOB)
    ask(app, 5_000)

    assert app.get("/api/v1/me/points/").json() == {
        "balance": 15_100,
        "payable": 15_100,
        "pending": 5_000,
        "earned_this_period": 100,
        "caps": [
            {"group": "walking", "used": 100, "limit": 62_500},
            {"group": "physical", "used": 100, "limit": 75_000},
        ],
        "expiring": [],
    }


def test_points_of_the_unverified_are_earned_but_not_payable(make_participant):
    person = make_participant(verified=False)
    give(person, 9_000)
    told = app_of(person).get("/api/v1/me/points/").json()

    assert (told["balance"], told["payable"]) == (9_000, 0)


def test_somebody_without_a_purse_has_nothing(make_participant):
    newcomer = app_of(make_participant())

    assert newcomer.get("/api/v1/me/points/").json()["balance"] == 0
    assert newcomer.get("/api/v1/me/points/entries/").json()["results"] == []


def test_entries_carry_a_running_balance_across_pages(app, saver):
    for amount in (1, 2, 3):
        give(saver, amount)
    ask(app, 5_000)
    first = app.get("/api/v1/me/points/entries/", {"per_page": 2}).json()
    second = app.get(first["next"]).json()
    third = app.get(second["next"]).json()
    lines = [*first["results"], *second["results"], *third["results"]]

    assert [(line["amount"], line["balance"]) for line in lines] == [
        (-5_000, 15_006),
        (3, 20_006),
        (2, 20_003),
        (1, 20_001),
        (20_000, 20_000),
    ]
    assert lines[0]["reason"] == "payout"
    assert lines[0]["message"] == "Payout requested"
    assert app.get(third["previous"]).json()["results"] == second["results"]


def test_a_payout_is_accepted_and_can_be_followed(app, saver, wallet):
    answer = ask(app, 5_000)
    told = answer.json()
    send_due_payouts(in_force(), wallet=wallet, by=JOB)
    later = app.get(f"{PAYOUTS}{told['id']}/").json()

    assert answer.status_code == 202
    assert (told["status"], told["amount"]) == ("requested", 5_000)
    assert (later["status"], later["receipt_no"]) == ("paid", "A000000000001")
    assert [one["id"] for one in app.get(PAYOUTS).json()["results"]] == [told["id"]]


def test_the_same_key_asks_for_one_payout(app, saver):
    key = str(uuid.uuid4())

    assert ask(app, 5_000, key).json() == ask(app, 5_000, key).json()
    assert ask(app, 6_000, key).status_code == 422
    assert balance(saver) == 15_000


@pytest.mark.parametrize(
    ("amount", "status", "code"),
    [
        (4_999, 422, "below_minimum"),
        (20_001, 422, "not_enough_points"),
        (0, 400, "invalid"),
        (-5_000, 400, "invalid"),
        (2**63, 400, "invalid"),
        ("5000", 400, "invalid"),
        ("９９９９", 400, "invalid"),
        (5_000.0, 400, "invalid"),
        (True, 400, "invalid"),
        (None, 400, "invalid"),
    ],
)
def test_a_payout_that_cannot_be_is_refused(app, saver, amount, status, code):
    answer = ask(app, amount)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert balance(saver) == 20_000
    assert not Payout.objects.exists()


def test_fields_a_caller_may_not_set_are_ignored(app, saver):
    answer = app.post(
        PAYOUTS,
        {"amount": 5_000, "status": "paid", "participant": 1, "reference": "mine"},
        format="json",
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )

    assert answer.json()["status"] == "requested"
    assert Payout.objects.get().reference != "mine"


def test_payouts_of_others_do_not_exist(app, make_participant):
    other = make_participant()
    give(other, 9_000)
    theirs = ask(app_of(other), 5_000).json()["id"]

    assert app.get(f"{PAYOUTS}{theirs}/").status_code == 404
    assert app.get(PAYOUTS).json()["results"] == []


def test_a_payout_needs_a_key(app):
    answer = app.post(PAYOUTS, {"amount": 5_000}, format="json")

    assert answer.status_code == 400
    assert not Payout.objects.exists()


def test_amounts_are_refused_in_the_callers_language(saver):
    answer = ask(app_of(saver, language="en"), 4_999)

    assert answer.json()["message"] == "Points are paid out from 5,000 points on."

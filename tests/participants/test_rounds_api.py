from datetime import timedelta

import pytest

from participants.models import Lane, Quota
from participants.services import applications
from seoul_health.core import clock
from tests.conftest import JOB
from tests.participants.builders import App
from tests.participants.recruiting import (
    add_lane,
    approved,
    draft_round,
    open_lane,
    submitted,
    thawed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def app(walker):
    return App(walker)


def test_drafts_are_nobodys_business(app):
    draft_round()
    lane = open_lane()

    answer = app.get("rounds/")

    assert [row["code"] for row in answer.json()["results"]] == [lane.round.code]


def test_an_unknown_round_and_a_draft_are_both_404(app):
    draft = draft_round()

    assert app.get(f"rounds/{draft.code}/").status_code == 404
    assert app.get("rounds/nothing-here/").status_code == 404


def test_rounds_are_public_and_may_be_remembered_for_a_moment():
    lane = open_lane()

    for path in ("rounds/", f"rounds/{lane.round.code}/"):
        answer = App().get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=10")


def test_a_round_tells_lanes_windows_seats_and_rules_in_words(app):
    lane = open_lane(
        kind=Lane.Kind.NEEDS_WATCH, rule={"max_age": 75, "bases": ["resident", "worker"]}
    )

    body = app.get(f"rounds/{lane.round.code}/").json()

    assert body["status"] == "open"
    assert body["lanes"] == [
        {
            "kind": "needs_watch",
            "method": "first_come",
            "weekdays": {},
            "opens_at": lane.opens_at.astimezone(clock.KST).isoformat(),
            "closes_at": lane.closes_at.astimezone(clock.KST).isoformat(),
            "is_open": True,
            "offer_hours": 48,
            "quotas": [
                {
                    "code": "general",
                    "group": "general",
                    "value": "",
                    "seats": 10,
                    "spill_order": 0,
                    "opens_at": None,
                    "closes_at": None,
                    "is_open": True,
                    "left": "plenty",
                }
            ],
        }
    ]
    assert len(body["rules"]) == 5
    assert all("{" not in sentence for sentence in body["rules"])


def test_a_lane_is_open_only_in_its_window(app):
    lane = open_lane(opens_in=timedelta(hours=1))

    assert app.get(f"rounds/{lane.round.code}/").json()["lanes"][0]["is_open"] is False


@pytest.mark.parametrize(("taken", "word"), [(6, "plenty"), (8, "some"), (9, "few"), (10, "none")])
def test_seats_left_are_told_coarsely(app, make_participant, taken, word):
    lane = open_lane(seats=10)
    for _ in range(taken):
        submitted(make_participant(is_resident=True), lane)

    answer = app.get(f"rounds/{lane.round.code}/")

    assert answer.json()["lanes"][0]["quotas"][0]["left"] == word


def test_who_was_rejected_takes_no_seat(app, make_participant):
    lane = open_lane(seats=1)
    application = submitted(make_participant(is_resident=True), lane)
    applications.reject(application, by=JOB, reason="서류가 다릅니다.")

    answer = app.get(f"rounds/{lane.round.code}/")

    assert answer.json()["lanes"][0]["quotas"][0]["left"] == "plenty"


def test_a_lane_without_seats_has_none_left(app):
    lane = open_lane()
    with thawed():
        Quota.objects.update(seats=0)

    answer = app.get(f"rounds/{lane.round.code}/")

    assert answer.json()["lanes"][0]["quotas"][0]["left"] == "none"


def test_a_list_costs_the_same_for_many_rounds(app, django_assert_max_num_queries):
    for _ in range(6):
        found = draft_round()
        add_lane(found)
        add_lane(found, kind=Lane.Kind.NEEDS_WATCH)
        type(found).objects.filter(pk=found.pk).update(status="announced")
    app.get("rounds/")  # The seats are remembered from here on.

    with django_assert_max_num_queries(5):
        assert len(app.get("rounds/").json()["results"]) == 6


@pytest.mark.parametrize(
    "cursor", ["nonsense", "cD1hYmM=", "cD0xZTMwMA==", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "%00"]
)
def test_a_forged_cursor_is_refused(app, cursor):
    answer = app.get("rounds/", cursor=cursor)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["cursor"])


def test_approved_and_selected_count_as_taken(app, make_participant):
    lane = open_lane(seats=1)
    approved(make_participant(is_resident=True), lane)

    answer = app.get(f"rounds/{lane.round.code}/")

    assert answer.json()["lanes"][0]["quotas"][0]["left"] == "none"

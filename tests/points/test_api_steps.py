import uuid
from datetime import timedelta

import pytest
import time_machine
from rest_framework.test import APIClient

from devices.models import DaySteps, SyncReceipt
from participants.services import tokens
from points.models import Award, Transfer
from tests.points.builders import ERA, at, balance, sample, walk

pytestmark = pytest.mark.django_db
URL = "/api/v1/me/steps/"


@pytest.fixture(autouse=True)
def evening():
    with time_machine.travel(at(ERA, 20), tick=False):
        yield


def app_of(participant, language="en"):
    client = APIClient()
    access = tokens.issue(participant, device="test").access
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}", HTTP_ACCEPT_LANGUAGE=language)
    return client


@pytest.fixture
def app(walker):
    return app_of(walker)


def body(*samples, **changes):
    return {"batch_id": str(uuid.uuid4()), "source": "watch", "samples": list(samples), **changes}


def send(app, payload, key=None):
    return app.post(
        URL, payload, format="json", headers={"Idempotency-Key": key or str(uuid.uuid4())}
    )


def test_steps_are_answered_with_receipt_items_and_days(app):
    answer = send(app, body(sample(ERA, 8_500), sample(ERA + timedelta(2), 1), app_version="1.0"))

    assert answer.status_code == 202
    told = answer.json()
    receipt_no = told.pop("receipt_no")
    assert receipt_no == SyncReceipt.objects.get().receipt_no
    assert told == {
        "received_at": at(ERA, 20).isoformat(),
        "items": [
            {"index": 0, "outcome": "accepted"},
            {
                "index": 1,
                "outcome": "rejected",
                "reason": "future",
                "message": "The record lies in the future; please check the clock of the device.",
            },
        ],
        "days": [
            {
                "date": ERA.isoformat(),
                "steps": 8_500,
                "goal": 8_000,
                "qualified": True,
                "points": 100,
                "reason": "goal_reached",
                "message": "The goal of 8,000 steps was reached and earned 100 points.",
            }
        ],
    }


def test_every_zero_has_its_reason(app):
    told = send(app, body(sample(ERA, 500))).json()["days"]

    assert told == [
        {
            "date": ERA.isoformat(),
            "steps": 500,
            "goal": 8_000,
            "qualified": False,
            "points": 0,
            "reason": "below_goal",
            "message": "The goal of 8,000 steps was missed by 7,500.",
        }
    ]


def test_the_same_key_gives_the_first_answer(app, walker):
    payload, key = body(sample(ERA, 8_500)), str(uuid.uuid4())
    first, again = send(app, payload, key), send(app, payload, key)

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert SyncReceipt.objects.count() == 1


def test_the_same_batch_under_a_new_key_gets_the_first_receipt(app, walker):
    payload = body(sample(ERA, 8_500))

    assert send(app, payload).json() == send(app, payload).json()
    assert balance(walker) == 100


def test_a_batch_number_with_other_records_is_a_conflict(app):
    payload = body(sample(ERA, 100))
    send(app, payload)
    answer = send(app, {**payload, "samples": [sample(ERA, 200)]})

    assert (answer.status_code, answer.json()["code"]) == (409, "batch_reused")


def test_open_mhealth_points_may_be_sent_under_their_own_name(app):
    point = {
        "header": {"schema_id": {"namespace": "omh", "name": "step-count", "version": "3.0"}},
        "body": {
            "step_count": {"value": 9_000, "unit": "steps"},
            "effective_time_frame": {
                "time_interval": {
                    "start_date_time": at(ERA, 9).isoformat(),
                    "end_date_time": at(ERA, 13).isoformat(),
                }
            },
        },
    }
    payload = body(source="healthkit")
    del payload["samples"]

    assert send(app, {**payload, "data_points": [point]}).json()["days"][0]["steps"] == 9_000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"batch_id": "x"}, "batch_id"),
        ({"batch_id": 7}, "batch_id"),
        ({"batch_id": "A" * 32}, "batch_id"),
        ({"source": "toaster"}, "source"),
        ({"source": None}, "source"),
        ({"samples": "x"}, "samples"),
        ({"samples": []}, "samples"),
        ({"samples": [{}] * 1_001}, "samples"),
        ({"app_version": "x" * 21}, "app_version"),
        ({"app_version": 1}, "app_version"),
        ({"os": "a\u202eb"}, "os"),
    ],
)
def test_an_envelope_that_is_not_as_documented_is_refused_by_field(app, changes, field):
    answer = send(app, body(sample(ERA, 1), **changes))

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not SyncReceipt.objects.exists()


@pytest.mark.parametrize("payload", [None, [], "x", 7, {}])
def test_a_body_of_another_shape_is_refused(app, payload):
    assert send(app, payload).status_code == 400
    assert not SyncReceipt.objects.exists()


def test_a_thousand_samples_are_taken_at_once(app):
    samples = [
        {
            "start": (at(ERA) + timedelta(minutes=n)).isoformat(),
            "end": (at(ERA) + timedelta(minutes=n + 1)).isoformat(),
            "steps": 10,
        }
        for n in range(1_000)
    ]

    assert send(app, body(*samples)).json()["days"][0]["steps"] == 10_000


@pytest.mark.parametrize(
    "bad",
    [
        {"steps": 10**9}, {"steps": -1}, {"steps": "９９"}, {"steps": True}, {"steps": 1.5},
        {"start": "2026-03-02T09:00:00"}, {"start": "2026-02-30T09:00:00+09:00"},
        {"start": "２０２６-03-02T09:00:00+09:00"}, {"end": "2026-03-02T08:00:00+09:00"},
        {"end": "2026-03-04T09:00:00+09:00"}, {"start": None}, {"start": 5},
    ],
)  # fmt: skip
def test_a_bad_sample_is_refused_with_a_reason_and_counts_nothing(app, bad):
    item = send(app, body({**sample(ERA, 100), **bad})).json()["items"][0]

    assert item["outcome"] == "rejected"
    assert item["reason"]
    assert item["message"]
    assert not DaySteps.objects.exists()


def test_a_midnight_walk_is_shared_between_two_seoul_days(app):
    start = at(ERA) - timedelta(minutes=30)
    walked = {"start": start.isoformat(), "end": at(ERA, 0, 30).isoformat(), "steps": 1_000}

    days = send(app, body(walked)).json()["days"]
    assert [(day["steps"]) for day in days] == [500, 500]


def test_days_and_receipts_can_be_read_back(app, walker):
    walk(walker, ERA - timedelta(days=1), 4_000, source="phone")
    receipt_no = send(app, body(sample(ERA, 8_500))).json()["receipt_no"]
    days = app.get(URL, {"from": str(ERA - timedelta(days=2)), "to": str(ERA)}).json()
    receipt = app.get(f"/api/v1/me/receipts/{receipt_no}/").json()

    assert [(day["steps"], day["points"], day["reason"], day["sources"]) for day in days] == [
        (0, 0, "no_data", []),
        (4_000, 0, "below_goal", ["phone"]),
        (8_500, 100, "goal_reached", ["watch"]),
    ]
    assert days[2]["last_received_at"] == at(ERA, 20).isoformat()
    assert receipt["samples"] == [sample(ERA, 8_500)]
    assert receipt["items"] == [{"index": 0, "outcome": "accepted"}]
    assert receipt["days"] == [str(ERA)]


@pytest.mark.parametrize(
    "query",
    [
        {"from": "x"}, {"to": "2026-02-30"}, {"from": "２０２６-03-01"}, {"from": "2026-03-05"},
        {"from": "2025-01-01", "to": "2026-03-01"}, {"to": "\0"}, {"to": "0001-01-01"},
    ],
)  # fmt: skip
def test_a_bad_span_is_refused(app, query):
    assert app.get(URL, query).status_code == 400


def test_receipts_of_others_do_not_exist(app, make_participant):
    other = make_participant()
    received = walk(other, ERA, 100)

    assert app.get(f"/api/v1/me/receipts/{received.receipt_no}/").status_code == 404
    assert app.get("/api/v1/me/receipts/S-nothing/").status_code == 404


def test_nobody_sends_steps_without_a_token():
    assert send(APIClient(), body(sample(ERA, 1))).status_code == 401
    assert not SyncReceipt.objects.exists()


def test_a_sync_below_the_goal_costs_few_statements(app, walker, django_assert_max_num_queries):
    send(app, body(sample(ERA, 100)))
    with django_assert_max_num_queries(11):
        send(app, body(sample(ERA, 200)))


def test_a_sync_that_earns_costs_few_statements_more(app, walker, django_assert_max_num_queries):
    send(app, body(sample(ERA, 100)))
    with django_assert_max_num_queries(19):
        send(app, body(sample(ERA, 9_000)))

    assert Award.objects.count() == Transfer.objects.count() == 1

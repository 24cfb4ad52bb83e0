import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from complaints.models import Complaint, InboundRecord, OutboundAnswer
from complaints.services import desk
from seoul_health.core import clock
from seoul_health.core.signatures import sign
from tests.complaints.builders import MONDAY, at

pytestmark = pytest.mark.django_db
SECRET = "0123456789abcdef0123456789abcdef"
RECORDS = "/api/v1/complaint-feeds/eungdapso/records/"
ANSWERS = "/api/v1/complaint-feeds/eungdapso/answers/"
FILED = {
    "reference": "20261120-1",
    "kind": "filed",
    "at": "2026-11-20 15:00",
    "category": "포인트 미적립",
    "title": "포인트",
    "text": "포인트가 없습니다",
}


@pytest.fixture(autouse=True)
def feed(settings):
    settings.COMPLAINT_FEEDS = {"eungdapso": SECRET, "weak": "short"}
    with time_machine.travel(MONDAY, tick=False) as moved:
        yield moved


def post(records, *, path=RECORDS, secret=SECRET, stamp=None):
    body = json.dumps({"records": records}).encode()
    stamp = stamp or str(int(clock.now().timestamp()))
    return Client().post(
        path,
        body,
        content_type="application/json",
        headers={
            "X-Timestamp": stamp,
            "X-Signature": sign(body, timestamp=stamp, secret=secret),
        },
    )


def get(path=ANSWERS):
    stamp = str(int(clock.now().timestamp()))
    signature = sign(path.encode(), timestamp=stamp, secret=SECRET)
    return Client().get(path, headers={"X-Timestamp": stamp, "X-Signature": signature})


def outcomes(response):
    return [item["outcome"] for item in response.json()["items"]]


def test_records_come_in_any_order_and_again():
    later = {"reference": FILED["reference"], "kind": "added", "sequence": 1, "text": "추가"}
    later["at"] = "2026-11-20T16:00:00"

    assert outcomes(post([later, FILED, FILED, later])) == [
        "waiting",
        "applied",
        "duplicate",
        "duplicate",
    ]
    row = Complaint.objects.get()
    assert (row.received_at, row.messages.get().text) == (at(2026, 11, 20, 15), "추가")


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"at": "2026-11-20"}, {"at"}),
        ({"kind": "lost"}, {"kind"}),
        ({"sequence": 3}, {"sequence"}),
        ({"colour": "red"}, {"colour"}),
        ({"reference": ""}, {"reference"}),
        ({"text": 5}, {"text"}),
    ],
    ids=["day only", "kind", "sequence", "unknown field", "no reference", "number"],
)
def test_a_record_of_the_wrong_shape_leaves_no_trace(changes, wrong):
    item = post([FILED | changes]).json()["items"][0]

    assert (item["outcome"], set(item["fields_wrong"])) == ("rejected", wrong)
    assert not InboundRecord.objects.exists()


def test_a_changed_repetition_is_rejected_by_its_name():
    post([FILED])
    item = post([FILED | {"text": "다른 말"}]).json()["items"][0]

    assert (item["outcome"], item["reason"]) == ("rejected", "changed_record")


def test_one_bad_record_does_not_hold_up_the_others():
    ahead = FILED | {"reference": "2", "at": "2027-01-01 10:00"}

    assert outcomes(post([ahead, "x", FILED])) == ["rejected", "rejected", "applied"]


def test_only_who_signs_is_heard():
    assert post([FILED], secret="f" * 32).status_code == 401
    assert post([FILED], stamp="1000").status_code == 401
    assert Client().post(RECORDS, "{}", content_type="application/json").status_code == 401
    assert post([FILED], path=RECORDS.replace("eungdapso", "nobody")).status_code == 404
    assert post([FILED], path=RECORDS.replace("eungdapso", "weak")).status_code == 404
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("records", [[], {}, [FILED] * 201], ids=["none", "object", "too many"])
def test_a_list_of_records_is_needed(records):
    assert post(records).status_code == 400


def test_answers_are_fetched_and_fetched_again(agent, feed):
    post([FILED])
    complaint = Complaint.objects.get()
    desk.take(complaint, by=agent)
    desk.answer(complaint, text="답변드립니다", version=complaint.version, by=agent)
    OutboundAnswer.objects.update(made_at=MONDAY)
    assert get().json() == {"answers": [], "after": 0}

    feed.move_to(MONDAY + timedelta(minutes=3))
    first, again = get().json(), get().json()
    told = first["answers"][0]
    assert first == again
    assert (told["reference"], told["text"], told["purpose"], told["status"]) == (
        "20261120-1",
        "답변드립니다",
        "answer",
        "answered",
    )
    assert get(f"{ANSWERS}?after={first['after']}").json()["answers"] == []


def test_a_signature_of_another_address_fetches_nothing():
    stamp = str(int(clock.now().timestamp()))
    signature = sign(ANSWERS.encode(), timestamp=stamp, secret=SECRET)
    headers = {"X-Timestamp": stamp, "X-Signature": signature}

    assert Client().get(f"{ANSWERS}?after=1", headers=headers).status_code == 401

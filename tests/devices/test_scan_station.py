import json
import uuid

import pytest
from django.urls import reverse

from devices.models import Scan

from .builders import live_loan, make_site, make_watch, standing


def post(browser, name, **body):
    return browser.post(reverse(f"scan:{name}"), json.dumps(body), content_type="application/json")


@pytest.fixture
def desk(client_of):
    return client_of("device_officer")


def test_the_station_opens_with_todays_scans(desk, django_assert_max_num_queries):
    Scan.objects.create(text="SW-404", message="모르는 기기", scanned_by=desk.user.actor_name)
    make_site()

    with django_assert_max_num_queries(12):
        page = desk.get(reverse("scan:station"))

    assert page.status_code == 200
    assert "SW-404" in page.content.decode()
    assert page.context["tally"] == {"taken_in": 0, "refused": 1, "undone": 0}


def test_a_clerk_at_a_site_may_scan(client_of):
    clerk = client_of("site_clerk", scope="site", site_code="jongno")
    make_site("jongno")

    page = clerk.get(reverse("scan:station"))

    assert '<option value="jongno" selected>' in page.content.decode()


@pytest.mark.parametrize("role", ["agent", "finance_officer", "auditor"])
def test_others_do_not_scan(client_of, walker, role):
    loan, browser = live_loan(walker), client_of(role)

    assert browser.get(reverse("scan:station")).status_code == 403
    sent = post(browser, "take_in", client_id=str(uuid.uuid4()), text=loan.device.serial)
    assert (sent.status_code, sent.json()["code"]) == (403, "forbidden")
    assert standing(loan) == ("live", "on_loan")


def test_a_guest_is_sent_to_the_door(client, db):
    assert client.get(reverse("scan:station")).status_code == 302
    sent = post(client, "take_in", client_id=str(uuid.uuid4()), text="SW-1")
    assert (sent.status_code, sent.json()["code"]) == (401, "signed_out")


def test_a_scan_is_answered_with_what_became_of_it(desk, walker):
    loan, sent = live_loan(walker), str(uuid.uuid4())

    answer = post(desk, "take_in", client_id=sent, text=loan.device.serial.lower())

    assert answer.status_code == 200
    assert answer.json() == {
        "client_id": sent,
        "outcome": "taken_in",
        "code": "",
        "message": "",
        "serial": loan.device.serial,
        "grade": "",
        "site": "",
        "tally": {"taken_in": 1, "refused": 0, "undone": 0},
    }


def test_a_refusal_is_an_answer_too(desk):
    make_watch("SW-1")

    answer = post(desk, "take_in", client_id=str(uuid.uuid4()), text="SW-1").json()

    assert (answer["outcome"], answer["code"]) == ("refused", "not_lent")
    assert answer["tally"]["refused"] == 1


def test_a_scan_sent_again_after_a_lost_answer_counts_once(desk, walker):
    loan, sent = live_loan(walker), str(uuid.uuid4())

    first = post(desk, "take_in", client_id=sent, text=loan.device.serial).json()
    again = post(desk, "take_in", client_id=sent, text=loan.device.serial).json()

    assert first == again
    assert again["tally"]["taken_in"] == 1


def test_grade_and_site_go_along(desk, walker):
    loan = live_loan(walker)
    make_site()

    answer = post(
        desk,
        "take_in",
        client_id=str(uuid.uuid4()),
        text=loan.device.serial,
        grade="B",
        site="jongno",
    ).json()

    assert (answer["grade"], answer["site"]) == ("B", "jongno")
    assert standing(loan) == ("closed", "awaiting_inspection")


def test_the_last_scan_is_undone_once(desk, walker):
    loan, sent = live_loan(walker), str(uuid.uuid4())
    post(desk, "take_in", client_id=sent, text=loan.device.serial)

    answers = [post(desk, "undo", client_id=sent).json() for _ in range(2)]

    assert answers[0] == answers[1]
    assert answers[0]["tally"] == {"taken_in": 0, "refused": 0, "undone": 1}
    assert standing(loan) == ("live", "on_loan")


def test_somebody_elses_scan_cannot_be_undone(desk, walker, client_of):
    loan, sent = live_loan(walker), str(uuid.uuid4())
    post(desk, "take_in", client_id=sent, text=loan.device.serial)

    answer = post(client_of("device_officer"), "undo", client_id=sent)

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_undo")
    assert standing(loan) == ("returned", "awaiting_inspection")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"client_id": "x", "text": "SW-1"},
        {"client_id": 5, "text": "SW-1"},
        {"client_id": str(uuid.uuid4())},
        {"client_id": str(uuid.uuid4()), "text": ["SW-1"]},
        {"client_id": str(uuid.uuid4()), "text": "SW-1\x00"},
        {"client_id": str(uuid.uuid4()), "text": "x" * 201},
        {"client_id": str(uuid.uuid4()), "text": "SW-1", "grade": "E"},
        {"client_id": str(uuid.uuid4()), "text": "SW-1", "site": "nowhere"},
        {"client_id": str(uuid.uuid4()), "text": "SW-1", "site": ["jongno"]},
    ],
)
def test_what_the_station_never_sends_is_refused(desk, body):
    answer = post(desk, "take_in", **body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not Scan.objects.exists()


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "\udfff".encode("utf-8", "replace")])
def test_what_is_no_json_is_refused(desk, text):
    answer = desk.post(reverse("scan:take_in"), text, content_type="application/json")

    assert answer.status_code == 400


def test_scanning_is_not_a_get(desk):
    assert desk.get(reverse("scan:take_in")).status_code == 405

import uuid

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from devices.models import LoanReport, Shipment
from seoul_health.core.models import StoredAnswer

from .builders import delivered_loan, fresh, live_loan, reserved_loan, returned_loan, standing


@pytest.fixture
def app(walker) -> APIClient:
    """The walker's mobile app."""
    client = APIClient()
    client.force_authenticate(walker)
    return client


def post(app, path, body=None, *, key=None):
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return app.post(f"/api/v1/me/loan/{path}/", body or {}, format="json", headers=headers)


def test_a_loan_shows_the_watch_and_its_due_day(app, walker):
    loan = live_loan(walker)

    answer = app.get("/api/v1/me/loan/")

    assert answer.status_code == 200
    body = answer.json()
    assert body["id"] == str(loan.public_id)
    assert (body["status"], body["serial"]) == ("live", loan.device.serial)
    assert body["due_on"] == loan.due_on.isoformat()
    assert body["days_left"] == (loan.due_on - timezone.localdate()).days
    assert body["parcels"] == []


def test_without_a_loan_there_is_nothing(app):
    assert app.get("/api/v1/me/loan/").status_code == 404
    for path in ("accept", "return", "report"):
        body = {"terms": "2026-01", "kind": "lost", "text": "잃어버렸습니다"}
        assert post(app, path, body).json()["code"] == "not_found"


def test_somebody_elses_loan_is_nowhere(app, make_participant):
    loan = delivered_loan(make_participant())

    assert app.get("/api/v1/me/loan/").status_code == 404
    assert post(app, "accept", {"terms": "2026-01"}).status_code == 404
    assert standing(loan) == ("delivered", "on_loan")


def test_nobody_gets_in_without_a_token(db):
    assert APIClient().get("/api/v1/me/loan/").status_code == 401
    assert post(APIClient(), "accept", {"terms": "2026-01"}).status_code == 401


def test_a_watch_that_arrived_at_the_depot_is_still_shown(app, walker):
    returned_loan(walker)

    assert app.get("/api/v1/me/loan/").json()["status"] == "returned"


def test_accepting_starts_the_loan(app, walker):
    loan = delivered_loan(walker)

    answer = post(app, "accept", {"terms": "2026-01", "status": "closed"})

    assert (answer.status_code, answer.json()["status"]) == (200, "live")
    assert fresh(loan).accepted_terms == "2026-01"


@pytest.mark.parametrize("terms", [None, "", 1, "x" * 13, "２０２６", "2026 01", ["2026-01"]])
def test_terms_are_a_version_and_nothing_else(app, walker, terms):
    loan = delivered_loan(walker)

    answer = post(app, "accept", {"terms": terms})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["terms"])
    assert standing(loan) == ("delivered", "on_loan")


def test_a_watch_not_sent_yet_cannot_be_accepted(app, walker):
    loan = reserved_loan(walker)

    answer = post(app, "accept", {"terms": "2026-01"})

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert standing(loan) == ("reserved", "allocated")


def test_a_return_shows_its_parcel(app, walker):
    live_loan(walker)

    answer = post(app, "return")

    assert (answer.status_code, answer.json()["status"]) == (200, "returning")
    assert [each["direction"] for each in answer.json()["parcels"]] == ["back"]


def test_the_same_key_gets_the_first_answer(app, walker):
    live_loan(walker)
    key = str(uuid.uuid4())

    first, again = post(app, "return", key=key), post(app, "return", key=key)

    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Shipment.objects.count() == 1


def test_another_key_meets_the_state(app, walker):
    live_loan(walker)
    post(app, "return")

    assert post(app, "return").status_code == 409
    assert Shipment.objects.count() == 1


@pytest.mark.parametrize("path", ["accept", "return", "report"])
def test_writes_need_a_key(app, walker, path):
    loan = live_loan(walker)

    answer = app.post(f"/api/v1/me/loan/{path}/", {"kind": "lost", "text": "x"}, format="json")

    assert answer.status_code == 400
    assert standing(loan) == ("live", "on_loan")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("lost", ("lost", "lost")),
        ("damaged", ("damaged", "on_loan")),
        ("faulty", ("live", "on_loan")),
    ],
)
def test_a_report_is_kept_and_followed(app, walker, kind, expected):
    loan = live_loan(walker)

    answer = post(app, "report", {"kind": kind, "text": "충전이 안 됩니다"})

    assert answer.status_code == 200
    assert standing(loan) == expected
    assert LoanReport.objects.get().text == "충전이 안 됩니다"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "stolen", "text": "x"},
        {"kind": "lost"},
        {"kind": "lost", "text": ""},
        {"kind": "lost", "text": "\u200b\u200b"},
        {"kind": "lost", "text": "x" * 1001},
        {"kind": ["lost"], "text": "x"},
        {"kind": "lost", "text": 5},
    ],
)
def test_a_report_has_a_kind_and_words(app, walker, body):
    loan = live_loan(walker)

    assert post(app, "report", body).status_code == 400
    assert standing(loan) == ("live", "on_loan")
    assert not LoanReport.objects.exists()
    assert not StoredAnswer.objects.exists()


def test_a_page_of_the_loan_costs_two_queries(app, walker, django_assert_num_queries):
    live_loan(walker)

    with django_assert_num_queries(2):
        app.get("/api/v1/me/loan/")

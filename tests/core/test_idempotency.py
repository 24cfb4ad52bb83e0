import uuid

import pytest
from django.test import Client
from rest_framework.test import APIClient

from devices.models import DeviceModel
from seoul_health.core.models import StoredAnswer
from tests.race import race

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


def send(body, key, client=None):
    headers = {} if key is None else {"Idempotency-Key": str(key)}
    return (client or APIClient()).post("/api/v1/toys/", body, format="json", headers=headers)


def test_a_repeat_gets_the_first_answer_and_does_nothing():
    key = uuid.uuid4()
    first, second = send({"code": "a"}, key), send({"code": "a"}, key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert DeviceModel.objects.count() == 1


def test_another_body_under_the_same_key_is_refused():
    key = uuid.uuid4()
    send({"code": "a"}, key)
    answer = send({"code": "b"}, key)

    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert DeviceModel.objects.get().code == "a"


def test_another_caller_may_use_the_same_key():
    key = uuid.uuid4()
    send({"code": "a"}, key)
    answer = APIClient(REMOTE_ADDR="10.0.0.9").post(
        "/api/v1/toys/", {"code": "b"}, format="json", headers={"Idempotency-Key": str(key)}
    )

    assert answer.status_code == 201
    assert DeviceModel.objects.count() == 2


@pytest.mark.parametrize(
    "key", [None, "", "1", "x" * 36, "x" * 300, "{277c2a4-f099-42d8-8602-3941813cb0e1"]
)
def test_a_missing_or_malformed_key_is_400(key):
    answer = send({"code": "a"}, key)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not DeviceModel.objects.exists()


def test_a_refusal_is_judged_anew_with_the_same_key():
    key = uuid.uuid4()

    assert send({"code": "a", "refuse": True}, key).status_code == 422
    assert not DeviceModel.objects.exists()
    assert not StoredAnswer.objects.exists()
    assert send({"code": "a"}, key).status_code == 201


def test_stored_answers_are_unreadable_in_the_database(django_assert_num_queries):
    send({"code": "a"}, uuid.uuid4())
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM core_storedanswer")
        (stored,) = cursor.fetchone()
    assert "김걷기".encode() not in bytes(stored)


@pytest.mark.serial
@pytest.mark.django_db(transaction=True)
def test_twins_at_the_same_moment_have_one_effect_and_one_answer():
    key, bodies = uuid.uuid4(), []

    assert race(lambda: bodies.append(send({"code": "a"}, key).json()), runners=8) == ["ok"] * 8
    assert DeviceModel.objects.count() == 1
    assert bodies == [bodies[0]] * 8
    assert StoredAnswer.objects.filter(key=key).count() == 1  # one_answer_per_caller_and_key


def test_an_unforeseen_error_tells_nothing():
    answer = Client(raise_request_exception=False).get("/api/v1/broken/")

    assert answer.status_code == 500
    assert answer.json()["code"] == "error"
    assert "김비밀" not in answer.content.decode()


def test_an_unknown_address_answers_in_the_callers_format():
    assert Client().get("/api/v1/nothing/").json()["code"] == "not_found"
    assert "html" in Client().get("/nothing/").headers["Content-Type"]


def test_guests_are_throttled_with_a_time_to_come_back(settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "guest": "2/min"}
    answers = [send({"code": f"c{n}"}, uuid.uuid4()) for n in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2].json()["code"] == "throttled"
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60


def test_a_forged_forwarding_header_does_not_dodge_the_throttle(settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "guest": "2/min"}
    statuses = [
        APIClient(headers={"X-Forwarded-For": f"10.1.1.{n}"})
        .post(
            "/api/v1/toys/",
            {"code": f"c{n}"},
            format="json",
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        .status_code
        for n in range(3)
    ]

    assert statuses == [201, 201, 429]

import json

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_process_is_alive():
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_ready_names_what_it_looked_at():
    answer = Client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": True, "broker": True, "migrations": True}


def test_metrics_are_for_the_machine_itself():
    assert "http_requests_total" in Client().get("/metrics").content.decode()
    assert Client(REMOTE_ADDR="203.0.113.9").get("/metrics").status_code == 403


def test_every_answer_carries_a_request_id():
    first, second = Client().get("/healthz"), Client().get("/healthz")

    assert len(first.headers["X-Request-ID"]) == 32
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_the_log_line_names_the_route_and_no_value(settings, caplog):
    settings.LOG_REQUESTS = True
    with caplog.at_level("INFO"):
        Client().get("/api/v1/rounds/secret-name/?q=01012345678")
    lines = json.dumps([str(record.msg) for record in caplog.records], ensure_ascii=False)

    assert "request" in lines
    assert "secret-name" not in lines
    assert "01012345678" not in lines


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/rounds/?q=%00", 400), ("/api/v1/%00/", 400), ("/api/v1/nothing/", 404)],
)
def test_bad_addresses_get_a_problem_answer(path, status):
    answer = Client().get(path)

    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message"}


def test_a_body_larger_than_allowed_is_refused_before_reading():
    answer = Client().post(
        "/api/v1/auth/verify/", data=b"x" * (10 * 1024 * 1024), content_type="application/json"
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_pages_carry_a_strict_content_policy():
    policy = Client().get("/admin/login/").headers["Content-Security-Policy"]

    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "default-src 'self'" in policy

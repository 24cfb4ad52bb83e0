"""The simulated messaging gateway: once per id, receipts later, and every mood of a bad day."""

import httpx
import pytest

from seoul_health.simulators.sms import hash_of

from .conftest import build

MESSAGE = {"id": "n-1", "channel": "sms", "to": "01012345678", "title": "안내", "text": "안녕"}
PHONE = f"/sms/phones/{hash_of('01012345678')}"


@pytest.fixture
def call(simulators):
    with httpx.Client(base_url=simulators.url, timeout=2) as client:
        yield client


def receipt(call, message="n-1"):
    return call.post("/sms/receipts", json={"ids": [message]}).json()["receipts"]


def test_a_message_is_taken_once_per_id(call, simulators):
    first = call.post("/sms/messages", json=MESSAGE)
    again = call.post("/sms/messages", json=MESSAGE)

    assert (first.status_code, first.json()) == (202, again.json())
    assert len(simulators.sms._book) == 1


def test_a_message_has_exactly_its_fields(call):
    assert call.post("/sms/messages", json=MESSAGE | {"name": "김"}).status_code == 400
    assert call.post("/sms/messages", json=MESSAGE | {"text": "\0"}).status_code == 422
    assert call.post("/sms/messages", json=MESSAGE | {"channel": "fax"}).status_code == 400


def test_a_receipt_comes_when_it_is_asked_for(call):
    call.post("/sms/messages", json=MESSAGE)

    assert [(one["status"], one["reason"]) for one in receipt(call)] == [("delivered", "")]
    assert receipt(call, "n-2") == []


def test_a_letter_takes_its_time(call):
    call.post("/sms/messages", json=MESSAGE | {"channel": "letter"})

    assert receipt(call)[0]["status"] == "accepted"


@pytest.mark.parametrize(
    ("mood", "status", "reason"),
    [
        ({"fail": {"sms": "blocked"}}, "failed", "blocked"),
        ({"mode": "lose_receipts"}, "accepted", ""),
        ({"receipt_seconds": {"sms": 3600}}, "accepted", ""),
    ],
    ids=["fail", "lose", "slow"],
)
def test_a_receipt_can_be_bad_lost_or_late(call, mood, status, reason):
    call.post("/control/sms", json=mood)
    call.post("/sms/messages", json=MESSAGE)

    assert [(one["status"], one["reason"]) for one in receipt(call)] == [(status, reason)]


def test_a_number_to_rehearse_with_is_wrong(call):
    call.post("/sms/messages", json=MESSAGE | {"to": "01012340000"})

    assert receipt(call)[0]["reason"] == "wrong_number"


def test_in_the_dark_nothing_is_taken(call, simulators):
    call.post("/control/sms", json={"mode": "dark"})

    with pytest.raises(httpx.HTTPError):
        call.post("/sms/messages", json=MESSAGE)

    assert simulators.sms._book == {}


def test_an_error_after_accepting_has_accepted(call, simulators):
    call.post("/control/sms", json={"mode": "5xx_after_accepting"})

    assert call.post("/sms/messages", json=MESSAGE).status_code == 500
    assert list(simulators.sms._book) == ["n-1"]


@pytest.mark.parametrize(
    "mood",
    [{"mode": "happy"}, {"fail": {"fax": "blocked"}}, {"receipt_seconds": {"sms": "1"}}],
    ids=["mode", "fail", "seconds"],
)
def test_an_unknown_mood_of_the_gateway_is_refused(call, mood):
    assert call.post("/control/sms", json=mood).status_code == 400


def test_a_phone_shows_what_it_has_received_and_escapes_it(call):
    call.post("/sms/messages", json=MESSAGE | {"text": "<script>안녕</script>"})

    page = call.get(PHONE)

    assert "&lt;script&gt;안녕&lt;/script&gt;" in page.text
    assert "받은 알림이 없습니다" in call.get("/sms/phones/0").text


def test_a_kill_forgets_no_message_and_keeps_no_number(tmp_path):
    with build(tmp_path) as gateway, httpx.Client(base_url=gateway.url) as call:
        number = call.post("/sms/messages", json=MESSAGE).json()["receipt_no"]

    with build(tmp_path) as gateway, httpx.Client(base_url=gateway.url) as call:
        assert call.post("/sms/messages", json=MESSAGE).json()["receipt_no"] == number
    assert "01012345678" not in (tmp_path / "messages.jsonl").read_text()

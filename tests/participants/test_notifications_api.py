"""What one has been told, and what one wants to be told."""

import uuid

import pytest

from participants.models import Notification, OptOut
from participants.services.notices import notify
from seoul_health.core import clock
from tests.participants.builders import App

pytestmark = pytest.mark.django_db
RECEIVED = {"round": "2026년 1차", "receipt_no": "A-1"}


@pytest.fixture
def me(make_participant):
    return make_participant()


@pytest.fixture
def app(me):
    return App(me)


def sent(person, template="application_received", key="1", **fields):
    notify(person, template, RECEIVED, key=key)
    rows = Notification.objects.filter(key=f"{template}:{key}")
    rows.update(status="sent", sent_at=clock.now(), **fields)
    return rows.get()


def settings_of(app, category):
    return next(
        one for one in app.get("me/notification-settings/").json()["settings"]
        if one["category"] == category
    )  # fmt: skip


def test_what_was_sent_is_read_newest_first(app, me):
    older = sent(me, key="1")
    newer = sent(me, "application_approved", key="2", channel="alimtalk")

    found = app.get("me/notifications/").json()["results"]

    assert [one["id"] for one in found] == [str(newer.public_id), str(older.public_id)]
    assert found[1] == {
        "id": str(older.public_id),
        "title": "신청이 접수되었습니다",
        "body": "2026년 1차 신청이 접수되었습니다. 접수번호는 A-1입니다.",
        "category": "recruitment",
        "legal": False,
        "channel": "push",
        "at": found[1]["at"],
    }
    assert found[0]["body"].startswith("김걷기님, 2026년 1차")


def test_what_was_not_sent_and_what_others_were_told_is_not_shown(app, me, make_participant):
    notify(me, "application_received", RECEIVED, key="1")
    sent(make_participant(), key="2")

    assert app.get("me/notifications/").json()["results"] == []


def test_the_list_asks_a_fixed_number_of_questions(app, me, django_assert_max_num_queries):
    for number in range(20):
        sent(me, key=str(number))

    with django_assert_max_num_queries(8):
        app.get("me/notifications/")


def test_everything_is_on_until_it_is_turned_off(app):
    body = app.get("me/notification-settings/").json()

    assert [one["category"] for one in body["settings"]] == [
        "recruitment", "participation", "watch", "points", "complaints", "news",
    ]  # fmt: skip
    assert all(one["on"] and all(one["channels"].values()) for one in body["settings"])


def test_a_kind_is_turned_off_and_on_again(app, me):
    app.patch("me/notification-settings/", {"category": "news", "on": False})
    assert settings_of(app, "news")["on"] is False

    app.patch("me/notification-settings/", {"category": "news", "on": True})

    assert settings_of(app, "news")["on"] is True
    assert not OptOut.objects.exists()


def test_one_channel_is_turned_off(app):
    app.patch("me/notification-settings/", {"category": "news", "channel": "sms", "on": False})

    found = settings_of(app, "news")
    assert found["on"] is True
    assert found["channels"] == {"push": True, "alimtalk": True, "sms": False, "letter": True}


def test_one_channel_of_a_kind_that_is_off_is_turned_on_alone(app):
    app.patch("me/notification-settings/", {"category": "news", "on": False})
    app.patch("me/notification-settings/", {"category": "news", "channel": "push", "on": True})

    assert settings_of(app, "news")["channels"] == {
        "push": True, "alimtalk": False, "sms": False, "letter": False,
    }  # fmt: skip


def test_legal_notices_cannot_be_turned_off(app):
    answer = app.patch("me/notification-settings/", {"category": "legal", "on": False})

    assert (answer.status_code, answer.json()["code"]) == (422, "legal_notices_stay")
    assert not OptOut.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"category": "news"},
        {"category": "weather", "on": False},
        {"category": "news", "channel": "fax", "on": False},
        {"category": "news", "on": "no"},
        {"category": ["news"], "on": False},
    ],
    ids=["empty", "no-wish", "unknown-kind", "unknown-channel", "text", "list"],
)
def test_an_unclear_wish_is_refused(app, body):
    assert app.patch("me/notification-settings/", body).status_code == 400
    assert not OptOut.objects.exists()


def test_a_repeated_wish_is_one(app, me):
    key = str(uuid.uuid4())
    for _time in range(2):
        app.patch("me/notification-settings/", {"category": "news", "on": False}, key=key)

    assert OptOut.objects.get().participant == me

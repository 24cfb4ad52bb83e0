"""Messages leave once, down the ladder, at decent hours, against the simulated gateway."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from participants.gateways.messages import HttpMessenger, Refused
from participants.models import (
    BulkSend,
    DeliveryAttempt,
    Notification,
    NotificationTemplate,
    OptOut,
    Profile,
)
from participants.services.notices import notify
from participants.services.receipts import ask_receipts, drop_old
from participants.services.sending import claim, send_due
from seoul_health.core import clock
from seoul_health.simulators.server import Simulators
from seoul_health.simulators.sms import hash_of

RECEIVED = {"round": "2026년 1차", "receipt_no": "A-1"}
NOON = datetime(2026, 3, 9, 3, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(tmp_path):
    partners = Simulators(
        state_dir=tmp_path,
        identity_secret="i" * 40,
        wallet_secret="w" * 40,
        courier_secret="c" * 40,
        patience=3.0,
    )
    with partners:
        yield partners.sms, HttpMessenger(f"{partners.url}/sms", timeout=0.3)


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def told(walker, noon):
    notify(walker, "application_received", RECEIVED, key="7")
    return walker


def later(noon, **span):
    noon.shift(timedelta(**span))


def state():
    notice = Notification.objects.get()
    return notice.status, notice.channel, notice.reason


def books(sms):
    return [(one.channel, one.text) for one in sms._book.values()]


def test_a_message_goes_out_with_the_name_filled_in(told, gateway):
    sms, messenger = gateway

    assert send_due(messenger=messenger) == 1

    assert state() == ("sent", "push", "")
    assert books(sms) == [("push", "2026년 1차 신청이 접수되었습니다. 접수번호는 A-1입니다.")]
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.outcome, attempt.cost) == ("accepted", 0)
    assert str(attempt.public_id) in sms._book


def test_a_receipt_closes_it(told, gateway, noon):
    _sms, messenger = gateway
    send_due(messenger=messenger)
    later(noon, minutes=1)

    assert ask_receipts(messenger=messenger) == 1

    assert state() == ("delivered", "push", "")
    assert DeliveryAttempt.objects.get().outcome == "delivered"


def test_a_failing_channel_gives_way_to_the_next_until_one_arrives(told, gateway, noon):
    sms, messenger = gateway
    sms.failing = {"push": "no_app", "alimtalk": "blocked"}
    for _step in range(3):
        send_due(messenger=messenger)
        later(noon, minutes=1)
        ask_receipts(messenger=messenger)

    assert state() == ("delivered", "sms", "")
    assert list(
        DeliveryAttempt.objects.order_by("pk").values_list("channel", "outcome", "reason", "cost")
    ) == [
        ("push", "failed", "no_app", 0),
        ("alimtalk", "failed", "blocked", 7),
        ("sms", "delivered", "", 9),
    ]


def test_below_the_last_channel_a_message_has_failed(told, gateway, noon):
    sms, messenger = gateway
    sms.failing = {"push": "no_app", "alimtalk": "blocked", "sms": "wrong_number"}
    for _step in range(4):
        send_due(messenger=messenger)
        later(noon, minutes=1)
        ask_receipts(messenger=messenger)

    assert state() == ("failed", "sms", "wrong_number")
    assert len(sms._book) == 3


def test_no_receipt_in_time_gives_the_next_channel_its_turn(told, gateway, noon):
    sms, messenger = gateway
    sms.mode = "lose_receipts"
    send_due(messenger=messenger)
    later(noon, minutes=59)
    ask_receipts(messenger=messenger)
    assert state() == ("sent", "push", "")

    later(noon, minutes=60)
    ask_receipts(messenger=messenger)

    assert state() == ("planned", "alimtalk", "no_receipt")


@pytest.mark.parametrize("mood", ["timeout_after_accepting", "5xx_after_accepting"])
def test_silence_after_accepting_is_resolved_by_inquiry_and_sends_once(told, gateway, noon, mood):
    sms, messenger = gateway
    sms.mode = mood
    assert send_due(messenger=messenger) == 1
    assert state() == ("unknown", "push", "")

    sms.mode = "ok"
    later(noon, minutes=5)
    ask_receipts(messenger=messenger)
    send_due(messenger=messenger)

    assert state() == ("delivered", "push", "")
    assert (len(sms._book), sms.calls) == (1, 1)


def test_what_the_gateway_never_took_is_sent_again_under_the_same_id(told, gateway, noon):
    sms, messenger = gateway
    sms.mode = "5xx"
    send_due(messenger=messenger)
    sent_as = DeliveryAttempt.objects.get().public_id

    sms.mode = "ok"
    later(noon, minutes=5)
    ask_receipts(messenger=messenger)
    send_due(messenger=messenger)

    assert state() == ("sent", "push", "")
    assert list(sms._book) == [str(sent_as)]


def test_days_of_darkness_lose_nothing(make_participant, gateway, noon):
    sms, messenger = gateway
    for number in range(20):
        notify(make_participant(), "application_rejected", RECEIVED, key=str(number))
    sms.mode = "dark"
    for _hour in range(72):
        send_due(messenger=messenger)
        ask_receipts(messenger=messenger)
        later(noon, hours=1)

    sms.mode = "ok"
    for _round in range(6):
        ask_receipts(messenger=messenger)
        send_due(messenger=messenger)
        later(noon, hours=1)

    assert set(Notification.objects.values_list("status", flat=True)) == {"delivered"}
    assert len(sms._book) == 20


def test_a_worker_that_never_came_back_counts_as_silence(told, gateway, noon):
    _sms, messenger = gateway
    claim()
    assert state() == ("sending", "push", "")
    ask_receipts(messenger=messenger)
    assert state() == ("sending", "push", "")

    later(noon, minutes=3)
    ask_receipts(messenger=messenger)
    send_due(messenger=messenger)

    assert state() == ("sent", "push", "")


def test_a_message_too_old_is_dropped_with_its_reason(told, gateway, noon):
    sms, messenger = gateway
    later(noon, hours=73)

    assert send_due(messenger=messenger) == 0
    assert drop_old() == 1

    assert state() == ("cancelled", "push", "expired")
    assert sms.calls == 0


@pytest.mark.parametrize(
    ("seoul", "sent"),
    [("20:59:59", 1), ("21:00:00", 0), ("23:59:59", 0), ("00:00:00", 0), ("07:59:59", 0),
     ("08:00:00", 1)],
)  # fmt: skip
def test_the_night_is_quiet_to_the_second(walker, gateway, seoul, sent):
    _sms, messenger = gateway
    with time_machine.travel(f"2026-03-29T{seoul}+09:00", tick=False):
        notify(walker, "application_received", RECEIVED, key="7")

        assert send_due(messenger=messenger) == sent


def test_a_legal_notice_goes_out_at_night_and_past_every_no(walker, gateway):
    _sms, messenger = gateway
    with time_machine.travel("2026-03-29T23:00:00+09:00", tick=False):
        OptOut.objects.create(participant=walker, category="recruitment")
        notify(walker, "application_rejected", RECEIVED, key="7")

        assert send_due(messenger=messenger) == 1


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ([""], ("suppressed", "push", "opted_out")),
        (["push", "alimtalk", "sms"], ("suppressed", "push", "opted_out")),
        (["push"], ("sent", "alimtalk", "")),
        (["sms"], ("sent", "push", "")),
    ],
    ids=["all", "each", "push", "sms"],
)
def test_a_no_is_honoured_per_channel(told, gateway, channels, expected):
    _sms, messenger = gateway
    for channel in channels:
        OptOut.objects.create(participant=told, category="recruitment", channel=channel)
    OptOut.objects.create(participant=told, category="news")

    send_due(messenger=messenger)

    assert state() == expected


def test_who_has_left_is_left_alone(told, gateway):
    sms, messenger = gateway
    told.withdrawn_at = clock.now()
    told.save(update_fields=["withdrawn_at"])

    send_due(messenger=messenger)

    assert state() == ("suppressed", "push", "left")
    assert sms.calls == 0


def test_nobody_without_a_profile_blocks_the_queue(told, gateway, make_participant):
    _sms, messenger = gateway
    Profile.objects.filter(participant=told).delete()
    notify(make_participant(), "application_received", RECEIVED, key="8")

    assert send_due(messenger=messenger) == 1

    found = Notification.objects.order_by("pk").values_list("status", "reason")
    assert list(found) == [("suppressed", "no_profile"), ("sent", "")]


def test_a_channel_keeps_its_pace(make_participant, gateway, noon, settings):
    _sms, messenger = gateway
    settings.MESSAGES_PER_MINUTE = {**settings.MESSAGES_PER_MINUTE, "push": 60}
    for number in range(5):
        notify(make_participant(), "application_received", RECEIVED, key=str(number))

    sent = []
    for _second in range(4):
        sent.append(send_due(messenger=messenger))
        later(noon, seconds=1)

    assert sent == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "trap", ["A\r\nB", "A\0B", "{participant_name}", "{0.__class__}"], ids=repr
)
def test_a_value_cannot_write_another_message(walker, gateway, noon, trap):
    sms, messenger = gateway
    notify(walker, "application_received", {**RECEIVED, "round": trap}, key="7")

    send_due(messenger=messenger)

    ((_channel, text),) = books(sms)
    kept = trap.replace("\r\n", " ").replace("\0", " ")
    assert text == f"{kept} 신청이 접수되었습니다. 접수번호는 A-1입니다."


def test_a_name_with_a_line_end_stays_on_its_line(make_participant, gateway, noon):
    sms, messenger = gateway
    notify(make_participant(name="김\n걷기"), "application_received", RECEIVED, key="7")
    OptOut.objects.create(
        participant=Notification.objects.get().participant, category="recruitment", channel="push"
    )

    send_due(messenger=messenger)

    assert books(sms)[0][1].startswith("김 걷기님, 2026년 1차")


def test_the_number_of_the_phone_is_where_it_goes(told, gateway, noon):
    sms, messenger = gateway
    sms.failing = {"push": "no_app"}
    send_due(messenger=messenger)
    later(noon, minutes=1)
    ask_receipts(messenger=messenger)
    send_due(messenger=messenger)

    assert [one.channel for one in sms.received(hash_of("01012345678"))] == ["alimtalk"]


def test_the_gateways_no_goes_down_the_ladder(told, noon):
    class Refusing:
        def send(self, letter):
            raise Refused("unreadable")

    send_due(messenger=Refusing(), most=1)

    assert state() == ("planned", "alimtalk", "unreadable")


def test_one_persons_message_goes_before_a_bulk_send(make_participant, gateway, noon):
    template = NotificationTemplate.objects.get(code="announcement")
    bulk = BulkSend.objects.create(
        name="안내", template=template, status="running", requested_by="a", approved_by="b",
        free_at=clock.now(),
    )  # fmt: skip
    notify(make_participant(), "announcement", {"subject": "가", "text": "나"}, key="1")
    Notification.objects.update(bulk=bulk)
    later(noon, seconds=1)
    notify(make_participant(), "application_received", RECEIVED, key="2")

    assert claim().template.code == "application_received"
    later(noon, seconds=1)
    assert claim().template.code == "announcement"

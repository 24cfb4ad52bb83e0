"""What the database itself refuses about messages."""

import pytest
from django.db import IntegrityError, transaction

from participants.models import (
    BulkSend,
    ChannelPace,
    DeliveryAttempt,
    Notification,
    NotificationTemplate,
    OptOut,
)
from participants.services.notices import notify

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(make_participant):
    values = {"round": "2026년 1차", "receipt_no": "A-1"}
    notify(make_participant(), "application_received", values, key="1")
    return Notification.objects.get()


def twice(model, **fields):
    for _time in range(2):
        model.objects.create(**fields)


def bulk_without_pace():
    template = NotificationTemplate.objects.get(code="announcement", version=1)
    BulkSend.objects.create(name="가", template=template, per_minute=0)


@pytest.mark.parametrize(
    ("name", "break_it"),
    [
        ("one_message_per_key", lambda one: Notification.objects.create(
            key=one.key, participant=one.participant, template=one.template, channel="push",
            category="news", ladder=["push"])),
        ("notification_finished_at_tells_the_truth",
            lambda one: Notification.objects.update(status="delivered")),
        ("one_attempt_per_channel",
            lambda one: twice(DeliveryAttempt, notification=one, channel="push")),
        ("one_opt_out_per_category_and_channel",
            lambda one: twice(OptOut, participant=one.participant, category="news")),
        ("a_bulk_send_moves_at_all", lambda one: bulk_without_pace()),
        ("channelpace_channel", lambda one: twice(ChannelPace, channel="push")),
    ],
    ids=["key", "finished", "attempt", "opt-out", "pace", "channel"],
)  # fmt: skip
def test_the_database_refuses(notice, name, break_it):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        break_it(notice)

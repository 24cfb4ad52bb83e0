"""Planning messages: once per key, with every value, in the caller's transaction."""

import pytest
from django.db import transaction

from participants.errors import NoSuchTemplate, ValuesMissing
from participants.models import Notification, NotificationTemplate, Participant
from participants.services.notices import Planned, notify, plan

RECEIVED = {"round": "2026년 1차", "receipt_no": "A-1"}


def test_a_message_is_planned_with_its_id_ladder_and_template(walker: Participant) -> None:
    notify(walker, "application_received", RECEIVED, key="7")

    notice = Notification.objects.get()
    assert (notice.participant, notice.template.code) == (walker, "application_received")
    assert (notice.status, notice.channel, notice.category) == ("planned", "push", "recruitment")
    assert notice.ladder == ["push", "alimtalk", "sms"]
    assert notice.values == RECEIVED
    assert notice.public_id is not None
    assert (notice.expires_at - notice.planned_at).total_seconds() == 72 * 3600


def test_the_same_key_again_plans_nothing(walker: Participant) -> None:
    notify(walker, "application_received", RECEIVED, key="7")
    notify(walker, "application_received", {**RECEIVED, "receipt_no": "A-2"}, key="7")

    assert Notification.objects.get().values == RECEIVED


def test_one_key_of_two_templates_is_two_messages(walker: Participant) -> None:
    notify(walker, "application_received", RECEIVED, key="7")
    notify(walker, "application_approved", RECEIVED, key="7")

    assert Notification.objects.count() == 2


def test_a_set_is_planned_at_once_and_again_as_nothing(walker: Participant) -> None:
    rows = [Planned(walker.pk, f"offer:{number}", RECEIVED) for number in range(12)]

    assert plan("application_received", rows) == 12
    assert plan("application_received", rows) == 0


def test_a_rolled_back_service_tells_nobody(walker: Participant) -> None:
    with transaction.atomic():
        notify(walker, "application_received", RECEIVED, key="7")
        transaction.set_rollback(True)

    assert not Notification.objects.exists()


def test_a_missing_value_is_refused(walker: Participant) -> None:
    with pytest.raises(ValuesMissing, match="receipt_no"):
        notify(walker, "application_received", {"round": "2026년 1차"}, key="7")

    assert not Notification.objects.exists()


def test_an_unknown_template_is_refused(walker: Participant) -> None:
    with pytest.raises(NoSuchTemplate):
        notify(walker, "no_such_thing", RECEIVED, key="7")


def test_what_the_template_does_not_ask_for_is_not_kept(walker: Participant) -> None:
    notify(walker, "application_received", {**RECEIVED, "name": "김걷기"}, key="7")

    assert Notification.objects.get().values == RECEIVED


@pytest.mark.parametrize("trap", ["A\r\nB", "A\0B", "A\u2028B", "A\x1b[2JB"], ids=repr)
def test_a_value_is_one_line_without_control_signs(walker: Participant, trap: str) -> None:
    notify(walker, "application_received", {**RECEIVED, "round": trap}, key="7")

    assert Notification.objects.get().values["round"] in ("A B", "A [2JB")


def test_the_newest_released_version_speaks(walker: Participant) -> None:
    first = NotificationTemplate.objects.get(code="waitlisted")
    kept = {"code": "waitlisted", "category": "recruitment", "title": "예비", "placeholders": []}
    NotificationTemplate.objects.create(version=3, push="작성 중", **kept)
    NotificationTemplate.objects.create(
        version=2, push="새 문장", released_at=first.released_at, **kept
    )

    notify(walker, "waitlisted", {}, key="7")

    assert Notification.objects.get().template.version == 2

"""Receipts live in one partition per Seoul day, and leave with the whole day."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from devices.models import SyncReceipt
from devices.services import receipts
from devices.services.walking import receive_steps
from devices.tasks import turn_receipt_days
from seoul_health.core import clock
from seoul_health.core.clock import KST
from tests.points.builders import sample
from tests.points.builders import upload as batch_of

pytestmark = pytest.mark.django_db
LAST_SECOND = datetime(2026, 3, 2, 23, 59, 59, tzinfo=KST)


def keep(walker, moment):
    day = clock.seoul_day(moment) - timedelta(days=1)
    return receive_steps(walker, batch_of(sample(day, 100)), received_at=moment).receipt_no


def partition_of(receipt_no):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM devices_syncreceipt WHERE receipt_no = %s",
            [receipt_no],
        )
        return cursor.fetchone()[0]


def test_a_receipt_without_a_day_is_kept_and_moves_when_its_day_is_opened(walker):
    early = keep(walker, LAST_SECOND)
    late = keep(walker, LAST_SECOND + timedelta(seconds=1))
    assert partition_of(early) == partition_of(late) == "devices_syncreceipt_rest"

    assert receipts.open_days(LAST_SECOND.date(), LAST_SECOND.date()) == 1

    assert partition_of(early) == "devices_syncreceipt_20260302"
    assert partition_of(late) == "devices_syncreceipt_rest"
    assert receipts.open_days(LAST_SECOND.date(), LAST_SECOND.date()) == 0


def test_a_receipt_cannot_be_changed_in_its_partition_either(walker):
    receipts.open_days(LAST_SECOND.date(), LAST_SECOND.date())
    keep(walker, LAST_SECOND)

    with connection.cursor() as cursor:
        for change in ("UPDATE {} SET os = 'x'", "DELETE FROM {}"):
            with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
                cursor.execute(change.format("devices_syncreceipt_20260302"))

    assert SyncReceipt.objects.count() == 1


def test_a_batch_sent_again_after_midnight_is_still_the_same_receipt(walker):
    receipts.open_days(LAST_SECOND.date(), LAST_SECOND.date() + timedelta(days=1))
    sent = batch_of(sample(LAST_SECOND.date() - timedelta(days=1), 100))
    first = receive_steps(walker, sent, received_at=LAST_SECOND)
    again = receive_steps(walker, sent, received_at=LAST_SECOND + timedelta(hours=5))

    assert again.receipt_no == first.receipt_no
    assert SyncReceipt.objects.count() == 1


def test_days_past_the_retention_period_are_dropped_and_no_other(walker, settings):
    settings.RECEIPT_KEEP_DAYS = 90
    today = clock.today()
    old, kept = today - timedelta(days=91), today - timedelta(days=90)
    receipts.open_days(old, kept)
    gone = keep(walker, clock.day_starts(old))
    stays = keep(walker, clock.day_starts(kept))

    assert receipts.drop_old_days() == {old: 1}

    assert not SyncReceipt.objects.numbered(gone).exists()
    assert SyncReceipt.objects.numbered(stays).exists()


def test_the_database_drops_nothing_of_the_last_thirty_days():
    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="never dropped"),
        transaction.atomic(),
    ):
        cursor.execute("SELECT * FROM devices_drop_receipt_days(current_date - 29)")


def test_the_job_opens_the_days_to_come_and_may_run_twice():
    turn_receipt_days()
    turn_receipt_days()

    tomorrow = clock.today() + timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"devices_syncreceipt_{tomorrow:%Y%m%d}"])
        assert cursor.fetchone()[0] is not None


@pytest.mark.parametrize("number", ["", "S-", "S-20261399-AAAAAAAAAA", "x", "S-20260302"])
def test_a_number_of_another_form_finds_nothing(number):
    assert not SyncReceipt.objects.numbered(number).exists()

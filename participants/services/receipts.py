"""What became of messages: asked of the gateway by their ids, many at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction

from participants.gateways.messages import MOST_AT_ONCE, Fate, Messenger, Receipt, Unreachable
from participants.models import DeliveryAttempt, Notification
from participants.services import sending
from seoul_health.core import clock

log = structlog.get_logger("messages")

Status = Notification.Status
# For as long nobody else asks about the same messages.
QUESTION_LASTS = timedelta(minutes=1)
ROUNDS = 100
BATCH = 10_000

NOTE_DELIVERED = """
WITH told AS (
    SELECT * FROM unnest(%(attempts)s::bigint[], %(receipts)s::text[]) AS told (id, receipt_no)
), closed AS (
    UPDATE participants_notification AS notice
    SET status = 'delivered', reason = '', finished_at = %(now)s,
        sent_at = coalesce(notice.sent_at, %(now)s)
    FROM told JOIN participants_deliveryattempt AS attempt USING (id)
    WHERE notice.id = attempt.notification_id AND notice.channel = attempt.channel
        AND notice.status IN ('sent', 'unknown')
    RETURNING attempt.id, told.receipt_no
)
UPDATE participants_deliveryattempt AS attempt
SET outcome = 'delivered', receipt_no = closed.receipt_no, finished_at = %(now)s,
    accepted_at = coalesce(attempt.accepted_at, %(now)s)
FROM closed WHERE attempt.id = closed.id
"""
DROP_OLD = """
UPDATE participants_notification SET status = 'cancelled', reason = 'expired', finished_at = %(now)s
WHERE id IN (
    SELECT id FROM participants_notification
    WHERE status = 'planned' AND expires_at <= %(now)s
    LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
"""


def ask_receipts(*, messenger: Messenger, rounds: int = ROUNDS) -> int:
    """Ask about every message that is due for a question; stop when the gateway stays silent."""
    release_abandoned()
    asked = 0
    for _round in range(rounds):
        attempts = take_questions()
        if not attempts:
            break
        try:
            answers = messenger.ask([str(attempt.public_id) for attempt in attempts])
        except Unreachable as silence:
            log.warning("receipts_unknown", why=str(silence))
            break
        hear(attempts, answers)
        asked += len(attempts)
    return asked


def release_abandoned() -> int:
    """Treat a claim whose worker never came back as unknown: the message may have left."""
    now = clock.now()
    return Notification.objects.abandoned(now).update(status=Status.UNKNOWN, next_at=now)


@transaction.atomic
def take_questions() -> list[DeliveryAttempt]:
    """Take the messages to ask about next, for this worker alone."""
    now = clock.now()
    due = Notification.objects.unanswered(now).select_for_update(skip_locked=True)
    notices = {notice.pk: notice for notice in due[:MOST_AT_ONCE]}
    Notification.objects.filter(pk__in=notices).update(next_at=now + QUESTION_LASTS)
    attempts = DeliveryAttempt.objects.filter(notification__in=notices).order_by("pk")
    asked = [one for one in attempts if one.channel == notices[one.notification_id].channel]
    for attempt in asked:
        attempt.notification = notices[attempt.notification_id]
    return asked


def hear(attempts: Sequence[DeliveryAttempt], answers: Mapping[str, Receipt]) -> None:
    """Settle what the gateway said, and what it did not say."""
    delivered = {}
    for attempt in attempts:
        receipt = answers.get(str(attempt.public_id))
        if receipt is None:
            hear_nothing(attempt)
        elif receipt.fate == Fate.DELIVERED:
            delivered[attempt.pk] = receipt.receipt_no
        elif receipt.fate == Fate.FAILED:
            sending.step_down(attempt.notification, attempt, reason=receipt.reason)
        else:
            hear_waiting(attempt, receipt)
    note_delivered(delivered)


def note_delivered(receipts: Mapping[int, str]) -> None:
    """Close the messages that have arrived, by attempt, with one statement."""
    terms: dict[str, list[int] | list[str] | datetime] = {
        "attempts": list(receipts),
        "receipts": list(receipts.values()),
        "now": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE_DELIVERED, terms)


def hear_nothing(attempt: DeliveryAttempt) -> None:
    """Send what the gateway never took once more, under the same id."""
    notice = attempt.notification
    if notice.status == Status.UNKNOWN:
        sending.turn(notice, Status.PLANNED, next_at=clock.now())
    else:
        wait_or_step_down(attempt)


def hear_waiting(attempt: DeliveryAttempt, receipt: Receipt) -> None:
    """Note that the gateway has the message; give the next channel its turn after a while."""
    if attempt.notification.status == Status.UNKNOWN:
        sending.note_accepted(attempt.notification, attempt, receipt)
    else:
        wait_or_step_down(attempt)


def wait_or_step_down(attempt: DeliveryAttempt) -> None:
    now, since = clock.now(), attempt.accepted_at or attempt.started_at
    waited = now - since
    if waited >= timedelta(minutes=settings.RECEIPT_WAIT_MINUTES[attempt.channel]):
        sending.step_down(attempt.notification, attempt, reason="no_receipt")
    else:
        pause = min(max(waited, QUESTION_LASTS), sending.LONGEST_PAUSE)
        sending.turn(attempt.notification, Status.SENT, next_at=now + pause)


def drop_old() -> int:
    """Drop planned messages that are no longer worth sending, batch by batch."""
    dropped, batch = 0, BATCH
    with connection.cursor() as cursor:
        while batch == BATCH:
            cursor.execute(DROP_OLD, {"now": clock.now(), "batch": BATCH})
            batch = int(cursor.rowcount)
            dropped += batch
    return dropped

"""Messages leave: claimed by one worker, sent under an id fixed before, settled by their receipt.

The gateway is never called inside a transaction. What it does not answer is unknown, and only an
inquiry by the same id resolves that. A channel that fails gives way to the next one of the ladder.
"""

import time
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from participants.gateways.messages import Messenger, Receipt, Refused, Unreachable
from participants.models import BulkSend, Channel, ChannelPace, DeliveryAttempt, Notification
from participants.models.notifications import NotificationQuerySet
from participants.rules import messages
from participants.services.wording import letter_for, text_of
from seoul_health.core import clock

log = structlog.get_logger("messages")

Status = Notification.Status
CLAIM_LASTS = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)
CATCH_UP = timedelta(seconds=1)
FIRST_QUESTION = {
    Channel.PUSH: timedelta(seconds=20),
    Channel.ALIMTALK: timedelta(seconds=30),
    Channel.SMS: timedelta(seconds=30),
    Channel.LETTER: timedelta(hours=6),
}
AT_ONCE = 2_000
BREATH = 0.05

TAKE_SLOT = """
INSERT INTO participants_channelpace AS pace (channel, free_at) VALUES (%(channel)s, %(next)s)
ON CONFLICT (channel) DO UPDATE
SET free_at = greatest(pace.free_at, %(earliest)s) + make_interval(secs => %(step)s)
WHERE pace.free_at <= %(now)s
"""

TAKE_TURN = """
UPDATE participants_bulksend
SET free_at = greatest(free_at, %(earliest)s) + interval '1 minute' / per_minute
WHERE id = %(bulk)s AND status = 'running' AND free_at <= %(now)s
"""


def send_due(*, messenger: Messenger, most: int = AT_ONCE, seconds: float = 0) -> int:
    """Send what is due, one claim after the other; stop when the gateway falls silent."""
    sent, deadline = 0, time.monotonic() + seconds
    while sent < most:
        notice = claim()
        if notice is None:
            if time.monotonic() >= deadline or not is_anything_due():
                break
            time.sleep(BREATH)
        elif notice.status == Status.SENDING:
            sent += 1
            if not send(notice, messenger=messenger):
                break
    return sent


@transaction.atomic
def claim() -> Notification | None:
    """Take the longest waiting message for this worker alone, or hold it back for good."""
    now = clock.now()
    notice = pick(now)
    if notice is None:
        return None
    channel, reason = choose_channel(notice)
    if not channel:
        finish(notice, Status.SUPPRESSED, reason=reason)
        return notice
    if not (take_slot(channel, now) and take_turn(notice, now)):
        transaction.set_rollback(True)
        return None
    turn(notice, Status.SENDING, channel=channel, next_at=now + CLAIM_LASTS)
    start_attempt(notice)
    return notice


def pick(now: datetime) -> Notification | None:
    """Find the next message: those for one person go before those for many."""
    busy = ChannelPace.objects.filter(free_at__gt=now).values_list("channel", flat=True)
    due = due_now(now).exclude(channel__in=list(busy))
    due = due.select_related("participant__profile", "template")
    due = due.select_for_update(skip_locked=True, of=("self",))
    if (notice := due.filter(bulk=None).first()) is not None:
        return notice
    running = BulkSend.objects.filter(status=BulkSend.Status.RUNNING, free_at__lte=now)
    for bulk in running.order_by("free_at", "pk"):
        if (notice := due.filter(bulk=bulk).first()) is not None:
            return notice
    return None


def choose_channel(notice: Notification) -> tuple[str, str]:
    """Give the first channel left that may be used, or why there is none."""
    if not hasattr(notice.participant, "profile"):
        return "", "no_profile"
    if notice.legal:
        return notice.channel, ""
    if notice.participant.withdrawn_at is not None:
        return "", "left"
    refused = set(
        notice.participant.opt_outs.filter(category=notice.category).values_list(
            "channel", flat=True
        )
    )
    left = notice.ladder[notice.ladder.index(notice.channel) :]
    wanted = [] if "" in refused else [channel for channel in left if channel not in refused]
    return (wanted[0], "") if wanted else ("", "opted_out")


def take_slot(channel: str, now: datetime) -> bool:
    """Take the next moment of a channel; somebody else may just have taken it."""
    step = timedelta(minutes=1) / settings.MESSAGES_PER_MINUTE[channel]
    terms: dict[str, str | datetime | float] = {
        "channel": channel,
        "now": now,
        "step": step.total_seconds(),
        "next": now + step,
        "earliest": now - CATCH_UP,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE_SLOT, terms)
        return bool(cursor.rowcount)


def take_turn(notice: Notification, now: datetime) -> bool:
    """Take the next moment of a bulk send; one that was stopped gives none."""
    if notice.bulk_id is None:
        return True
    terms: dict[str, int | datetime] = {
        "bulk": notice.bulk_id,
        "now": now,
        "earliest": now - CATCH_UP,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURN, terms)
        return bool(cursor.rowcount)


def is_anything_due() -> bool:
    """Tell whether somebody waits whom a throttle, or another worker, keeps waiting."""
    due = due_now(clock.now())
    running = BulkSend.objects.filter(status=BulkSend.Status.RUNNING)
    return due.filter(bulk=None).exists() or due.filter(bulk__in=running).exists()


def due_now(now: datetime) -> NotificationQuerySet:
    """Find what may leave at this hour: at night, only legal notices."""
    starts, ends = settings.QUIET_HOURS
    due = Notification.objects.due(now)
    return due.filter(legal=True) if messages.is_quiet(now, starts=starts, ends=ends) else due


def start_attempt(notice: Notification) -> None:
    """Fix the id the gateway will know this try by; the same channel keeps its id."""
    new = DeliveryAttempt(notification=notice, channel=notice.channel, cost=cost_of(notice))
    DeliveryAttempt.objects.bulk_create([new], ignore_conflicts=True)


def cost_of(notice: Notification) -> int:
    kind = str(notice.channel)
    if kind == Channel.SMS and messages.message_kind(text_of(notice)) == "LMS":
        kind = "long_sms"
    return int(settings.MESSAGE_WON[kind])


def send(notice: Notification, *, messenger: Messenger) -> bool:
    """Hand a claimed message to the gateway and settle the answer; say whether there was one."""
    attempt = notice.attempts.get(channel=notice.channel)
    try:
        receipt = messenger.send(letter_for(notice, attempt))
    except Refused as refusal:
        step_down(notice, attempt, reason=refusal.code)
    except Unreachable as silence:
        leave_unknown(notice, attempt, why=str(silence))
        return False
    else:
        note_accepted(notice, attempt, receipt)
    return True


@transaction.atomic
def note_accepted(notice: Notification, attempt: DeliveryAttempt, receipt: Receipt) -> None:
    """Note that the gateway has the message; whether it arrives is asked later."""
    now = clock.now()
    pause = FIRST_QUESTION[Channel(attempt.channel)]
    if turn(notice, Status.SENT, sent_at=notice.sent_at or now, next_at=now + pause):
        settle(attempt, "accepted", accepted_at=now, receipt_no=receipt.receipt_no)


@transaction.atomic
def step_down(notice: Notification, attempt: DeliveryAttempt, *, reason: str) -> None:
    """Go to the next channel of the ladder; below the last one the message has failed."""
    lower = messages.next_channel(notice.ladder, attempt.channel)
    if lower is None:
        moved = finish(notice, Status.FAILED, reason=reason)
    else:
        moved = turn(notice, Status.PLANNED, channel=lower, reason=reason, next_at=clock.now())
    if moved:
        settle(attempt, "failed", finished_at=clock.now(), reason=reason)


@transaction.atomic
def leave_unknown(notice: Notification, attempt: DeliveryAttempt, *, why: str) -> None:
    """Leave a message open: it may be on its way, and it may not."""
    if turn(notice, Status.UNKNOWN, next_at=clock.now() + next_pause(attempt.tries)):
        settle(attempt, "unknown", tries=F("tries") + 1)
        log.warning("message_unknown", notification=notice.pk, why=why)


def next_pause(tries: int) -> timedelta:
    return min(timedelta(seconds=15 << min(tries, 10)), LONGEST_PAUSE)


def finish(notice: Notification, to: str, *, reason: str) -> bool:
    return turn(notice, to, reason=reason, finished_at=clock.now())


def turn(notice: Notification, to: str, **stamps: object) -> bool:
    """Move a message from the status it was read with, unless somebody else has moved it."""
    rows = Notification.objects.filter(pk=notice.pk, status=notice.status, channel=notice.channel)
    if not rows.update(status=to, **stamps):
        return False
    for name, value in {"status": to, **stamps}.items():
        setattr(notice, name, value)
    return True


def settle(attempt: DeliveryAttempt, outcome: str, **stamps: object) -> None:
    DeliveryAttempt.objects.filter(pk=attempt.pk).update(outcome=outcome, **stamps)

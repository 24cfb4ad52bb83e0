"""Readings that need care: who is called back, by when, and what came of it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least

from devices.errors import NotTheCaller
from devices.models import CallAttempt, Reading, RiskAlert, Threshold
from devices.rules.reading_words import TOPICS, topic_of
from devices.rules.thresholds import Limit, judge
from devices.services.waiting import age_of
from participants.models import Participant
from participants.services import notices
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import IllegalMove
from seoul_health.core.models import StaffUser

# A value of long ago is history, not a reason to call.
RECENT = timedelta(days=7)
CALL_AGAIN = timedelta(hours=1)
CALLS = 3
TAKEN_FOR = timedelta(minutes=30)
BATCH = 200


def limits_on(day: date) -> list[Limit]:
    """Give the thresholds in force on a day, as values."""
    return [
        Limit(row.pk, row.kind, row.side, row.value, row.level, row.sex, row.age_from, row.age_to)
        for row in Threshold.objects.in_force(day)
    ]


def judge_readings(readings: Sequence[Reading], *, by: Actor) -> int:
    """Open an alert or send guidance for what has met a threshold; give how many alerts."""
    now = clock.now()
    fresh = [row for row in readings if row.measured_at > now - RECENT]
    limits = {day: limits_on(day) for day in {clock.seoul_day(row.measured_at) for row in fresh}}
    opened = 0
    for reading in fresh:
        day = clock.seoul_day(reading.measured_at)
        age = age_of(reading.participant, day)
        found = judge(reading.value, reading.kind, limits[day], age=age, sex=reading.sex)
        if found is not None:
            opened += act_on(reading, Threshold.objects.get(pk=found.pk), now=now, by=by)
    return opened


def act_on(reading: Reading, threshold: Threshold, *, now: datetime, by: Actor) -> bool:
    """Tell the person what a reading means, and have them called where that is due."""
    if threshold.template and not reading.is_overdue:
        guide(reading, threshold)
    if threshold.call_within_hours is None:
        return False
    due = now + timedelta(hours=threshold.call_within_hours)
    return raise_alert(reading, threshold, due_at=due, by=by)


def guide(reading: Reading, threshold: Threshold) -> None:
    """Send the guidance of a threshold, once a day and topic; the value itself is not sent."""
    day = clock.seoul_day(reading.measured_at)
    values = {"site": reading.site.name, "what": TOPICS[reading.kind]}
    key = f"{reading.participant_id}:{topic_of(reading.kind)}:{day}"
    notices.notify(reading.participant, threshold.template, values, key=key)


def raise_alert(reading: Reading, threshold: Threshold, *, due_at: datetime, by: Actor) -> bool:
    """Open an alert, or make the open one graver; the person's row is locked by the caller."""
    topic = topic_of(reading.kind)
    open_one = RiskAlert.objects.unfinished().filter(participant=reading.participant_id, kind=topic)
    known = open_one.first()
    if known is None:
        alert = RiskAlert.objects.create(
            participant=reading.participant,
            site=reading.site,
            reading=reading,
            threshold=threshold,
            kind=topic,
            level=threshold.level,
            due_at=due_at,
            next_call_at=clock.now(),
        )
        audit.record("opened", alert, by=by, level=threshold.level)
        return True
    graver = open_one.filter(level__lt=threshold.level)
    if graver.update(
        level=threshold.level,
        reading=reading,
        threshold=threshold,
        due_at=Least(F("due_at"), due_at),
        next_call_at=clock.now(),
    ):
        audit.record("graver", known, by=by, level=threshold.level)
    return False


@transaction.atomic
def take_next(*, by: StaffUser) -> RiskAlert | None:
    """Give the most urgent call to one member of staff, never to two."""
    now = clock.now()
    waiting = RiskAlert.objects.visible_to(by).waiting(now)
    alert = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if alert is not None:
        alert.move(RiskAlert.Status.TAKEN, by=by, handler=by, taken_at=now)
    return alert


@transaction.atomic
def take(alert: RiskAlert, *, by: StaffUser) -> None:
    """Take one call out of its turn."""
    alert.move(RiskAlert.Status.TAKEN, by=by, handler=by, taken_at=clock.now())


@transaction.atomic
def put_back(alert: RiskAlert, *, by: Actor, why: str = "") -> None:
    """Let somebody else call."""
    alert.move(RiskAlert.Status.OPEN, by=by, why=why, handler=None, taken_at=None)


@transaction.atomic
def record_call(alert: RiskAlert, *, outcome: str, note: str = "", by: StaffUser) -> CallAttempt:
    """Write down a call: who was reached is done, others are called again a few times."""
    held = RiskAlert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
    if held.status == RiskAlert.Status.TAKEN and held.handler_id != by.pk:
        raise NotTheCaller
    attempt = CallAttempt.objects.create(
        alert=held, outcome=outcome, note=note, called_by=by.actor_name
    )
    audit.record("called", held, by=by, outcome=outcome)
    if outcome in CallAttempt.REACHED:
        held.move(RiskAlert.Status.DONE, by=by, why=outcome, closed_at=clock.now())
    elif held.attempts.count() >= CALLS:
        give_up(held, by=by)
    else:
        again = clock.now() + CALL_AGAIN
        held.move(
            RiskAlert.Status.OPEN, by=by, why=outcome, handler=None, taken_at=None,
            next_call_at=again,
        )  # fmt: skip
    return attempt


def give_up(alert: RiskAlert, *, by: Actor) -> None:
    """Write to somebody nobody has reached."""
    alert.move(RiskAlert.Status.UNREACHED, by=by, closed_at=clock.now())
    values = {"site": alert.site.name, "what": TOPICS[alert.kind]}
    notices.notify(alert.participant, "reading_unreached", values, key=str(alert.pk))


def escalate(*, by: Actor) -> int:
    """Show calls that are overdue to the whole district, once; give how many."""
    now = clock.now()
    late = RiskAlert.objects.unfinished().filter(due_at__lt=now, escalated_at=None)
    done = 0
    for alert in late.order_by("due_at", "pk")[:BATCH]:
        with transaction.atomic():
            still = RiskAlert.objects.unfinished().filter(pk=alert.pk, escalated_at=None)
            if still.update(escalated_at=now):
                audit.record("escalated", alert, by=by)
                done += 1
    return done


def release_forgotten(*, by: Actor) -> int:
    """Put calls back that somebody took and did not make."""
    old = clock.now() - TAKEN_FOR
    rows = RiskAlert.objects.filter(status=RiskAlert.Status.TAKEN, taken_at__lt=old)
    done = 0
    for alert in rows.order_by("pk")[:BATCH]:
        try:
            put_back(alert, by=by, why="forgotten")
        except IllegalMove:
            continue  # The call has been made meanwhile.
        done += 1
    return done


def open_for(participant: Participant) -> list[RiskAlert]:
    rows = RiskAlert.objects.unfinished().filter(participant=participant)
    return list(rows.select_related("threshold", "reading").order_by("-level", "pk"))

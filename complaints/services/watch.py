"""What looks after alarms when nobody does: escalation, trips that do not arrive, forgetting."""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from complaints.models import Alarm, AlarmEntry, AlarmPhoto, Position, Trip
from complaints.models.alarms import AlarmQuerySet
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

from .alarms import raise_alarm, write

# After so many seconds without anybody the supervisors are rung, then everybody, then 112.
STEPS = (timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120))
GRACE = timedelta(minutes=5)
KEPT = timedelta(days=7)
BATCH = 500
log = logging.getLogger(__name__)


def tend_alarms(*, by: Actor) -> None:
    """Ring louder for what nobody took, and ring for who has not come home; runs all the time."""
    now = clock.now()
    miss_trips(now, by=by)
    escalate(now, by=by)


def escalate(now: datetime, *, by: Actor) -> int:
    """Step each ringing alarm up, each step once, however late this runs."""
    risen = 0
    for level, after in enumerate(STEPS, start=1):
        late = Alarm.objects.untaken().filter(raised_at__lte=now - after, level__lt=level)
        for pk in late.values_list("pk", flat=True)[:BATCH]:
            risen += step_up(pk, level, by=by)
    return risen


@transaction.atomic
def step_up(pk: int, level: int, *, by: Actor) -> int:
    still = Alarm.objects.filter(pk=pk, status=Alarm.Status.RINGING, level__lt=level)
    if not still.update(level=level):
        return 0
    alarm = Alarm.objects.get(pk=pk)
    write(alarm, AlarmEntry.Kind.ESCALATED, str(level), by=by)
    audit.record("alarm_escalated", alarm, by=by, level=level)
    log.error("alarm_unanswered", extra={"alarm": pk, "level": level})
    return 1


def miss_trips(now: datetime, *, by: Actor) -> int:
    """Ring for everybody who should have been home five minutes ago."""
    late = Trip.objects.filter(status=Trip.Status.GOING, expected_at__lte=now - GRACE)
    missed = 0
    for pk in late.values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            # Not the key: a call for help holds the person and names the trip.
            held = Trip.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
            trip = held.select_related("participant").filter(pk=pk, status="going").first()
            if trip is not None:
                trip.move(Trip.Status.OVERDUE, by=by)
                raise_alarm(trip.participant, by=by, cause=Alarm.Cause.OVERDUE, trip=trip)
                missed += 1
    return missed


def forget(*, by: Actor) -> int:
    """Delete positions, destinations and pictures seven days after the last of a matter."""
    before = clock.now() - KEPT
    gone = forget_positions(before)
    for pk in stale_alarms(before).values_list("pk", flat=True)[:BATCH]:
        gone += wipe(pk, before, by=by)
    return gone + forget_destinations(before)


def forget_destinations(before: datetime) -> int:
    """Forget where people went, but for those an alarm still looks for."""
    over = Trip.objects.filter(started_at__lt=before, destination__isnull=False)
    sought = Alarm.objects.live().filter(trip=OuterRef("pk"))
    return over.exclude(status=Trip.Status.GOING).filter(~Exists(sought)).update(destination=None)


def forget_positions(before: datetime) -> int:
    """Delete what is older than seven days, but nothing of an alarm that is still open."""
    is_open = Alarm.objects.live().filter(
        Q(pk=OuterRef("alarm")) | Q(trip=OuterRef("trip"), trip__isnull=False)
    )
    old = Position.objects.filter(~Exists(is_open), received_at__lt=before)
    deleted, _each = old.delete()
    return deleted


def stale_alarms(before: datetime) -> AlarmQuerySet:
    return Alarm.objects.filter(status=Alarm.Status.CLOSED, closed_at__lt=before, wiped_at=None)


@transaction.atomic
def wipe(pk: int, before: datetime, *, by: Actor) -> int:
    alarm = stale_alarms(before).select_for_update(skip_locked=True).filter(pk=pk).first()
    if alarm is None:
        return 0
    photos = list(AlarmPhoto.objects.filter(alarm=alarm))
    names = [photo.file.name for photo in photos if photo.file.name]
    deleted, _each = Position.objects.filter(alarm=alarm).delete()
    AlarmPhoto.objects.filter(alarm=alarm).delete()
    Alarm.objects.filter(pk=pk).update(wiped_at=clock.now())
    audit.record("alarm_wiped", alarm, by=by, positions=deleted, photos=len(names))
    transaction.on_commit(partial(delete_files, names))
    return deleted + len(names)


def delete_files(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)

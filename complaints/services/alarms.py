"""Calls for help: raised in one step, taken by one, never lost, and never silenced by accident."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from complaints.errors import AlarmOver, HandOverIncomplete, NotYourAlarm, TooManyPhotos
from complaints.models import Alarm, AlarmEntry, AlarmPhoto, Position, Trip
from complaints.rules.positions import Fix
from participants.models import Participant
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.files import cleaned, keep
from seoul_health.core.models import StaffUser

MOST_PHOTOS = 10
Kind = AlarmEntry.Kind


@transaction.atomic
def raise_alarm(
    participant: Participant,
    *,
    by: Actor,
    cause: str = Alarm.Cause.SOS,
    fixes: Iterable[Fix] = (),
    text: str = "",
    trip: Trip | None = None,
) -> Alarm:
    """Ring for somebody; pressed again, the alarm that rings already learns where they are now."""
    Participant.objects.select_for_update().get(pk=participant.pk)
    # Held, too: an alarm that is being closed just now would swallow the new call.
    live = Alarm.objects.live().select_for_update(of=("self",))
    known = live.filter(participant=participant).first()
    way = trip or Trip.objects.filter(participant=participant, status=Trip.Status.GOING).first()
    alarm = known or Alarm.objects.create(
        participant=participant, cause=cause, trip=way, raised_at=clock.now()
    )
    write(alarm, Kind.REPEATED if known else Kind.RAISED, text, by=by)
    keep_positions(fixes, alarm=alarm)
    if known is None:
        audit.record("alarm_raised", alarm, by=by, cause=cause)
    return alarm


def write(
    alarm: Alarm, kind: str, text: str = "", *, by: Actor, organisation: str = "", number: str = ""
) -> None:
    AlarmEntry.objects.create(
        alarm=alarm,
        kind=kind,
        text=text,
        actor=by.actor_name,
        organisation=organisation,
        reference=number,
    )


def keep_positions(
    fixes: Iterable[Fix], *, trip: Trip | None = None, alarm: Alarm | None = None
) -> int:
    """Keep positions; one that came before is left as it is."""
    rows = [Position(trip=trip, alarm=alarm, at=fix.at, point=fix.as_text()) for fix in fixes]
    return len(Position.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def add_from_caller(
    alarm: Alarm, *, by: Actor, fixes: Iterable[Fix] = (), text: str = "", is_safe: bool = False
) -> None:
    """Keep what the phone sends after the call; “I am safe” is told, and still looked into."""
    hold_live(alarm)
    keep_positions(fixes, alarm=alarm)
    if text:
        write(alarm, Kind.NOTE, text, by=by)
    if is_safe and alarm.safe_at is None:
        alarm.safe_at = clock.now()
        Alarm.objects.filter(pk=alarm.pk).update(safe_at=alarm.safe_at)
        write(alarm, Kind.SAFE, by=by)


def hold_live(alarm: Alarm) -> None:
    """Lock an alarm that is not over, and read it as it is now."""
    alarm.refresh_from_db(from_queryset=Alarm.objects.select_for_update(of=("self",)))
    if not alarm.is_live:
        raise AlarmOver


def add_photo(alarm: Alarm, content: bytes, claimed_type: str, *, by: Actor) -> AlarmPhoto:
    """Keep a picture of what happens; drawn anew, so that it says nothing but what it shows."""
    sent = cleaned(content, claimed_type)
    with transaction.atomic():
        hold_live(alarm)
        known = alarm.photos.filter(sha256=sent.sha256).first()
        if known is not None:
            return known
        if alarm.photos.count() >= MOST_PHOTOS:
            raise TooManyPhotos(limit=MOST_PHOTOS)
        photo = keep(AlarmPhoto(alarm=alarm), sent)
        write(alarm, Kind.PHOTO, by=by)
    return photo


@transaction.atomic
def take(alarm: Alarm, *, by: StaffUser) -> None:
    """Take a ringing alarm: from then on the caller reads that somebody is there."""
    alarm.move(Alarm.Status.TAKEN, by=by, taken_by=by, taken_at=clock.now())
    write(alarm, Kind.TAKEN, by=by)


@transaction.atomic
def take_over(alarm: Alarm, *, why: str, by: StaffUser) -> None:
    """Go on with a colleague's alarm, at the end of a shift or when they are held up."""
    if not why.strip():
        raise ReasonNeeded
    hold_live(alarm)
    if alarm.status == Alarm.Status.RINGING:
        take(alarm, by=by)
        return
    Alarm.objects.filter(pk=alarm.pk).update(taken_by=by)
    alarm.taken_by = by
    write(alarm, Kind.TAKEN_OVER, why.strip()[:1000], by=by)
    audit.record("alarm_taken_over", alarm, by=by)


@transaction.atomic
def note(alarm: Alarm, text: str, *, by: StaffUser, kind: str = Kind.NOTE) -> None:
    """Write a line into the log, such as that the caller was rung back."""
    if not text.strip():
        raise ReasonNeeded
    hold_own(alarm, by)
    write(alarm, kind, text.strip()[:1000], by=by)


def hold_own(alarm: Alarm, by: StaffUser) -> None:
    hold_live(alarm)
    if alarm.taken_by_id != by.pk:
        raise NotYourAlarm


@transaction.atomic
def hand_over(alarm: Alarm, *, organisation: str, number: str, text: str, by: StaffUser) -> None:
    """Write down to whom an alarm was handed, under which number, and what they were told."""
    hold_own(alarm, by)
    if not organisation.strip() or not text.strip():
        raise HandOverIncomplete
    alarm.move(Alarm.Status.PASSED_ON, by=by)
    write(
        alarm,
        Kind.HANDED_OVER,
        text.strip()[:1000],
        by=by,
        organisation=organisation.strip()[:60],
        number=number.strip()[:40],
    )


@transaction.atomic
def close(alarm: Alarm, *, outcome: str, text: str, by: StaffUser) -> None:
    """End an alarm with what became of it, and how that is known."""
    hold_own(alarm, by)
    if outcome not in Alarm.Outcome.values or not text.strip():
        raise ReasonNeeded
    alarm.move(Alarm.Status.CLOSED, by=by, closed_at=clock.now(), outcome=outcome)
    write(alarm, Kind.CLOSED, text.strip()[:1000], by=by)


def seconds_to_take(alarm: Alarm, now: datetime) -> int:
    return int(((alarm.taken_at or now) - alarm.raised_at).total_seconds())

"""Places are reserved once, given back, and counted when nobody came."""

from datetime import date, timedelta

from django.db import connection, transaction

from devices.errors import (
    AlreadyReserved,
    BookingPaused,
    NotOpenYet,
    SlotClosed,
    SlotOver,
    SlotTaken,
)
from devices.models import NoShowRule, Reservation, Slot
from devices.rules.booking import NoShows, paused_until
from devices.services.words import about
from participants.models import Participant
from participants.services import notices
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.tasks import enqueue

GRACE = timedelta(minutes=30)
REMIND_BEFORE = timedelta(hours=24)
BATCH = 500

FREE_PLACE = """
SELECT min(place) FROM generate_series(1, %s) AS place
WHERE place NOT IN (
    SELECT place FROM devices_reservation WHERE slot_id = %s AND status IN ('booked', 'checked_in')
)
"""


@transaction.atomic
def book(participant: Participant, slot: Slot, *, by: Actor) -> Reservation:
    """Reserve a place in an open slot; the guarded count decides who is in time."""
    now = clock.now()
    refuse_outside(slot)
    if not slot.free:
        raise taken(slot)
    lock(participant)
    refuse_paused(participant)
    if not Slot.objects.take(slot, now):
        raise taken(Slot.objects.get(pk=slot.pk))
    return enter(participant, slot, template="slot_booked", by=by)


def refuse_outside(slot: Slot) -> None:
    """Refuse a time that is closed, over or not yet open, and say which."""
    now = clock.now()
    if slot.closed_at is not None:
        raise SlotClosed(why=slot.closed_because)
    if slot.starts_at <= now:
        raise SlotOver
    if slot.opens_at > now:
        raise NotOpenYet(opens_at=slot.opens_at)


def taken(slot: Slot) -> SlotTaken:
    return SlotTaken(waiting=slot.waiting)


def lock(participant: Participant) -> None:
    """Let one person reserve one thing at a time; rows that only point at the person may come."""
    Participant.objects.select_for_update(no_key=True).only("pk").get(pk=participant.pk)


def enter(participant: Participant, slot: Slot, *, template: str, by: Actor) -> Reservation:
    """Write the reservation of a place that has been counted."""
    with (
        constraint("nobody_is_at_two_places_at_once", AlreadyReserved()),
        constraint("a_place_is_reserved_once", taken(slot)),
    ):
        reservation = Reservation.objects.create(
            slot=slot,
            resource_id=slot.resource_id,
            during=(slot.starts_at, slot.ends_at),
            place=free_place(slot),
            participant=participant,
            booked_by=by.actor_name,
        )
    audit.record("booked", reservation, by=by, slot=slot.pk)
    notices.notify(participant, template, about(slot), key=str(reservation.pk))
    return reservation


def free_place(slot: Slot) -> int:
    """Give the lowest place of a slot that nobody holds; the slot's row is locked by its count."""
    with connection.cursor() as cursor:
        cursor.execute(FREE_PLACE, [slot.capacity, slot.pk])
        (place,) = cursor.fetchone()
    if place is None:
        raise taken(slot)
    return int(place)


def rule_in_force(day: date) -> NoShows | None:
    known = NoShowRule.objects.filter(effective_from__lte=day).order_by("-effective_from").first()
    return NoShows(known.count, known.within_days, known.pause_days) if known else None


def missed_days(participant: Participant) -> list[date]:
    missed = Reservation.objects.missed_by(participant).values_list("slot__starts_at", flat=True)
    return [clock.seoul_day(moment) for moment in missed]


def pause_of(participant: Participant) -> date | None:
    """Give the last day on which somebody may not reserve, or none."""
    today = clock.today()
    return paused_until(missed_days(participant), rule_in_force(today), today)


def refuse_paused(participant: Participant) -> None:
    until = pause_of(participant)
    rule = rule_in_force(clock.today())
    if until is not None and rule is not None:
        raise BookingPaused(
            count=rule.count, days=rule.within_days, day=(until + timedelta(days=1)).isoformat()
        )


@transaction.atomic
def cancel(reservation: Reservation, *, by: Actor, why: str = "") -> None:
    """Give a place back before its time; the next in line moves up."""
    if reservation.slot.starts_at <= clock.now():
        raise SlotOver
    reservation.move(Reservation.Status.CANCELLED, by=by, why=why, ended_at=clock.now())
    Slot.objects.leave(reservation.slot)
    enqueue("devices.move_up", reservation.slot_id)


@transaction.atomic
def check_in(reservation: Reservation, *, by: Actor) -> None:
    """Note that somebody came, also when it was late."""
    with constraint("nobody_is_at_two_places_at_once", AlreadyReserved()):
        reservation.move(Reservation.Status.CHECKED_IN, by=by, came_at=clock.now(), ended_at=None)


@transaction.atomic
def excuse(reservation: Reservation, *, why: str, by: Actor) -> None:
    """Let a missed visit not count, for a reason."""
    reservation.move(Reservation.Status.EXCUSED, by=by, why=why)


@transaction.atomic
def mark_no_show(reservation: Reservation, *, by: Actor) -> None:
    """Note that nobody came; somebody who is now paused is told until when."""
    reservation.move(Reservation.Status.NO_SHOW, by=by, ended_at=clock.now())
    person = reservation.participant
    until = pause_of(person)
    values = about(reservation.slot)
    if until is None:
        notices.notify(person, "slot_missed", values, key=str(reservation.pk))
        return
    again = (until + timedelta(days=1)).isoformat()
    notices.notify(person, "slot_paused", values | {"day": again}, key=str(reservation.pk))


def mark_no_shows(*, by: Actor) -> int:
    """Mark everybody whose time is over and who was not checked in; give how many."""
    over = clock.now() - GRACE
    due = Reservation.objects.booked().filter(slot__ends_at__lt=over).order_by("pk")
    rows = due.select_related("participant", "slot__resource__site")[:BATCH]
    done = 0
    for reservation in rows:
        with transaction.atomic():
            held = Reservation.objects.booked().select_for_update(skip_locked=True, of=("self",))
            if held.filter(pk=reservation.pk).exists():
                mark_no_show(reservation, by=by)
                done += 1
    return done


@transaction.atomic
def remind() -> int:
    """Remind everybody whose time comes within a day, once."""
    now = clock.now()
    soon = Reservation.objects.booked().filter(
        slot__starts_at__gt=now, slot__starts_at__lte=now + REMIND_BEFORE, reminded_at=None
    )
    # Who reserved within the last two hours has just been told.
    due = soon.filter(booked_at__lt=now - REMIND_BEFORE / 12)
    rows = list(
        due.select_related("slot__resource__site")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("pk")[:BATCH]
    )
    told = [notices.Planned(row.participant_id, str(row.pk), about(row.slot)) for row in rows]
    Reservation.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=now)
    notices.plan("slot_reminder", told)
    return len(rows)

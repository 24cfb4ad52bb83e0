"""Waiting lists: joined with a priority that can be explained, moving up by themselves."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from devices.errors import (
    AlreadyReserved,
    AlreadyWaiting,
    PlaceFree,
    WaitingListFull,
    WaitingListOver,
)
from devices.models import PriorityRule, Reservation, RiskAlert, Slot, Waiting
from devices.rules.booking import Facts, Priority, parts_of, score_of
from devices.services import reservations
from devices.services.words import about
from participants.models import Participant
from participants.rules.eligibility import age_on
from participants.services import notices
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import IllegalMove

BATCH = 200


def facts_of(participant: Participant) -> Facts:
    """Gather what priorities look at; nothing of it is kept but what counted."""
    visits = Reservation.objects.filter(
        participant=participant, status=Reservation.Status.CHECKED_IN
    )
    return Facts(
        age=age_of(participant, clock.today()),
        is_first_visit=not visits.exists(),
        has_open_alert=RiskAlert.objects.unfinished().filter(participant=participant).exists(),
        missed=tuple(reservations.missed_days(participant)),
    )


def age_of(participant: Participant, day: date) -> int | None:
    profile = getattr(participant, "profile", None)
    return age_on(date.fromisoformat(profile.birth_date), day) if profile else None


def priority_of(participant: Participant) -> tuple[int, list[dict[str, Any]]]:
    """Give somebody's priority and what it is made of."""
    today = clock.today()
    live = PriorityRule.objects.filter(effective_from__lte=today).exclude(effective_to__lt=today)
    rules = [Priority(row.kind, row.value, row.points) for row in live]
    parts = parts_of(rules, facts_of(participant), today)
    return score_of(parts), [asdict(part) for part in parts]


@transaction.atomic
def wait(participant: Participant, slot: Slot, *, by: Actor) -> Waiting:
    """Join the waiting list of a full slot."""
    reservations.refuse_outside(slot)
    if slot.starts_at - last_call(slot) <= clock.now():
        raise WaitingListOver
    reservations.lock(participant)
    reservations.refuse_paused(participant)
    refuse_doubling(participant, slot)
    score, parts = priority_of(participant)
    with constraint("nobody_waits_twice_for_a_slot", AlreadyWaiting()):
        waiting = Waiting.objects.create(
            slot=slot, participant=participant, score=score, score_parts=parts
        )
    if not Slot.objects.queue(slot, limit=slot.plan.waiting_limit):
        raise refusal_of(Slot.objects.select_related("plan").get(pk=slot.pk))
    audit.record("waits", waiting, by=by, slot=slot.pk, score=score)
    return waiting


def refuse_doubling(participant: Participant, slot: Slot) -> None:
    """Refuse to wait for a time at which somebody is already expected."""
    held = Reservation.objects.booked().filter(participant=participant)
    if held.filter(slot__starts_at__lt=slot.ends_at, slot__ends_at__gt=slot.starts_at).exists():
        raise AlreadyReserved


def refusal_of(slot: Slot) -> PlaceFree | WaitingListFull:
    if slot.waiting >= slot.plan.waiting_limit:
        return WaitingListFull(limit=slot.plan.waiting_limit)
    return PlaceFree()


def last_call(slot: Slot) -> timedelta:
    return timedelta(minutes=slot.plan.last_call_minutes)


def rank_of(waiting: Waiting) -> int:
    """Say how many would move up before somebody, and count them in."""
    ahead = Waiting.objects.live().filter(slot=waiting.slot_id).in_order()
    order = list(ahead.values_list("pk", flat=True))
    return order.index(waiting.pk) + 1 if waiting.pk in order else 0


@transaction.atomic
def leave(waiting: Waiting, *, by: Actor) -> None:
    """Stop waiting."""
    waiting.move(Waiting.Status.LEFT, by=by, ended_at=clock.now())
    Slot.objects.stop_waiting(waiting.slot)


def move_up(slot: Slot, *, by: Actor) -> int:
    """Fill what is free with those who wait, the highest priority first; give how many."""
    moved = 0
    for waiting in slot.waiters.live().in_order().select_related("participant"):
        fresh = Slot.objects.select_related("resource__site", "plan").get(pk=slot.pk)
        if fresh.taken >= fresh.capacity or fresh.starts_at - last_call(fresh) <= clock.now():
            break
        moved += move_up_one(waiting, fresh, by=by)
    return moved


@transaction.atomic
def move_up_one(waiting: Waiting, slot: Slot, *, by: Actor) -> bool:
    """Give one waiting person a place; who cannot come any more leaves the list instead."""
    reservations.lock(waiting.participant)
    held = Waiting.objects.live().select_for_update(of=("self",)).filter(pk=waiting.pk).first()
    if held is None:
        return False
    try:
        with transaction.atomic():
            if not Slot.objects.take_for_waiting(slot):
                return False
            reservation = reservations.enter(
                waiting.participant, slot, template="slot_moved_up", by=by
            )
            held.move(Waiting.Status.MOVED_UP, by=by, ended_at=clock.now(), reservation=reservation)
    except AlreadyReserved:
        held.move(Waiting.Status.LEFT, by=by, why="elsewhere", ended_at=clock.now())
        Slot.objects.stop_waiting(slot)
        return False
    return True


def move_all_up(*, by: Actor) -> int:
    """Fill free places wherever somebody waits: what a lost doorbell left."""
    waited = Slot.objects.standing().filter(waiting__gt=0, taken__lt=F("capacity"))
    rows = waited.filter(starts_at__gt=clock.now()).order_by("starts_at", "pk")[:BATCH]
    return sum(move_up(slot, by=by) for slot in rows)


def lapse(*, by: Actor) -> int:
    """Close the lists nobody moves up on any more, so that free places are anybody's."""
    now = clock.now()
    done = 0
    waited = Slot.objects.filter(waiting__gt=0).select_related("plan", "resource__site")
    for slot in waited.filter(starts_at__lt=now + timedelta(days=1)).order_by("pk")[:BATCH]:
        if slot.starts_at - last_call(slot) <= now:
            done += lapse_slot(slot, by=by)
    return done


@transaction.atomic
def lapse_slot(slot: Slot, *, by: Actor) -> int:
    rows = list(slot.waiters.live().order_by("pk"))
    told = []
    for waiting in rows:
        try:
            waiting.move(Waiting.Status.LAPSED, by=by, ended_at=clock.now())
        except IllegalMove:
            continue  # Left or moved up meanwhile, and counted there.
        Slot.objects.stop_waiting(slot)
        told.append(notices.Planned(waiting.participant_id, str(waiting.pk), about(slot)))
    notices.plan("slot_wait_over", told)
    return len(told)

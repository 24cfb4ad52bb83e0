"""Slots are made from plans, and closed when a site cannot hold them."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from typing import cast

import holidays
from django.db import transaction
from django.db.models import Q

from devices.models import Reservation, Resource, Slot, SlotPlan, Waiting
from devices.rules.openings import Opening, last_day_opened, stretches
from devices.services.words import about
from participants.services import notices
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.tasks import enqueue

# Citizens see what opens next, so slots are made this far beyond what has opened.
AHEAD = timedelta(days=16)
BATCH = 200


def opening(plan: SlotPlan) -> Opening:
    pause = (plan.break_from, plan.break_to) if plan.break_from and plan.break_to else None
    return Opening(
        weekdays=frozenset(plan.weekdays),
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        minutes=plan.minutes,
        opens_on=tuple(plan.opens_on),
        opens_at=plan.opens_at,
        pause=pause,
    )


def make_slots(*, by: Actor) -> int:
    """Make what is missing of every plan's slots, as far as people may look; give how many."""
    in_use = SlotPlan.objects.filter(resource__is_active=True)
    return sum(
        make_slots_of(plan, by=by) for plan in in_use.select_related("resource").order_by("pk")
    )


@transaction.atomic
def make_slots_of(plan: SlotPlan, *, by: Actor) -> int:
    """Make a plan's slots from today on; those that exist or were closed stay as they are."""
    today = clock.today()
    last = last_day_opened(clock.now(), plan.opens_on, plan.opens_at) + AHEAD
    first = max(today, plan.effective_from)
    last = min(last, plan.effective_to or last, until_next_plan(plan) or last)
    known = set(
        plan.resource.slots.between(clock.day_starts(first), clock.day_ends(last)).values_list(
            "starts_at", flat=True
        )
    )
    wanted = [row for row in laid_out(plan, first, last) if row.starts_at not in known]
    Slot.objects.bulk_create(wanted, batch_size=1000, ignore_conflicts=True)
    if wanted:
        audit.record("slots_made", plan, by=by, count=len(wanted), until=last.isoformat())
    return len(wanted)


def until_next_plan(plan: SlotPlan) -> date | None:
    """Give the last day before a newer plan of the same resource begins."""
    newer = plan.resource.plans.filter(effective_from__gt=plan.effective_from)
    following = newer.order_by("effective_from").values_list("effective_from", flat=True).first()
    return following - timedelta(days=1) if following else None


def laid_out(plan: SlotPlan, first: date, last: date) -> Iterable[Slot]:
    closed = closed_days(plan.resource, first, last)
    for number in range((last - first).days + 1):
        for one in stretches(opening(plan), first + timedelta(days=number), closed):
            yield Slot(
                resource=plan.resource,
                plan=plan,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                opens_at=one.opens_at,
                capacity=plan.resource.capacity,
            )


def closed_days(resource: Resource, first: date, last: date) -> frozenset[date]:
    """Give the days between two on which the site is closed: public holidays and its own."""
    years = range(first.year, last.year + 1)
    known = cast("dict[date, str]", holidays.country_holidays("KR", years=years))
    special = dict(
        resource.site.special_days.filter(on__range=(first, last)).values_list("on", "opens")
    )
    closed = {day for day, opens in special.items() if opens is None}
    return frozenset(set(known) - set(special)) | closed


@transaction.atomic
def close_slot(slot: Slot, *, why: str, by: Actor) -> None:
    """Close a time the site cannot hold; from now on nobody gets a place in it."""
    if not why.strip():
        raise ReasonNeeded
    standing = Slot.objects.standing().filter(pk=slot.pk)
    if standing.update(closed_at=clock.now(), closed_because=why.strip()[:100]):
        audit.record("slot_closed", slot, by=by, why=why)
        enqueue("devices.empty_slot", slot.pk)


def empty_slot(slot: Slot, *, by: Actor) -> int:
    """Cancel the places of a closed time and tell everybody; give how many. May run twice."""
    if slot.closed_at is None:
        return 0
    for waiting in slot.waiters.live().order_by("pk"):
        with suppress(IllegalMove), transaction.atomic():
            waiting.move(Waiting.Status.LAPSED, by=by, ended_at=clock.now())
            Slot.objects.stop_waiting(slot)
    rows = slot.reservations.booked().select_related("participant").order_by("pk")
    return sum(send_home(reservation, slot, by=by) for reservation in rows)


def send_home(reservation: Reservation, slot: Slot, *, by: Actor) -> bool:
    """Cancel one place of a closed time, unless it has been given back already."""
    with suppress(IllegalMove), transaction.atomic():
        why = slot.closed_because
        reservation.move(Reservation.Status.CANCELLED, by=by, why=why, ended_at=clock.now())
        Slot.objects.leave(slot)
        values = about(slot) | {"why": why}
        notices.notify(reservation.participant, "slot_closed", values, key=str(reservation.pk))
        return True
    return False


def empty_closed(*, by: Actor) -> int:
    """Empty whatever closed times still have people in them: what a lost doorbell left."""
    closed = Slot.objects.filter(Q(taken__gt=0) | Q(waiting__gt=0), closed_at__isnull=False)
    rows = closed.filter(starts_at__gt=clock.now()).select_related("resource__site")
    return sum(empty_slot(slot, by=by) for slot in rows.order_by("starts_at", "pk")[:BATCH])


@transaction.atomic
def reopen_slot(slot: Slot, *, by: Actor) -> None:
    """Open a closed time again; who had a place reserves anew."""
    closed = Slot.objects.filter(closed_at__isnull=False, pk=slot.pk, taken=0)
    if closed.update(closed_at=None, closed_because=""):
        audit.record("slot_reopened", slot, by=by)

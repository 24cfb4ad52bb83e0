"""Safe returns: a way home that is watched until whoever walks it says that they are there."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from complaints.errors import AlreadyOnTheWay, TripOver
from complaints.models import Alarm, Trip
from complaints.rules.positions import Fix
from participants.models import Participant
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint

from .alarms import add_from_caller, keep_positions


@transaction.atomic
def set_out(participant: Participant, *, destination: str, minutes: int, by: Actor) -> Trip:
    """Watch a way home; whoever is not there in time is rung for."""
    now = clock.now()
    with constraint("one_trip_at_a_time", AlreadyOnTheWay()):
        trip = Trip.objects.create(
            participant=participant,
            destination=destination,
            started_at=now,
            expected_at=now + timedelta(minutes=minutes),
        )
    audit.record("set_out", trip, by=by)
    return trip


@transaction.atomic
def report(trip: Trip, fixes: Iterable[Fix]) -> int:
    """Keep where somebody is on the way; after arriving nothing more is taken."""
    hold(trip)
    if trip.status == Trip.Status.ARRIVED:
        raise TripOver
    return keep_positions(fixes, trip=trip)


@transaction.atomic
def arrive(trip: Trip, *, by: Actor) -> None:
    """Say that somebody is home; said twice it is still said once. Whoever looks for them reads it.

    An alarm that rings goes on ringing: it is closed by who looks after it.
    """
    hold(trip)
    if trip.status == Trip.Status.ARRIVED:
        return
    trip.move(Trip.Status.ARRIVED, by=by, arrived_at=clock.now())
    for alarm in Alarm.objects.live().filter(trip=trip).select_for_update(of=("self",)):
        add_from_caller(alarm, by=by, is_safe=True)


def hold(trip: Trip) -> None:
    """Lock a way home, not its key: an alarm that names it is never kept waiting."""
    held = Trip.objects.select_for_update(of=("self",), no_key=True)
    trip.refresh_from_db(from_queryset=held)

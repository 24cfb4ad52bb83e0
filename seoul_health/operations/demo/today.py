"""What some people have walked today, sent up through the same service the app uses."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from devices.services.walking import Upload
from participants.models import Participant, Participation
from points.services.syncs import sync_steps
from seoul_health.core import clock

from .copy import public_id
from .plans import World
from .shapes import WORKDAY

WALKERS = 60
FIRST_HOUR = 6


def sync_today(world: World) -> int:
    """Send the hours of today that are over, for the demo people and some others."""
    dice, count = world.dice("today"), 0
    walking = Participation.objects.live().filter(round=world.rounds.running.round)
    people = Participant.objects.filter(pk__in=walking.values("participant")).order_by("pk")
    for participant in people[:WALKERS]:
        pace = dice.uniform(40, 130)
        items: list[object] = [
            _sample(at, int(WORKDAY[at.hour] * pace)) for at in _hours_over(world)
        ]
        batch = uuid.UUID(public_id(dice))
        if items:
            sync_steps(participant, Upload(batch_id=batch, source="watch", items=items))
            count += 1
    return count


def _hours_over(world: World) -> list[datetime]:
    midnight = clock.day_starts(world.today)
    hours = (midnight + timedelta(hours=hour) for hour in range(FIRST_HOUR, 23))
    return [hour for hour in hours if hour + timedelta(hours=1) <= world.now]


def _sample(at: datetime, steps: int) -> dict[str, Any]:
    ends = at + timedelta(hours=1)
    return {"start": at.isoformat(), "end": ends.isoformat(), "steps": steps}

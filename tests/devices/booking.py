"""Resources, plans and slots as the services leave them."""

import itertools
from datetime import date, datetime, time, timedelta
from typing import Any

from devices.models import Resource, Slot, SlotPlan
from seoul_health.core import clock

from .builders import make_site

names = itertools.count(1)
HOUR = timedelta(hours=1)
EVERY_DAY = list(range(7))


def make_resource(*, capacity: int = 1, **fields: Any) -> Resource:
    fields.setdefault("site", make_site())
    fields.setdefault("name", f"체력측정 {next(names)}")
    return Resource.objects.create(kind=Resource.Kind.ROOM, capacity=capacity, **fields)


def make_plan(resource: Resource | None = None, **fields: Any) -> SlotPlan:
    terms = {
        "effective_from": date(2026, 1, 1),
        "weekdays": EVERY_DAY,
        "starts_at": time(9),
        "ends_at": time(12),
        "minutes": 60,
        "opens_on": [1, 16],
    }
    return SlotPlan.objects.create(resource=resource or make_resource(), **{**terms, **fields})


def make_slot(
    *,
    starts_at: datetime | None = None,
    capacity: int = 1,
    plan: SlotPlan | None = None,
    **fields: Any,
) -> Slot:
    """Give an open slot a day ahead, by default."""
    plan = plan or make_plan(make_resource(capacity=capacity))
    start = starts_at or clock.now().replace(microsecond=0) + timedelta(days=1)
    fields.setdefault("opens_at", clock.now() - HOUR)
    slot = Slot.objects.create(
        resource=plan.resource,
        plan=plan,
        starts_at=start,
        ends_at=start + HOUR,
        capacity=capacity,
        **fields,
    )
    return fresh(slot)


def fresh(slot: Slot) -> Slot:
    return Slot.objects.select_related("resource__site", "plan").get(pk=slot.pk)


def counts(slot: Slot) -> tuple[int, int]:
    """How many places of a slot are taken, and how many people wait."""
    found = fresh(slot)
    return found.taken, found.waiting

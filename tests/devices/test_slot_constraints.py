from datetime import time, timedelta

import pytest

from devices.models import (
    NoShowRule,
    PriorityRule,
    Reservation,
    Resource,
    Slot,
    SlotPlan,
    Waiting,
)
from seoul_health.core import clock

from .booking import HOUR, make_plan, make_resource, make_slot
from .test_device_constraints import broken


def reservation(slot, person, **fields):
    terms = {
        "slot": slot,
        "resource": slot.resource,
        "during": (slot.starts_at, slot.ends_at),
        "place": 1,
        "participant": person,
    }
    return Reservation.objects.create(**{**terms, **fields})


def test_slots_of_a_resource_do_not_overlap(db):
    slot = make_slot()

    name = broken(
        lambda: make_slot(plan=slot.plan, starts_at=slot.starts_at + timedelta(minutes=59))
    )

    assert name == "slots_of_a_resource_do_not_overlap"


def test_a_slot_may_begin_when_the_other_ends(db):
    slot = make_slot()

    make_slot(plan=slot.plan, starts_at=slot.starts_at + HOUR)

    assert Slot.objects.count() == 2


def test_a_place_is_reserved_once(walker, make_participant):
    slot = make_slot()
    reservation(slot, walker)

    assert broken(lambda: reservation(slot, make_participant())) == "a_place_is_reserved_once"


def test_a_place_that_was_given_back_is_free(walker, make_participant):
    slot = make_slot()
    reservation(slot, walker, status="cancelled")

    assert reservation(slot, make_participant()).status == "booked"


def test_nobody_is_at_two_places_at_once(walker):
    start = clock.now() + timedelta(days=1)
    reservation(make_slot(starts_at=start), walker)
    other = make_slot(starts_at=start + HOUR / 2)

    assert broken(lambda: reservation(other, walker)) == "nobody_is_at_two_places_at_once"


def test_a_slot_is_never_overbooked(db):
    make_slot()

    assert broken(lambda: Slot.objects.update(taken=2)) == "a_slot_is_never_overbooked"


def test_a_slot_ends_after_it_began(db):
    slot = make_slot()

    name = broken(lambda: Slot.objects.update(ends_at=slot.starts_at))

    assert name == "a_slot_ends_after_it_began"


def test_who_came_came_at_a_moment(walker):
    reservation(make_slot(), walker)

    name = broken(lambda: Reservation.objects.update(status="checked_in"))

    assert name == "who_came_came_at_a_moment"


def test_nobody_waits_twice_for_a_slot(walker):
    slot = make_slot()
    Waiting.objects.create(slot=slot, participant=walker)

    name = broken(lambda: Waiting.objects.create(slot=slot, participant=walker))

    assert name == "nobody_waits_twice_for_a_slot"


def test_who_moved_up_has_a_reservation(walker):
    Waiting.objects.create(slot=make_slot(), participant=walker)

    name = broken(lambda: Waiting.objects.update(status="moved_up"))

    assert name == "who_moved_up_has_a_reservation"


def test_a_resource_serves_at_least_one(db):
    make_resource()

    assert broken(lambda: Resource.objects.update(capacity=0)) == "a_resource_serves_at_least_one"


def test_one_name_per_resource_of_a_site(db):
    resource = make_resource()

    name = broken(lambda: make_resource(name=resource.name))

    assert name == "one_name_per_resource_of_a_site"


def test_one_plan_per_resource_and_day(db):
    plan = make_plan()

    assert broken(lambda: make_plan(plan.resource)) == "one_plan_per_resource_and_day"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"effective_to": "2020-01-01"}, "a_plan_ends_after_it_began"),
        ({"ends_at": time(8)}, "a_plan_has_room_for_a_slot"),
        ({"minutes": 1}, "a_plan_has_room_for_a_slot"),
        ({"opens_on": []}, "a_plan_opens_on_days_every_month_has"),
        ({"opens_on": [31]}, "a_plan_opens_on_days_every_month_has"),
        ({"weekdays": [7]}, "a_plan_opens_on_days_every_month_has"),
        ({"break_from": time(13), "break_to": time(12)}, "a_break_has_both_ends"),
    ],
    ids=[
        "ends-first",
        "closes-first",
        "too-short",
        "never-opens",
        "on-the-31st",
        "eighth-weekday",
        "break-backwards",
    ],
)
def test_a_plan_makes_sense(db, fields, name):
    make_plan()

    assert broken(lambda: SlotPlan.objects.update(**fields)) == name


def test_a_no_show_rule_counts_something(db):
    name = broken(lambda: NoShowRule.objects.update(count=0))

    assert name == "a_no_show_rule_counts_something"


def test_one_priority_rule_per_kind_and_day(db):
    rule = PriorityRule.objects.first()
    rule.pk = None

    assert broken(rule.save) == "one_priority_rule_per_kind_and_day"

"""Everybody for the same slots at once, and every other way two could get one place."""

import json
import time
from collections import Counter
from datetime import timedelta

import pytest

from devices.models import Reservation, Slot, Waiting
from devices.services import reservations, slots, waiting
from participants.models import Notification
from seoul_health.core import clock
from seoul_health.core.models import AuditEvent
from tests.bench.people import newcomers
from tests.conftest import JOB
from tests.devices.booking import HOUR, counts, fresh, make_plan, make_resource, make_slot
from tests.race import race

from .test_devices_races import each_of
from .test_seat_races import in_process

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]
CALLERS, PLACES, PROCESSES = 320, 32, 4


def lay_out(places: int) -> None:
    """Make as many places as wished, four to a slot, at four resources."""
    start = clock.now().replace(microsecond=0) + timedelta(days=1)
    for _ in range(4):
        plan = make_plan(make_resource(capacity=4))
        for number in range(places // 16 + (places % 16 > 0)):
            make_slot(plan=plan, capacity=4, starts_at=start + number * HOUR)


def test_ten_callers_for_every_place_fill_each_once():
    lay_out(PLACES)
    places = sum(Slot.objects.values_list("capacity", flat=True))
    people = [str(person.pk) for person in newcomers(CALLERS)]
    begin = str(time.time() + 6)
    crowds = [
        in_process("-m", "tests.concurrency.slot_crowd", begin, *people[number::PROCESSES])
        for number in range(PROCESSES)
    ]
    answers = [row for crowd in crowds for row in json.loads(crowd.communicate(timeout=300)[0])]

    booked = Reservation.objects.booked()
    winners = {row["person"] for row in answers if row["status"] == 201}
    assert Counter(row["code"] for row in answers) == {"": places, "slot_taken": CALLERS - places}
    assert {str(pk) for pk in booked.values_list("participant", flat=True)} == winners
    assert (booked.count(), len(winners)) == (places, places)
    assert booked.values("slot", "place").distinct().count() == places
    assert list(Slot.objects.values_list("taken", flat=True)) == [4] * Slot.objects.count()
    assert Notification.objects.filter(template__code="slot_booked").count() == places
    assert AuditEvent.objects.filter(verb="booked").count() == places


def test_one_place_goes_to_one_of_eight(make_participant):
    slot = make_slot()
    people = [make_participant() for _ in range(8)]
    acts = [lambda who=who: reservations.book(who, fresh(slot), by=JOB) for who in people]

    assert race(each_of(acts), runners=8) == ["SlotTaken"] * 7 + ["ok"]

    assert (counts(slot), Reservation.objects.count()) == ((1, 0), 1)


def test_one_person_cannot_be_at_four_places_at_once(walker):
    start = clock.now() + timedelta(days=1)
    found = [make_slot(starts_at=start) for _ in range(4)]
    acts = [lambda at=at: reservations.book(walker, at, by=walker) for at in found]

    assert race(each_of(acts), runners=4) == ["AlreadyReserved"] * 3 + ["ok"]

    assert sum(Slot.objects.values_list("taken", flat=True)) == 1


def test_a_place_is_given_back_once(walker):
    slot = make_slot(capacity=2)
    row = reservations.book(walker, slot, by=walker)

    again = [Reservation.objects.select_related("slot").get(pk=row.pk) for _ in range(3)]
    acts = [lambda one=one: reservations.cancel(one, by=walker) for one in again]
    assert race(each_of(acts), runners=3) == ["IllegalMove"] * 2 + ["ok"]

    assert counts(slot) == (0, 0)


def test_coming_and_cancelling_at_once_has_one_outcome(walker):
    slot = make_slot()
    row = reservations.book(walker, slot, by=walker)
    mine = [Reservation.objects.select_related("slot").get(pk=row.pk) for _ in range(2)]
    acts = [
        lambda: reservations.check_in(mine[0], by=JOB),
        lambda: reservations.cancel(mine[1], by=walker),
    ]

    assert race(each_of(acts)) == ["IllegalMove", "ok"]

    status = Reservation.objects.get().status
    assert counts(slot) == ((1, 0) if status == "checked_in" else (0, 0))


def test_two_sweeps_move_one_person_up(walker, make_participant):
    slot = make_slot()
    row = reservations.book(walker, slot, by=walker)
    for _ in range(3):
        waiting.wait(make_participant(), fresh(slot), by=JOB)
    reservations.cancel(row, by=walker)

    assert race(lambda: waiting.move_up(slot, by=JOB), runners=4) == ["ok"] * 4

    assert (counts(slot), Reservation.objects.booked().count()) == ((1, 2), 1)
    assert Waiting.objects.filter(status="moved_up").count() == 1


def test_waiting_and_leaving_keep_the_count_true(walker, make_participant):
    slot = make_slot()
    reservations.book(walker, slot, by=walker)
    people = [make_participant() for _ in range(6)]
    acts = [lambda who=who: waiting.wait(who, fresh(slot), by=JOB) for who in people]
    race(each_of(acts), runners=6)
    rows = list(Waiting.objects.live()[:3])

    race(each_of([lambda row=row: waiting.leave(row, by=JOB) for row in rows]), runners=3)

    assert (counts(slot), Waiting.objects.live().count()) == ((1, 3), 3)


def test_closing_a_time_lets_nobody_slip_in(make_participant):
    slot = make_slot(capacity=8)
    people = [make_participant() for _ in range(7)]
    acts = [lambda who=who: reservations.book(who, fresh(slot), by=JOB) for who in people]

    race(
        each_of([*acts[:4], lambda: slots.close_slot(slot, why="점검", by=JOB), *acts[4:]]),
        runners=8,
    )
    slots.empty_slot(fresh(slot), by=JOB)

    assert (counts(slot), Reservation.objects.booked().count()) == ((0, 0), 0)


def test_slots_are_made_once_by_two_sweeps():
    make_plan()

    race(lambda: slots.make_slots(by=JOB), runners=3)

    starts = list(Slot.objects.values_list("starts_at", flat=True))
    assert len(starts) == len(set(starts)) > 0

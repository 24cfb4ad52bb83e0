from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from devices.errors import (
    AlreadyReserved,
    AlreadyWaiting,
    BookingPaused,
    NotOpenYet,
    PlaceFree,
    SlotClosed,
    SlotOver,
    SlotTaken,
    WaitingListFull,
    WaitingListOver,
)
from devices.models import Reservation, Slot, SpecialDay, Waiting
from devices.services import reservations, slots, waiting
from devices.tasks import empty_slot, make_slots, move_up, tend_slots
from participants.models import Notification
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from tests.conftest import JOB

from .booking import HOUR, counts, fresh, make_plan, make_resource, make_slot

NOON = datetime(2026, 11, 23, 3, tzinfo=UTC)


def told(code):
    return Notification.objects.filter(template__code=code).count()


def missed(participant, *, days_ago=1):
    """A visit nobody came to."""
    slot = make_slot(starts_at=clock.now() - timedelta(days=days_ago))
    Slot.objects.filter(pk=slot.pk).update(taken=1)
    row = Reservation.objects.create(
        slot=slot,
        resource=slot.resource,
        during=(slot.starts_at, slot.ends_at),
        place=1,
        participant=participant,
    )
    reservations.mark_no_show(row, by=JOB)
    return row


@time_machine.travel(NOON, tick=False)
def test_slots_are_made_once_as_far_as_people_look(db):
    make_plan(weekdays=[0, 1, 2, 3, 4])

    make_slots()
    first = Slot.objects.count()
    make_slots()

    assert Slot.objects.count() == first == 3 * 28
    last = Slot.objects.order_by("-starts_at").first()
    assert clock.seoul_day(last.starts_at) == date(2026, 12, 31)
    assert last.opens_at == datetime(2026, 12, 1, 13, tzinfo=clock.KST)


@time_machine.travel(NOON, tick=False)
def test_no_slots_on_holidays_and_on_days_the_site_is_closed(db):
    plan = make_plan()
    SpecialDay.objects.create(site=plan.resource.site, on=date(2026, 11, 25))

    slots.make_slots(by=JOB)

    days = {clock.seoul_day(moment) for moment in Slot.objects.values_list("starts_at", flat=True)}
    assert date(2026, 11, 25) not in days
    assert date(2026, 12, 25) not in days
    assert {date(2026, 11, 24), date(2026, 12, 24)} <= days


@time_machine.travel(NOON, tick=False)
def test_a_closed_time_is_not_made_again(db):
    make_plan()
    slots.make_slots(by=JOB)
    slot = Slot.objects.earliest("pk")
    slots.close_slot(slot, why="장비 점검", by=JOB)

    assert slots.make_slots(by=JOB) == 0

    assert not Slot.objects.standing().filter(starts_at=slot.starts_at).exists()


@time_machine.travel(NOON, tick=False)
def test_a_newer_plan_takes_over_on_its_day(db):
    old = make_plan()
    make_plan(old.resource, effective_from=date(2026, 12, 1), starts_at=time(10))

    slots.make_slots(by=JOB)

    december = Slot.objects.filter(starts_at__gte=datetime(2026, 12, 1, tzinfo=clock.KST))
    assert {slot.starts_at.astimezone(clock.KST).hour for slot in december} == {10, 11}


def test_a_place_is_reserved_and_told(walker):
    slot = make_slot()

    row = reservations.book(walker, slot, by=walker)

    assert (row.status, row.place, counts(slot)) == ("booked", 1, (1, 0))
    assert told("slot_booked") == 1


def test_a_taken_time_says_so(walker, make_participant):
    slot = make_slot()
    reservations.book(walker, slot, by=walker)

    with pytest.raises(SlotTaken):
        reservations.book(make_participant(), slot, by=JOB)

    assert (counts(slot), Reservation.objects.count()) == ((1, 0), 1)


def test_what_opens_later_says_when(walker):
    opens = clock.now() + HOUR
    slot = make_slot(opens_at=opens)

    with pytest.raises(NotOpenYet) as refusal:
        reservations.book(walker, slot, by=walker)

    assert refusal.value.fields == {"opens_at": [opens.astimezone(clock.KST).isoformat()]}
    assert counts(slot) == (0, 0)


def test_what_has_begun_is_neither_reserved_nor_cancelled(walker):
    slot = make_slot()
    row = reservations.book(walker, slot, by=walker)
    Slot.objects.update(starts_at=clock.now() - HOUR)

    with pytest.raises(SlotOver):
        reservations.book(walker, fresh(slot), by=walker)
    with pytest.raises(SlotOver):
        reservations.cancel(Reservation.objects.get(pk=row.pk), by=walker)

    assert counts(slot) == (1, 0)


def test_nobody_is_at_two_places_at_once(walker):
    start = clock.now() + timedelta(days=1)
    reservations.book(walker, make_slot(starts_at=start), by=walker)
    other = make_slot(starts_at=start + HOUR / 2)

    with pytest.raises(AlreadyReserved):
        reservations.book(walker, other, by=walker)

    assert counts(other) == (0, 0)


def test_one_after_the_other_is_fine(walker):
    start = clock.now() + timedelta(days=1)
    reservations.book(walker, make_slot(starts_at=start), by=walker)
    reservations.book(walker, make_slot(starts_at=start + HOUR), by=walker)

    assert Reservation.objects.booked().count() == 2


def test_places_of_one_time_are_numbered_and_used_again(walker, make_participant):
    slot = make_slot(capacity=3)
    rows = [reservations.book(make_participant(), fresh(slot), by=JOB) for _ in range(3)]
    reservations.cancel(rows[1], by=JOB)

    again = reservations.book(walker, fresh(slot), by=walker)

    assert ([row.place for row in rows], again.place) == ([1, 2, 3], 2)


def test_a_place_given_back_goes_to_the_next_in_line(walker, make_participant, queued):
    slot = make_slot()
    row = reservations.book(walker, slot, by=walker)
    young, old = make_participant(), make_participant(born=date(1940, 1, 1))
    waiting.wait(young, fresh(slot), by=young)
    waiting.wait(old, fresh(slot), by=old)

    reservations.cancel(row, by=walker)
    move_up(slot.pk)

    assert Reservation.objects.booked().get().participant == old
    assert (counts(slot), told("slot_moved_up")) == ((1, 1), 1)
    assert Waiting.objects.get(participant=old).reservation == Reservation.objects.booked().get()


def test_a_free_place_others_wait_for_is_theirs(walker, make_participant, queued):
    slot = make_slot()
    row = reservations.book(walker, slot, by=walker)
    waiting.wait(make_participant(), fresh(slot), by=JOB)
    reservations.cancel(row, by=walker)

    with pytest.raises(SlotTaken):
        reservations.book(make_participant(), fresh(slot), by=JOB)

    tend_slots()
    assert counts(slot) == (1, 0)


def test_who_is_elsewhere_by_then_makes_room_for_the_next(walker, make_participant, queued):
    slot = make_slot()
    row = reservations.book(walker, slot, by=walker)
    first, second = make_participant(), make_participant()
    waiting.wait(first, fresh(slot), by=first)
    waiting.wait(second, fresh(slot), by=second)
    reservations.book(first, make_slot(starts_at=slot.starts_at), by=first)

    reservations.cancel(row, by=walker)
    move_up(slot.pk)

    assert Reservation.objects.booked().get(slot=slot).participant == second
    assert Waiting.objects.get(participant=first).status == "left"
    assert counts(slot) == (1, 0)


def test_nobody_waits_for_what_is_free_or_waits_twice(walker, make_participant):
    slot = make_slot()
    with pytest.raises(PlaceFree):
        waiting.wait(walker, slot, by=walker)
    reservations.book(make_participant(), slot, by=JOB)
    waiting.wait(walker, fresh(slot), by=walker)

    with pytest.raises(AlreadyWaiting):
        waiting.wait(walker, fresh(slot), by=walker)

    assert counts(slot) == (1, 1)


def test_a_list_has_its_length(walker, make_participant):
    slot = make_slot(plan=make_plan(waiting_limit=1))
    reservations.book(make_participant(), slot, by=JOB)
    waiting.wait(make_participant(), fresh(slot), by=JOB)

    with pytest.raises(WaitingListFull):
        waiting.wait(walker, fresh(slot), by=walker)

    assert (counts(slot), Waiting.objects.count()) == ((1, 1), 1)


def test_lists_close_shortly_before_and_free_places_are_anybodys(walker, make_participant, queued):
    slot = make_slot()
    row = reservations.book(walker, slot, by=walker)
    waiting.wait(make_participant(), fresh(slot), by=JOB)
    soon = clock.now() + HOUR
    Slot.objects.update(starts_at=soon, ends_at=soon + HOUR)

    with pytest.raises(WaitingListOver):
        waiting.wait(make_participant(), fresh(slot), by=JOB)
    tend_slots()
    reservations.cancel(Reservation.objects.get(pk=row.pk), by=walker)

    assert (Waiting.objects.get().status, told("slot_wait_over")) == ("lapsed", 1)
    assert fresh(slot).free == 1


def test_a_priority_explains_itself(make_participant):
    person = make_participant(born=date(1940, 1, 1))

    assert waiting.priority_of(person) == (
        40,
        [
            {"kind": "age_from", "value": 75, "points": 30},
            {"kind": "first_visit", "value": 0, "points": 10},
        ],
    )


def test_two_missed_visits_pause_reserving_and_say_until_when(walker):
    missed(walker, days_ago=9)
    missed(walker, days_ago=2)
    slot = make_slot()

    with pytest.raises(BookingPaused) as refusal:
        reservations.book(walker, slot, by=walker)

    again = (clock.today() + timedelta(days=29)).isoformat()
    assert again in str(refusal.value)
    assert (told("slot_missed"), told("slot_paused"), counts(slot)) == (1, 1, (0, 0))


def test_an_excused_visit_does_not_count(walker):
    missed(walker, days_ago=9)
    reservations.excuse(missed(walker, days_ago=2), why="입원", by=JOB)

    assert reservations.book(walker, make_slot(), by=walker).status == "booked"


def test_who_came_is_no_no_show(walker, make_participant, queued):
    slot = make_slot(capacity=2)
    came = reservations.book(walker, slot, by=walker)
    reservations.book(make_participant(), fresh(slot), by=JOB)
    Slot.objects.update(starts_at=clock.now() - 2 * HOUR, ends_at=clock.now() - HOUR)
    reservations.check_in(came, by=JOB)

    tend_slots()
    tend_slots()

    statuses = sorted(Reservation.objects.values_list("status", flat=True))
    assert statuses == ["checked_in", "no_show"]
    with pytest.raises(IllegalMove):
        reservations.check_in(came, by=JOB)


def test_people_are_reminded_once_a_day_before(walker, queued):
    slot = make_slot(starts_at=clock.now() + timedelta(hours=20))
    row = reservations.book(walker, slot, by=walker)
    Reservation.objects.update(booked_at=clock.now() - timedelta(days=3))

    tend_slots()
    tend_slots()

    assert told("slot_reminder") == 1
    assert Reservation.objects.get(pk=row.pk).reminded_at is not None


def test_a_closed_time_sends_everybody_home_with_the_reason(walker, make_participant, queued):
    slot = make_slot()
    reservations.book(walker, slot, by=walker)
    waiting.wait(make_participant(), fresh(slot), by=JOB)

    slots.close_slot(slot, why="간호사 병가", by=JOB)
    with pytest.raises(SlotClosed):
        reservations.book(make_participant(), fresh(slot), by=JOB)
    empty_slot(slot.pk)
    empty_slot(slot.pk)

    assert (counts(slot), told("slot_closed")) == ((0, 0), 1)
    assert Reservation.objects.get().status == "cancelled"
    assert Notification.objects.get(template__code="slot_closed").values["why"] == "간호사 병가"


def test_closing_needs_a_reason(db):
    slot = make_slot()

    with pytest.raises(ReasonNeeded):
        slots.close_slot(slot, why=" ", by=JOB)

    assert fresh(slot).closed_at is None


def test_a_closed_time_can_be_opened_again(walker):
    slot = make_slot()
    slots.close_slot(slot, why="점검", by=JOB)

    slots.reopen_slot(slot, by=JOB)

    assert reservations.book(walker, fresh(slot), by=walker).status == "booked"


def test_a_resource_out_of_use_gets_no_slots(db):
    make_plan(make_resource(is_active=False))

    assert slots.make_slots(by=JOB) == 0

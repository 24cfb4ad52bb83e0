"""Seats are numbered; nobody gets one that does not exist, and a freed one is given again."""

import pytest
from django.db import IntegrityError

from participants.models import Application, Offer, Quota
from participants.services import applications, participations, selection
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.recruiting import add_lane, approved, draft_round, submitted
from tests.participants.waiting import close_window, lane_with, served, statuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(make_participant):
    return [make_participant(is_resident=True) for _ in range(6)]


def seats(lane):
    rows = Application.objects.filter(lane=lane, sequence__isnull=False).order_by("sequence")
    return [(row.seat.code, row.seat_no) if row.seat else row.rank for row in rows]


def test_the_selected_sit_on_numbered_seats_and_the_waiting_have_ranks(people):
    lane = lane_with({"seats": 2})

    served(lane, people[:4])

    assert seats(lane) == [("general", 1), ("general", 2), 1, 2]


def test_a_declined_seat_number_goes_to_the_next_in_line(people):
    lane = lane_with({"seats": 2})
    first, *_ = served(lane, people[:4])
    participations.decline(first, by=people[0])

    assert selection.select_due_lanes(by=JOB) == 1
    assert seats(lane) == [None, ("general", 2), ("general", 1), 1]


def test_taking_back_an_application_frees_the_seat(people):
    lane = lane_with({"seats": 1})
    first, *_ = served(lane, people[:2])
    applications.withdraw(first, by=people[0])

    selection.select_lane(lane, by=JOB)

    assert seats(lane) == [None, ("general", 1)]
    assert Offer.objects.get(application=first).status == "withdrawn"


def test_gaps_are_filled_when_the_numbers_run_out(people):
    lane = lane_with({"seats": 4})
    rows = served(lane, people[:4])
    for row in (rows[1], rows[2]):
        participations.decline(row, by=row.participant)

    served(lane, people[4:])

    assert seats(lane)[4:] == [("general", 2), ("general", 3)]


def test_a_selected_person_without_a_seat_is_impossible(people):
    lane = lane_with({"seats": 1})
    row = approved(people[0], lane)

    with pytest.raises(IntegrityError, match="who_is_selected_has_a_seat"):
        Application.objects.filter(pk=row.pk).update(status="selected")


def test_a_waiting_person_with_a_seat_is_impossible(people):
    lane = lane_with({"seats": 1})
    row = approved(people[0], lane)

    with pytest.raises(IntegrityError, match="who_is_selected_has_a_seat"):
        Application.objects.filter(pk=row.pk).update(seat=row.quota, seat_no=1)


def test_a_seat_above_the_quota_is_impossible(people):
    lane = lane_with({"seats": 1})
    row = approved(people[0], lane)

    with pytest.raises(IntegrityError, match="every_seat_exists"):
        Application.objects.filter(pk=row.pk).update(status="selected", seat=row.quota, seat_no=2)


def test_a_seat_above_the_quota_cannot_be_inserted(people):
    lane = lane_with({"seats": 1})

    with pytest.raises(IntegrityError, match="every_seat_exists"):
        Application.objects.create(
            participant=people[0], round=lane.round, lane=lane, basis="resident",
            receipt_no="A-X", status="selected", seat=lane.quotas.get(), seat_no=2,
        )  # fmt: skip


def test_one_seat_is_not_held_twice(people):
    lane = lane_with({"seats": 2})
    first, second = served(lane, people[:2])

    with pytest.raises(IntegrityError, match="one_application_per_seat"):
        Application.objects.filter(pk=second.pk).update(seat_no=first.seat_no)


def test_a_quota_keeps_the_seats_that_are_taken(people):
    lane = add_lane(draft_round(), seats=2)
    Application.objects.create(
        participant=people[0], round=lane.round, lane=lane, basis="resident",
        receipt_no="A-X", status="selected", seat=lane.quotas.get(), seat_no=2,
    )  # fmt: skip

    with pytest.raises(IntegrityError, match="every_seat_exists"):
        Quota.objects.filter(lane=lane).update(seats=1)


@pytest.fixture
def lane_of_two():
    return lane_with(
        {"code": "general", "seats": 1, "spill_order": 0},
        {"code": "special", "seats": 3, "spill_order": 1, "group": "new_mother"},
    )


def test_seats_left_over_go_to_the_waiting_of_other_quotas(people, lane_of_two):
    special = lane_of_two.quotas.get(code="special")
    approved(people[0], lane_of_two, quota=special)
    served(lane_of_two, people[1:5])
    assert seats(lane_of_two) == [("special", 1), ("general", 1), 1, 2, 3]

    lane = close_window(lane_of_two)
    assert selection.select_due_lanes(by=JOB) == 2

    assert seats(lane) == [("special", 1), ("general", 1), ("special", 2), ("special", 3), 1]
    spilled = AuditEvent.objects.filter(verb="selected", detail__spilled=True)
    assert [event.detail["seat"] for event in spilled.order_by("pk")] == ["special/2", "special/3"]


def test_nothing_spills_while_the_window_is_open(people, lane_of_two):
    served(lane_of_two, people[:3])

    assert seats(lane_of_two) == [("general", 1), 1, 2]


def test_nothing_spills_while_somebody_is_undecided(people, lane_of_two):
    served(lane_of_two, people[:3])
    special = lane_of_two.quotas.get(code="special")
    late = submitted(people[3], lane_of_two, quota=special)
    lane = close_window(lane_of_two)

    assert selection.select_lane(lane, by=JOB) == 0
    applications.reject(late, by=JOB, reason="서류가 다릅니다.")
    assert selection.select_lane(lane, by=JOB) == 2


def test_spilling_twice_changes_nothing(people, lane_of_two):
    served(lane_of_two, people)
    lane = close_window(lane_of_two)
    selection.select_lane(lane, by=JOB)
    before, events = seats(lane), AuditEvent.objects.count()

    assert selection.select_lane(lane, by=JOB) == 0
    assert (seats(lane), AuditEvent.objects.count()) == (before, events)
    assert statuses(lane) == ["selected"] * 4 + ["waitlisted"] * 2


def test_the_announced_order_decides_whose_waiting_come_first(make_participant):
    lane = lane_with(
        {"code": "general", "seats": 1, "spill_order": 2},
        {"code": "district", "seats": 1, "spill_order": 1, "group": "disabled"},
        {"code": "special", "seats": 1, "spill_order": 0, "group": "new_mother"},
    )
    people = [make_participant(is_resident=True) for _ in range(4)]
    for person, code in zip(people, ["general", "general", "district", "district"], strict=True):
        approved(person, lane, quota=lane.quotas.get(code=code))
    lane = close_window(lane)

    selection.select_lane(lane, by=JOB)

    assert seats(lane) == [("general", 1), 1, ("district", 1), ("special", 1)]


def test_a_seat_freed_later_serves_its_own_line_first(people, lane_of_two):
    rows = served(lane_of_two, people)
    lane = close_window(lane_of_two)
    selection.select_lane(lane, by=JOB)
    participations.decline(Application.objects.get(pk=rows[1].pk), by=people[1])

    selection.select_lane(lane, by=JOB)

    # The seat left by the second comes to the next in line, and numbers stay.
    assert statuses(lane) == [
        "selected", "declined", "selected", "selected", "selected", "waitlisted",
    ]  # fmt: skip
    assert Application.objects.filter(seat__isnull=False).count() == 4

"""The waiting list goes on into the next lane: the same people in the same order."""

from datetime import timedelta

import pytest
from time_machine import travel

from participants.errors import NoLaneToCarryTo, StillDeciding
from participants.models import Application, Lane, Quota
from participants.services import carrying, rounds, selection
from seoul_health.core import clock
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.recruiting import add_lane, born, draft_round, submitted
from tests.participants.waiting import close_window, lane_with, served, start, statuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(make_participant):
    return [make_participant(is_resident=True) for _ in range(4)]


@pytest.fixture
def target():
    return lane_with({"seats": 1}, starts_in=90)


@pytest.fixture
def lane(target):
    made = lane_with({"seats": 1})
    Lane.objects.filter(pk=made.pk).update(carries_over_to=target)
    made.refresh_from_db()
    return made


def in_order(lane):
    rows = Application.objects.filter(lane=lane, sequence__isnull=False).order_by("sequence")
    return [row.participant for row in rows]


def test_the_waiting_enter_the_next_lane_in_their_order(people, lane, target):
    served(lane, people)
    start(lane)

    assert carrying.carry_due(by=JOB) == 3
    selection.select_lane(target, by=JOB)

    assert statuses(lane) == ["selected"] + ["carried_over"] * 3
    assert in_order(target) == people[1:]
    assert statuses(target) == ["selected", "waitlisted", "waitlisted"]


def test_carrying_over_twice_carries_once(people, lane, target):
    served(lane, people)
    start(lane)
    carrying.carry_due(by=JOB)

    assert carrying.carry_due(by=JOB) == 0
    assert Application.objects.filter(lane=target).count() == 3


def test_both_applications_name_each_other(people, lane, target):
    _first, second = served(lane, people[:2])
    start(lane)
    carrying.carry_due(by=JOB)
    carried = Application.objects.get(lane=target)

    left = AuditEvent.objects.get(verb="carried_over")
    came = AuditEvent.objects.get(
        verb="submitted", subject=f"participants.application:{carried.pk}"
    )
    assert left.detail["why"] == f"carried over to {carried.receipt_no}"
    assert came.detail["why"] == f"carried over from {second.receipt_no}"
    assert carried.rule == target.round.rules.get()


def test_the_rule_of_the_next_round_decides(make_participant):
    older = make_participant(is_resident=True, born=born(70))
    first = make_participant(is_resident=True)
    found = draft_round(starts_in=90, max_age=60)
    target = add_lane(found, seats=5)
    rounds.announce(found, by=JOB)
    lane = lane_with({"seats": 1})
    Lane.objects.filter(pk=lane.pk).update(carries_over_to=target)
    served(lane, [first, older])
    start(lane)

    carrying.carry_due(by=JOB)

    carried = Application.objects.get(lane=target)
    assert (carried.status, carried.failed_rules) == ("rejected", ["too_old"])


def test_who_applied_there_already_keeps_that_application(people, lane, target):
    served(lane, people[:2])
    known = submitted(people[1], target)
    start(lane)

    assert carrying.carry_due(by=JOB) == 1
    assert list(Application.objects.filter(lane=target)) == [known]
    assert statuses(lane) == ["selected", "carried_over"]


def test_in_one_round_the_application_itself_moves(people):
    found = draft_round(starts_in=30)
    lane = add_lane(found, seats=1, closes_in=timedelta(hours=1))
    target = add_lane(found, seats=1, kind=Lane.Kind.NEEDS_WATCH)
    Lane.objects.filter(pk=lane.pk).update(carries_over_to=target)
    rounds.announce(found, by=JOB)
    rounds.open_round(found, by=JOB)
    lane.refresh_from_db()
    rows = served(lane, people[:3])

    with travel(clock.now() + timedelta(hours=2)):
        assert carrying.carry_over(lane, by=JOB) == 2
        assert selection.select_lane(target, by=JOB) == 1

    found = Application.objects.filter(lane=target).order_by("sequence")
    assert list(found) == rows[1:]
    assert [(row.status, row.rank) for row in found] == [("selected", None), ("waitlisted", 1)]


def test_nobody_is_carried_while_somebody_is_undecided(people, lane):
    served(lane, people[:2])
    submitted(people[2], lane)
    closed = close_window(lane)

    with pytest.raises(StillDeciding):
        carrying.carry_over(closed, by=JOB)
    assert statuses(lane) == ["selected", "waitlisted", "submitted"]


def test_a_lane_without_a_next_one_carries_nobody(people, target):
    served(target, people[:2])

    with pytest.raises(NoLaneToCarryTo):
        carrying.carry_over(target, by=JOB)


def test_the_sweep_leaves_a_lane_alone_while_seats_are_still_offered(people, lane):
    served(lane, people[:2])
    close_window(lane)

    assert carrying.carry_due(by=JOB) == 0
    assert Quota.objects.filter(lane=lane).exists()

import json

import pytest
import time_machine

from complaints.errors import HolidayKnown, HolidayOutOfReach
from complaints.models import ClockEvent, Complaint, Holiday, HolidayChange
from complaints.services import days_off, delays, desk, inspections
from complaints.services.deadlines import deadline_of
from complaints.tasks import recompute_deadlines
from seoul_health.core.errors import ReasonNeeded
from tests.complaints.builders import MONDAY, at, receive_one
from tests.conftest import JOB

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


THURSDAY = at(2026, 11, 26).date()


def declare(by, day=THURSDAY, **terms):
    wanted = {"change": "added", "name": "임시공휴일", "reason": "국무회의 의결"}
    return days_off.declare(day, by=by, **(wanted | terms))


def test_a_day_off_moves_what_it_falls_into_and_says_so(walker, supervisor):
    inside = receive_one(walker)
    hours = receive_one(walker, code="sync_failure")
    declare(supervisor)
    recompute_deadlines()

    inside.refresh_from_db()
    assert (inside.due_at, inside.version) == (at(2026, 12, 2, 18), 3)
    event = ClockEvent.objects.get(kind="holiday")
    assert (event.complaint, event.due_before, event.due_after) == (
        inside,
        at(2026, 12, 1, 18),
        at(2026, 12, 2, 18),
    )
    assert Complaint.objects.get(pk=hours.pk).due_at == hours.due_at
    done = HolidayChange.objects.get()
    assert (done.status, done.moved, done.examined) == ("done", 1, 1)


def test_every_stored_due_time_is_what_the_clock_says(walker, supervisor, agent, monday):
    kinds = ["points_missing", "sync_failure", "suggestion", "application"]
    rows = [
        receive_one(walker, code=code, at=at(2026, 11, day))
        for code in kinds
        for day in (19, 20, 23)
    ]
    for row in rows[:3]:
        desk.take(row, by=agent)
    delays.extend(rows[0], reason="사유", version=rows[0].version, by=agent)
    delays.ask_supplement(rows[1], text="자료", version=rows[1].version, by=agent)
    inspections.start_inspection(rows[2], text="점검", version=rows[2].version, by=agent)
    monday.move_to(at(2026, 11, 24, 9))
    declare(supervisor)
    recompute_deadlines()

    stored = [Complaint.objects.get(pk=row.pk) for row in rows]
    assert [one.due_at for one in stored] == [deadline_of(one).due_at for one in stored]


def test_a_killed_computation_goes_on_and_moves_nothing_twice(walker, supervisor, monkeypatch):
    rows = [receive_one(walker) for _ in range(5)]
    change = declare(supervisor)
    monkeypatch.setattr(days_off, "BATCH", 2)
    days_off.recompute_some(change.pk, by=JOB)
    assert ClockEvent.objects.filter(kind="holiday").count() == 2

    recompute_deadlines()
    recompute_deadlines()

    assert ClockEvent.objects.filter(kind="holiday").count() == 5
    assert HolidayChange.objects.get().moved == 5
    assert {Complaint.objects.get(pk=row.pk).due_at for row in rows} == {at(2026, 12, 2, 18)}


def test_a_correction_taken_back_brings_the_old_due_times(walker, supervisor):
    complaint = receive_one(walker)
    declare(supervisor)
    recompute_deadlines()
    declare(supervisor, change="dropped")
    recompute_deadlines()

    assert Complaint.objects.get().due_at == complaint.due_at
    assert not Holiday.objects.exists()
    assert ClockEvent.objects.filter(kind="holiday").count() == 2


def test_a_holiday_that_is_none_after_all(walker, supervisor):
    complaint = receive_one(walker, at=at(2026, 12, 21))
    declare(supervisor, day=at(2026, 12, 25).date(), change="removed")
    recompute_deadlines()

    assert complaint.due_at == at(2026, 12, 30, 18)
    assert Complaint.objects.get().due_at == at(2026, 12, 29, 18)


def test_a_day_added_after_the_fact_takes_a_breach_away(walker, supervisor, monday):
    complaint = receive_one(walker, at=at(2026, 11, 12))
    monday.move_to(at(2026, 11, 21, 9))
    assert Complaint.objects.breached(at(2026, 11, 21, 9)).get() == complaint

    declare(supervisor, day=at(2026, 11, 18).date())
    recompute_deadlines()

    assert not Complaint.objects.breached(at(2026, 11, 21, 9)).exists()


@pytest.mark.parametrize(
    ("day", "terms", "refusal"),
    [
        (at(2026, 12, 25), {}, HolidayKnown),
        (at(2026, 11, 28), {}, HolidayKnown),
        (at(2026, 11, 25), {"change": "removed"}, HolidayKnown),
        (at(2026, 11, 25), {"change": "dropped"}, HolidayKnown),
        (at(2030, 1, 1), {}, HolidayOutOfReach),
        (at(2026, 11, 26), {"reason": " "}, ReasonNeeded),
    ],
    ids=["a holiday anyway", "a saturday", "a working day", "no correction", "far", "no reason"],
)
def test_a_change_that_changes_nothing_is_refused(supervisor, day, terms, refusal):
    with pytest.raises(refusal):
        declare(supervisor, day=day.date(), **terms)

    assert not Holiday.objects.exists()
    assert not HolidayChange.objects.exists()


def test_the_command_counts_with_the_declared_day(supervisor, capsys):
    from django.core.management import call_command

    declare(supervisor)
    call_command("explain_deadline", "2026-11-23T10:00", "7d", "--json")

    told = json.loads(capsys.readouterr().out)
    assert told["due_at"] == "2026-12-02T18:00:00+09:00"
    assert {"day": "2026-11-26", "reason": "임시공휴일"} in told["skipped"]

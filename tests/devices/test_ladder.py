from datetime import date, timedelta

import pytest

from devices.errors import DueDayNotLater, NotTheCaller
from devices.models import Loan, RecoveryPolicy, RecoveryStep, RecoveryTask, Shipment
from devices.services import ladder, loans, recovery_tasks
from participants.models import Notification
from seoul_health.core import clock
from seoul_health.core.errors import ReasonNeeded
from tests.conftest import JOB

from .builders import fresh, live_loan


def due_in(participant, days):
    """Give a loan that falls due in so many days."""
    loan = live_loan(participant)
    Loan.objects.update(due_on=clock.today() + timedelta(days=days))
    return fresh(loan)


def steps():
    return list(RecoveryStep.objects.order_by("pk").values_list("kind", "offset_days", "cost"))


def told():
    return list(
        Notification.objects.filter(key__contains=":step:")
        .order_by("pk")
        .values_list("template__code", flat=True)
    )


def night(days):
    return clock.today() + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "rung", "template"),
    [
        (14, -14, "watch_due_soon"),
        (7, -7, "watch_due_soon"),
        (0, 0, "watch_due_today"),
        (-7, 7, "watch_overdue"),
    ],
)
def test_a_message_goes_out_on_its_day(walker, days, rung, template):
    due_in(walker, days)

    assert ladder.climb(by=JOB) == 1

    assert steps() == [("message", rung, 20)]
    assert told() == [template]


def test_nothing_happens_before_the_first_rung(walker):
    due_in(walker, 15)

    assert ladder.climb(by=JOB) == 0

    assert steps() == []


def test_a_second_run_of_the_same_night_takes_no_rung(walker):
    due_in(walker, -14)
    ladder.climb(by=JOB)

    assert ladder.climb(by=JOB) == 0

    assert steps() == [("call", 14, 900)]
    assert RecoveryTask.objects.count() == 1


def test_only_the_newest_message_is_sent_after_nights_without_a_run(walker):
    due_in(walker, -8)

    ladder.climb(by=JOB)

    assert steps() == [("message", 7, 20)]


def test_nobody_gets_a_letter_who_was_not_called(walker):
    due_in(walker, -100)

    ladder.climb(by=JOB)
    ladder.climb(by=JOB, today=night(6))
    assert steps() == [("call", 14, 900)]

    ladder.climb(by=JOB, today=night(7))
    assert steps() == [("call", 14, 900), ("letter", 30, 3_100)]
    assert told() == ["watch_overdue_letter"]


def test_the_whole_ladder_costs_what_its_policy_says(walker):
    due_in(walker, 14)

    for day in range(62):
        ladder.climb(by=JOB, today=night(day))
    RecoveryStep.objects.filter(kind="call").update(taken_at=clock.now() + timedelta(days=28))
    RecoveryStep.objects.filter(kind="letter").update(taken_at=clock.now() + timedelta(days=44))
    ladder.climb(by=JOB, today=night(74))

    policy = list(RecoveryPolicy.objects.order_by("offset_days").values_list("offset_days", "cost"))
    assert [(rung, cost) for _kind, rung, cost in steps()] == policy


def test_a_parcel_on_the_way_back_stops_the_ladder(walker):
    loan = due_in(walker, -7)
    Shipment.objects.create(loan=loan, direction="back", reference="back-1")

    assert ladder.climb(by=JOB) == 0

    assert steps() == []


@pytest.mark.parametrize("status", ["reserved", "shipped", "returning", "lost", "damaged"])
def test_only_who_holds_the_watch_is_reminded(walker, status):
    due_in(walker, -7)
    Loan.objects.update(status=status)

    assert ladder.climb(by=JOB) == 0


def test_a_new_due_day_begins_the_ladder_anew(walker, make_staff):
    loan = due_in(walker, -14)
    ladder.climb(by=JOB)

    until = clock.today() + timedelta(days=7)
    recovery_tasks.extend_due(loan, until=until, by=JOB, why="In hospital")
    ladder.climb(by=JOB)

    assert [row[:2] for row in steps()] == [("call", 14), ("message", -7)]
    assert RecoveryTask.objects.get().status == "pointless"


def test_more_time_needs_a_reason_and_a_later_day(walker):
    loan = due_in(walker, -14)

    with pytest.raises(ReasonNeeded):
        recovery_tasks.extend_due(loan, until=date(2100, 1, 1), by=JOB, why=" ")
    with pytest.raises(DueDayNotLater):
        recovery_tasks.extend_due(loan, until=clock.today(), by=JOB, why="Ill")

    assert fresh(loan).due_on == loan.due_on


def test_a_policy_of_tomorrow_counts_from_tomorrow_on(walker):
    RecoveryPolicy.objects.all().delete()
    RecoveryPolicy.objects.create(
        offset_days=3, kind="call", cost=500, effective_from=night(1), effective_to=None
    )
    due_in(walker, -3)

    assert ladder.climb(by=JOB) == 0
    assert ladder.climb(by=JOB, today=night(1)) == 1

    assert steps() == [("call", 3, 500)]


def test_a_watch_that_came_back_closes_its_task(walker):
    loan = due_in(walker, -14)
    ladder.climb(by=JOB)
    loans.scan_in(loan.device.serial, by=JOB)

    ladder.climb(by=JOB)

    assert RecoveryTask.objects.get().status == "pointless"


def test_one_task_goes_to_one_caller(walker, make_staff):
    due_in(walker, -14)
    ladder.climb(by=JOB)
    first, second = make_staff("device_officer"), make_staff("device_officer", username="second")

    task = recovery_tasks.take_next(by=first)

    assert recovery_tasks.take_next(by=second) is None
    assert recovery_tasks.take_next(by=first) == task
    with pytest.raises(NotTheCaller):
        recovery_tasks.record_call(task, outcome="no_answer", by=second)


def test_three_silences_end_a_task(walker, make_staff):
    due_in(walker, -14)
    ladder.climb(by=JOB)
    caller, seen = make_staff("device_officer"), []

    for _turn in range(3):
        RecoveryTask.objects.update(next_at=clock.now())
        task = recovery_tasks.take_next(by=caller)
        recovery_tasks.record_call(task, outcome="no_answer", by=caller)
        seen.append(RecoveryTask.objects.get().status)

    assert seen == ["open", "open", "unreached"]


def test_a_promise_closes_the_task_with_its_day(walker, make_staff):
    due_in(walker, -14)
    ladder.climb(by=JOB)
    caller = make_staff("device_officer")
    task = recovery_tasks.take_next(by=caller)

    recovery_tasks.record_call(task, outcome="promised", promised_on=night(3), by=caller)

    task.refresh_from_db()
    assert (task.status, task.promised_on) == ("promised", night(3))

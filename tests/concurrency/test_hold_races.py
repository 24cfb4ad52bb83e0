"""A hold, an award, an objection and a claw-back that meet."""

from datetime import timedelta

import pytest
import time_machine

from points.models import Award, Clawback, Hold, HoldAppeal, Transfer
from points.services.awards import judge_days
from points.services.clawbacks import approve_clawback, propose_clawback, take_due
from points.services.hold_appeals import file_appeal
from points.services.holding import confirm_hold, release_hold
from points.services.proof import prove
from points.services.scans import scan_day
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import ERA, balance, take_part, walk
from tests.points.holding import held, reviewed, shake
from tests.race import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(make_participant):
    participant = make_participant()
    take_part(participant)
    return participant


def test_an_award_and_a_hold_at_once_leave_no_gap(person):
    shake(person, ERA)
    turns = iter([lambda: scan_day(ERA, by=JOB), lambda: judge_days(person, [ERA], by=JOB)])

    assert race(lambda: next(turns)()) == ["ok", "ok"]
    assert Hold.objects.count() == 1
    assert Award.objects.count() in (0, 1)
    assert prove(by=JOB).ok


def test_two_scans_of_a_day_raise_one_hold(person):
    shake(person, ERA)

    assert race(lambda: scan_day(ERA, by=JOB)) == ["ok", "ok"]
    assert Hold.objects.count() == 1


def test_two_people_decide_on_a_hold_once(person, make_staff):
    walk(person, ERA, 8_000)
    hold = held(person, make_staff("finance_officer"))
    one, other = make_staff("finance_approver"), make_staff("finance_approver")
    turns = iter(
        [
            lambda: release_hold(Hold.objects.get(), why="x", by=one),
            lambda: confirm_hold(Hold.objects.get(), why="x", by=other),
        ]
    )

    assert race(lambda: next(turns)()) == ["IllegalMove", "ok"]
    decided = Hold.objects.get(pk=hold.pk)
    assert Award.objects.count() == (decided.status == "released")
    assert prove(by=JOB).ok


def test_two_objections_at_once_are_one(person, make_staff):
    held(person, make_staff("finance_officer"))

    outcome = race(lambda: file_appeal(Hold.objects.get(), text="x", by=person))
    assert outcome == ["ObjectedAlready", "ok"]
    assert HoldAppeal.objects.count() == 1


def test_two_sweeps_take_a_clawback_once(person, make_staff):
    officer, approver = make_staff("finance_officer"), make_staff("finance_approver")
    approve_clawback(
        propose_clawback(reviewed(person, officer, approver), why="x", by=officer), by=approver
    )
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        assert race(lambda: take_due(by=JOB)) == ["ok", "ok"]

    assert Transfer.objects.filter(reason="clawback").count() == 2
    assert (Clawback.objects.get().taken, balance(person)) == (200, 0)

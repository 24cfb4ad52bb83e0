"""Commands and tasks of holds and claw-backs; each may run twice."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from points import tasks
from points.models import AwardReview, Clawback, Hold, HoldRelease, SignalScan
from points.services.awards import judge_days
from points.services.clawbacks import approve_clawback, propose_clawback
from points.services.hold_releases import approve_release, request_release
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import ERA, balance, walk
from tests.points.holding import held, reviewed, shake
from tests.points.test_down_revisions import lower

pytestmark = pytest.mark.django_db


def said(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def test_a_day_is_scanned_by_hand_twice(walker):
    shake(walker, ERA)

    assert said("scan_for_misuse", str(ERA)) == f"{ERA}: 1 walkers, 1 holds"
    said("scan_for_misuse", str(ERA))
    assert Hold.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("scan_for_misuse", str(clock.today()))


def test_down_revisions_are_listed_by_hand(walker):
    walk(walker, ERA, 8_000)
    judge_days(walker, [ERA], by=JOB)
    lower(ERA, 10)

    words = f"{ERA} to {ERA}: 1 awards to be reviewed"
    assert said("find_down_revisions", str(ERA), str(ERA)) == words
    assert AwardReview.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("find_down_revisions", str(ERA), str(ERA - timedelta(days=1)))


def test_the_night_lists_the_down_revisions_of_the_last_month_once(walker):
    early = ERA - timedelta(days=40)
    for day in (early, ERA):
        walk(walker, day, 8_000)
    judge_days(walker, [early, ERA], by=JOB)
    for day in (early, ERA):
        lower(day, 10)

    for _night in range(2):
        with time_machine.travel(f"{ERA + timedelta(days=1)} 04:40+09:00", tick=False):
            tasks.find_down_revisions()

    assert AwardReview.objects.get().award.period == ERA


def test_the_night_looks_at_yesterday_and_at_late_records(walker):
    with time_machine.travel(f"{ERA + timedelta(days=1)} 00:40+09:00", tick=False):
        tasks.scan_for_misuse()

    days = set(SignalScan.objects.values_list("day", flat=True))
    assert days == {ERA, ERA - timedelta(days=2)}


def test_an_approved_release_is_worked_off_by_the_sweep(walker, make_staff, monkeypatch):
    officer, approver = make_staff("finance_officer"), make_staff("finance_approver")
    walk(walker, ERA, 8_000)
    held(walker, officer)
    today = clock.today()
    release = request_release(
        signal="by_hand", raised_from=today, raised_to=today, most_score=100, why="x", by=officer
    )
    approve_release(release, by=approver)
    rung = []
    monkeypatch.setattr(tasks, "enqueue", lambda *call: rung.append(call))
    tasks.resume_hold_releases()
    assert rung == [("points.release_holds", release.pk)]
    tasks.release_holds(release.pk)
    tasks.release_holds(release.pk)

    assert HoldRelease.objects.get().released == 1
    assert balance(walker) == 100


def test_due_clawbacks_are_taken_at_night(walker, make_staff):
    officer, approver = make_staff("finance_officer"), make_staff("finance_approver")
    approve_clawback(
        propose_clawback(reviewed(walker, officer, approver), why="x", by=officer), by=approver
    )
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        tasks.take_due_clawbacks()
        tasks.take_due_clawbacks()

    assert Clawback.objects.get().taken == 200
    assert balance(walker) == 0

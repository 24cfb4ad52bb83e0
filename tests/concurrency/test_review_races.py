"""Reviewers, batches and workers at the same moment, and a worker that is killed."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.db import connection

from participants.models import Application, ApprovalBatch, BatchItem, Decision, ReviewClaim
from participants.services import appeals, applications, batches, reviewing
from tests.conftest import JOB
from tests.participants.recruiting import open_lane, submitted
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]
SLOW_WORKER = """
import os, time
import django
django.setup()
from participants.services import batches
real = batches.approve_rows
def slow(rows, batch):
    real(rows, batch)
    print("in the middle", flush=True)
    time.sleep(60)
batches.approve_rows = slow
batches.work_off_all()
"""


@pytest.fixture
def staff(make_staff):
    return [make_staff("recruitment_officer") for _ in range(4)]


def apply_many(make_participant, count):
    lane = open_lane(seats=100)
    return [submitted(make_participant(is_resident=True), lane) for _ in range(count)]


def test_four_reviewers_never_get_the_same_item(make_participant, staff):
    apply_many(make_participant, 4)
    turn, turns, got = itertools.count(), threading.Lock(), []

    def take():
        with turns:
            reviewer = staff[next(turn)]
        got.append(reviewing.take_next(by=reviewer).pk)

    assert race(take, runners=4) == ["ok"] * 4
    assert len(set(got)) == ReviewClaim.objects.count() == 4


def test_of_two_decisions_at_once_one_wins_and_the_other_is_told(make_participant, staff):
    (application,) = apply_many(make_participant, 1)
    turn, turns = itertools.count(), threading.Lock()

    def decide():
        with turns:
            number = next(turn)
        found = Application.objects.get(pk=application.pk)
        outcome = ("approved", "rejected")[number]
        reviewing.decide(found, outcome, by=staff[number], note="기준에 맞지 않습니다.")

    assert race(decide) == ["DecidedAlready", "ok"]
    assert Decision.objects.count() == 1
    assert Application.objects.get().status == Decision.objects.get().outcome


def test_two_workers_share_a_batch_and_approve_each_item_once(make_participant, staff):
    rows = apply_many(make_participant, 12)
    batch = batches.propose(rows[0].round, by=staff[0])
    batches.approve_batch(batch, by=staff[1])

    assert race(batches.work_off_all, runners=3) == ["ok"] * 3
    batches.work_off_all()

    assert Decision.objects.count() == 12
    assert set(BatchItem.objects.values_list("outcome", flat=True)) == {"approved"}
    assert ApprovalBatch.objects.get().finished_at is not None


def test_one_rejection_is_appealed_once_from_ten_phones(make_participant):
    (application,) = apply_many(make_participant, 1)
    applications.reject(application, by=JOB, reason="기준에 맞지 않습니다.")

    def appeal():
        found = Application.objects.get(pk=application.pk)
        appeals.file_appeal(found, text="다시 보아 주세요.", by=found.participant)

    assert race(appeal, runners=10) == ["AppealedAlready"] * 9 + ["ok"]


def test_a_worker_killed_in_the_middle_leaves_nothing_half_done(make_participant, staff):
    rows = apply_many(make_participant, 8)
    batch = batches.propose(rows[0].round, by=staff[0])
    batches.approve_batch(batch, by=staff[1])
    address = connection.settings_dict["NAME"]
    worker = subprocess.Popen(
        [sys.executable, "-c", SLOW_WORKER],
        env={**os.environ, "PYTHONPATH": str(settings.BASE_DIR), **database(address)},
        stdout=subprocess.PIPE,
    )
    assert worker.stdout.readline().strip() == b"in the middle"
    worker.send_signal(signal.SIGKILL)
    worker.wait()

    assert not Decision.objects.exists()
    assert set(Application.objects.values_list("status", flat=True)) == {"submitted"}

    for _ in range(50):  # The server notices the dead worker in its own time.
        if batches.work_off_all():
            break
        time.sleep(0.1)
    assert Decision.objects.count() == 8
    assert set(Application.objects.values_list("status", flat=True)) == {"approved"}
    assert ApprovalBatch.objects.get().finished_at is not None


def database(name):
    """Point a child at the database of this test, as the test itself is connected to it."""
    found = connection.settings_dict
    host = found["HOST"] or found["OPTIONS"].get("host", "")
    user, secret = found["USER"], found["PASSWORD"]
    return {"DATABASE_URL": f"postgresql://{user}:{secret}@/{name}?host={host}"}

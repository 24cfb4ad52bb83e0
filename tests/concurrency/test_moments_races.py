"""What a moment held, and what a pot holds, while somebody's posting has not ended yet."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from points.models import PotCheckpoint
from points.services import pots
from points.services.accounts import purse_of
from points.services.as_of import balance_at, is_final
from points.services.pots import checkpoint_pots, derive_pots, pot_sums, settled_id
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import ERA, give, take_part
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]


@pytest.fixture
def walker(make_participant):
    participant = make_participant()
    take_part(participant)
    purse_of(participant)
    return participant


class Slow:
    """Somebody who has posted and takes a while to end the transaction."""

    def __init__(self, person, amount, *, before=None):
        self.begun, self.posted, self.may_end = (threading.Event() for _ in range(3))
        self.may_post = threading.Event()
        self.work = threading.Thread(target=self.run, args=(person, amount))
        self.work.start()
        self.begun.wait(10)

    def run(self, person, amount):
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT now()")
                self.begun.set()
                self.may_post.wait(10)
                give(person, amount, ERA)
                self.posted.set()
                self.may_end.wait(10)
        finally:
            connection.close()

    def post(self):
        self.may_post.set()
        self.posted.wait(10)

    def end(self):
        self.post()
        self.may_end.set()
        self.work.join(10)


@pytest.fixture
def slow(walker, make_participant):
    other = make_participant()
    purse_of(other)
    kept = Slow(other, 40)
    yield kept
    kept.end()


def test_a_checkpoint_is_not_made_while_an_earlier_number_may_still_appear(walker, slow):
    slow.post()
    give(walker, 500)

    assert settled_id(patience=0.2) is None
    assert checkpoint_pots(by=JOB, patience=0.2) == 0
    assert not PotCheckpoint.objects.exists()


def test_a_checkpoint_waits_for_whoever_was_posting(walker, slow):
    slow.post()
    give(walker, 500)
    later = threading.Timer(0.4, slow.end)
    later.start()

    assert checkpoint_pots(by=JOB, patience=10) == 1
    assert pot_sums()["compensation"] == -540
    assert derive_pots().wrong == {}
    later.join()


def test_a_checkpoint_does_not_wait_for_those_who_come_later(walker, make_participant, monkeypatch):
    give(walker, 500)
    other = make_participant()
    purse_of(other)
    first = Slow(walker, 1)
    first.post()
    started = []

    def come_later(_seconds):
        if not started:
            started.append(Slow(other, 2))
            started[0].post()
            first.end()

    monkeypatch.setattr(pots.time, "sleep", come_later)
    assert checkpoint_pots(by=JOB, patience=5) == 1

    started[0].end()
    assert pot_sums()["compensation"] == -503
    assert derive_pots().wrong == {}


def test_a_moment_before_a_transaction_that_goes_on_is_final_and_one_after_is_not(
    walker, slow, monkeypatch
):
    monkeypatch.setattr("points.services.as_of.NOTHING_PENDING_AFTER", timedelta(0))
    after = clock.now()
    purse = purse_of(walker)

    assert not is_final(after)
    assert is_final(after - timedelta(minutes=1))
    before = balance_at(purse, after)
    slow.end()
    time.sleep(0.05)

    assert is_final(after)
    assert balance_at(purse, after) == before == 0


def test_a_final_moment_never_changes_while_points_are_moved(walker, monkeypatch):
    monkeypatch.setattr("points.services.as_of.NOTHING_PENDING_AFTER", timedelta(0))
    purse = purse_of(walker)
    told, stop = {}, threading.Event()

    def keep_giving():
        while not stop.is_set():
            give(walker, 1)
        connection.close()

    givers = [threading.Thread(target=keep_giving) for _ in range(3)]
    for one in givers:
        one.start()
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        asked = clock.now() - timedelta(milliseconds=5)
        if is_final(asked):
            told[asked] = balance_at(purse, asked)
    stop.set()
    for one in givers:
        one.join()

    assert len(told) >= 1
    assert {asked: balance_at(purse, asked) for asked in told} == told


def test_checkpoints_raced_are_right_and_one_per_transfer(walker):
    give(walker, 500)

    assert race(lambda: checkpoint_pots(by=JOB), runners=4) == ["ok"] * 4
    assert PotCheckpoint.objects.count() == 1
    assert derive_pots().wrong == {}

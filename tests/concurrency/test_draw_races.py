"""Two officials at one draw, and machines that die in the middle of it."""

import itertools
import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection

from participants.models import Application, Draw, DrawPot, Notification, Offer
from participants.services import draw_results, draws
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.drawing import SEED, drawn, frozen, lottery_lane, on_the_day, seeded
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]


@pytest.fixture
def officials(make_staff):
    return [make_staff("recruitment_officer") for _ in range(4)]


@pytest.fixture
def lane(make_participant):
    return lottery_lane([make_participant(is_resident=True) for _ in range(12)], seats=4)


def test_two_people_entering_the_seed_at_once_agree_on_it(lane, officials):
    draw = frozen(lane)
    turn = itertools.cycle(officials[:2])

    def enter():
        draws.enter_seed(Draw.objects.get(), SEED, by=next(turn))

    with on_the_day(draw):
        assert race(enter) == ["ok", "ok"]

    found = Draw.objects.get()
    assert (found.status, found.seed) == ("seeded", SEED)
    assert found.first_seed_by_id != found.second_seed_by_id


def test_four_people_at_once_make_one_seed(lane, officials):
    draw = frozen(lane)
    turn = itertools.cycle(officials)

    def enter():
        draws.enter_seed(Draw.objects.get(), SEED, by=next(turn))

    with on_the_day(draw):
        assert race(enter, runners=4) == ["DrawNotReady", "DrawNotReady", "ok", "ok"]
    assert AuditEvent.objects.filter(verb="seeded").count() == 1


def test_two_freezes_at_once_are_one(lane):
    assert race(lambda: frozen(lane), runners=3) == ["AlreadyFrozen", "AlreadyFrozen", "ok"]
    assert Draw.objects.count() == DrawPot.objects.count() == 1


def test_a_lane_drawn_by_several_at_once_is_drawn_once(lane, officials):
    seeded(frozen(lane), *officials[:2])

    def draw():
        draws.draw_lots(Draw.objects.get(), by=JOB)

    assert race(draw, runners=4) == ["DrawNotReady"] * 3 + ["ok"]
    assert AuditEvent.objects.filter(verb="drawn").count() == 1


def test_several_workers_carry_a_result_out_once(lane, officials, monkeypatch):
    monkeypatch.setattr(draw_results, "BLOCK", 2)
    draw = drawn(frozen(lane), *officials[:2])
    draws.publish(draw, by=JOB)

    def carry_out():
        draw_results.carry_out(Draw.objects.get(), by=JOB)

    assert race(carry_out, runners=4) == ["ok"] * 4
    assert_all_told_once()


WORKER = """
import django, sys, time
django.setup()
from django.conf import settings
from django.db import connection
from participants.models import Draw
from participants.services import draw_results
from seoul_health.core.audit import System

draw_results.BLOCK = 1
give, told = draw_results.give_results, 0

def give_slowly(draw, block, *, by):
    global told
    give(draw, block, by=by)
    told += 1
    print(told, flush=True)
    time.sleep(0.2)

draw_results.give_results = give_slowly
draw_results.carry_out(Draw.objects.get(), by=System("participants.carry_out_draw"))
"""


def worker():
    database = connection.settings_dict["NAME"]
    code = (
        f"from django.conf import settings\nsettings.DATABASES['default']['NAME'] = {database!r}\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code + WORKER],
        stdout=subprocess.PIPE,
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "seoul_health.settings"},
        text=True,
    )


def test_a_worker_killed_in_the_middle_is_finished_once_after_the_restart(lane, officials):
    draw = drawn(frozen(lane), *officials[:2])
    draws.publish(draw, by=JOB)
    doomed = worker()
    assert [doomed.stdout.readline().strip() for _ in range(3)] == ["1", "2", "3"]
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.communicate(timeout=30)
    wait_for_its_connection()
    left = Application.objects.filter(lane=lane, status="approved").count()
    assert 0 < left < 12
    assert Draw.objects.get().applied_at is None

    draw_results.carry_out_published(by=JOB)

    assert_all_told_once()


def wait_for_its_connection():
    """Let the server notice that the killed process is gone, with its last transaction."""
    for _ in range(50):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle in transaction'"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.1)


def assert_all_told_once():
    ranked = [str(one) for one in DrawPot.objects.get().ranked]
    rows = {str(one.public_id): one for one in Application.objects.all()}
    told = [(rows[one].status, rows[one].seat_no or rows[one].rank) for one in ranked]
    assert told == [("selected", n) for n in range(1, 5)] + [("waitlisted", n) for n in range(1, 9)]
    assert AuditEvent.objects.filter(verb="selected").count() == 4
    assert AuditEvent.objects.filter(verb="waitlisted").count() == 8
    assert Notification.objects.filter(key__startswith="draw_done:").count() == 12
    assert Offer.objects.count() == 4
    assert AuditEvent.objects.filter(verb="carried_out").count() == 1
    assert Draw.objects.get().applied_at is not None

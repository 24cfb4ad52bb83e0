"""A thousand people for fifty seats, and every other way two could get one seat."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from participants.models import Application, Notification, Offer, Participation
from participants.services import offers, participations, selection, telling
from seoul_health.core.models import AuditEvent
from tests.bench.people import newcomers
from tests.conftest import JOB
from tests.participants.recruiting import approved, open_lane
from tests.participants.waiting import expire, lane_with, served, statuses
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]
PROCESSES, SEATS = 4, 50


def database_url():
    """Give another process this test's database."""
    at = connection.settings_dict
    named = {name: at[name.upper()] for name in ("user", "password", "host", "port")}
    wanted = {name: value for name, value in named.items() if value}
    return make_conninfo(dbname=at["NAME"], **wanted)


def in_process(*command):
    """Run Python beside us, on this test's database."""
    env = {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "seoul_health.settings"}
    return subprocess.Popen(
        [sys.executable, *command], env={**os.environ, **env}, stdout=subprocess.PIPE, text=True
    )


def test_a_thousand_in_processes_and_threads_get_fifty_seats():
    lane = lane_with({"seats": SEATS})
    people = [person.pk for person in newcomers(1000)]
    shares = [people[start::PROCESSES] for start in range(PROCESSES)]
    crowds = [in_process("-m", "tests.concurrency.crowd", str(lane.pk), *map(str, share))
              for share in shares]  # fmt: skip
    answers = [
        answer for crowd in crowds for answer in json.loads(crowd.communicate(timeout=300)[0])
    ]
    selection.select_lane(lane, by=JOB)

    in_order = list(Application.objects.order_by("sequence"))
    chosen, others = in_order[:SEATS], in_order[SEATS:]
    assert answers == ["applied"] * 1000
    assert {row.status for row in chosen} == {"selected"}
    assert sorted(row.seat_no for row in chosen) == list(range(1, SEATS + 1))
    assert {row.status for row in others} == {"waitlisted"}
    assert [row.rank for row in others] == list(range(1, 951))
    assert Offer.objects.count() == SEATS
    assert AuditEvent.objects.filter(verb="selected").count() == SEATS
    while telling.tell_all():
        continue
    told = Notification.objects.filter(template__code="waitlisted").order_by("values__rank")
    assert list(told.values_list("values__rank", flat=True)) == list(range(1, 951))


def test_without_lock_and_seat_numbers_the_race_is_lost(make_participant):
    """The control: counting, then writing, gives one seat to many."""
    lane = open_lane(seats=3)
    rows = [approved(make_participant(is_resident=True), lane) for _ in range(8)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE naive (application bigint)")
    turn, gate = iter(rows), threading.Barrier(8)

    def take():
        row = next(turn)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM naive")
            (taken,) = cursor.fetchone()
            gate.wait()
            if taken < 3:
                cursor.execute("INSERT INTO naive VALUES (%s)", [row.pk])

    try:
        race(take, runners=8)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM naive")
            assert cursor.fetchone() == (8,)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE naive")


def test_an_offer_is_accepted_or_lapses_but_never_both(make_participant):
    lane = lane_with({"seats": 1})
    for _ in range(6):
        (row,) = served(lane, [make_participant(is_resident=True)])[-1:]
        offer = Offer.objects.get(application=row)
        acts = iter([
            lambda row=row: participations.confirm(Application.objects.get(pk=row.pk), by=JOB),
            lambda offer=offer: (expire(offer), offers.lapse_due(by=JOB)),
        ])  # fmt: skip
        race(lambda acts=acts: next(acts)())
        offers.lapse_due(by=JOB)  # A sweep leaves a row alone that somebody is just answering.
        row.refresh_from_db()
        offer.refresh_from_db()
        assert (row.status, offer.status) in [("confirmed", "accepted"), ("lapsed", "lapsed")]
        taken = offer.status == "accepted"
        assert Participation.objects.filter(application=row).exists() == taken
        if taken:
            break


def test_two_sweeps_at_once_lapse_each_offer_once(make_participant):
    lane = lane_with({"seats": 5})
    served(lane, [make_participant(is_resident=True) for _ in range(10)])
    expire(*Offer.objects.all())

    assert race(lambda: offers.lapse_due(by=JOB), runners=4) == ["ok"] * 4
    assert race(lambda: selection.select_due_lanes(by=JOB), runners=4) == ["ok"] * 4

    assert statuses(lane) == ["lapsed"] * 5 + ["selected"] * 5
    lapsed = AuditEvent.objects.filter(verb="lapsed", subject__contains="application")
    assert lapsed.count() == 5
    assert Offer.objects.count() == 10


def test_promotion_by_hand_and_by_the_sweep_at_once_promotes_one(make_participant):
    lane = lane_with({"seats": 1})
    first, *_ = served(lane, [make_participant(is_resident=True) for _ in range(4)])
    participations.decline(first, by=JOB)
    acts = iter([
        lambda: selection.select_lane(lane, by=JOB),
        lambda: selection.select_due_lanes(by=JOB),
        lambda: selection.select_lane(lane, by=JOB),
    ])  # fmt: skip

    assert race(lambda: next(acts)(), runners=3) == ["ok"] * 3

    assert statuses(lane) == ["declined", "selected", "waitlisted", "waitlisted"]
    assert Offer.objects.open().count() == 1


def test_people_are_told_once_by_several_sweeps(make_participant):
    lane = lane_with({"seats": 2})
    served(lane, [make_participant(is_resident=True) for _ in range(6)])

    assert race(telling.tell_all, runners=4) == ["ok"] * 4
    assert Notification.objects.filter(template__code="seat_offered").count() == 2
    assert Notification.objects.filter(template__code="waitlisted").count() == 4


SELECT_SLOWLY = """
import django; django.setup()
from django.db import connection, transaction
from participants.models import Lane
from participants.services import selection
from tests.conftest import JOB
with transaction.atomic():
    selection.select_lane(Lane.objects.get(pk={lane}), by=JOB)
    print("seated", flush=True)
    connection.cursor().execute("SELECT pg_sleep(60)")
"""


@pytest.mark.parametrize("victim", ["process", "backend"])
def test_a_selection_killed_in_the_middle_is_finished_once(make_participant, victim):
    lane = lane_with({"seats": 3})
    for _ in range(5):
        approved(make_participant(is_resident=True), lane)
    child = in_process("-c", SELECT_SLOWLY.format(lane=lane.pk))
    assert child.stdout is not None
    assert child.stdout.readline() == "seated\n"
    wait_for_sleeper()
    if victim == "process":
        child.send_signal(signal.SIGKILL)
    end_sleepers()
    child.wait(20)
    assert statuses(lane) == ["approved"] * 5

    assert [selection.select_due_lanes(by=JOB), selection.select_due_lanes(by=JOB)] == [3, 0]

    assert statuses(lane) == ["selected"] * 3 + ["waitlisted"] * 2
    assert AuditEvent.objects.filter(verb="selected").count() == 3
    assert Offer.objects.count() == 3


def wait_for_sleeper():
    """Wait until the other session is inside its transaction, its seats not yet committed."""
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND query LIKE %s",
                ["SELECT pg_sleep(60)%"],
            )
            if cursor.fetchone() == (1,):
                return
            time.sleep(0.05)
    raise AssertionError("the other session did not come so far")


def end_sleepers():
    """End the session in the middle of its work, unless the database noticed its client's death."""
    until = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE %s",
                ["SELECT pg_sleep(60)%"],
            )
            if not cursor.fetchall():
                return
            time.sleep(0.1)
    raise AssertionError("the session in the middle of its work did not end")

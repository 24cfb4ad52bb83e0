"""Messages raced and killed: whatever happens to the workers, a person is told once."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from participants.gateways.messages import HttpMessenger
from participants.models import DeliveryAttempt, Notification
from participants.services.notices import notify
from participants.services.receipts import ask_receipts
from participants.services.sending import send_due
from seoul_health.core import clock
from seoul_health.simulators.server import Simulators
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]
RECEIVED = {"round": "2026년 1차", "receipt_no": "A-1"}
TEMPLATE = "application_rejected"  # Legal: it leaves at any hour.
WORKER = """
import sys
import django
django.setup()
from participants.gateways.messages import HttpMessenger
from participants.services.sending import send_due
send_due(messenger=HttpMessenger(sys.argv[1], timeout=30), seconds=20)
"""


@pytest.fixture
def partners(tmp_path):
    with Simulators(
        state_dir=tmp_path,
        identity_secret="i" * 40,
        wallet_secret="w" * 40,
        courier_secret="c" * 40,
        patience=30.0,
    ) as running:
        yield running


@pytest.fixture
def people(make_participant):
    return [make_participant(phone=f"010-1000-1{number:03}") for number in range(40)]


def tell(people):
    for person in people:
        notify(person, TEMPLATE, RECEIVED, key=f"race:{person.pk}")


def messenger(partners):
    return HttpMessenger(f"{partners.url}/sms", timeout=5)


def start_worker(partners):
    known = connection.get_connection_params()
    names = {"dbname": "dbname", "user": "user", "password": "password", "host": "host"}
    parts = {names[name]: known[name] for name in names if known.get(name)}
    if known.get("port"):
        parts["port"] = str(known["port"])
    place = " ".join(f"{name}='{value}'" for name, value in parts.items())
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "seoul_health.settings", "DATABASE_URL": place}
    return subprocess.Popen([sys.executable, "-c", WORKER, f"{partners.url}/sms"], env=env)


def kill(worker):
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()


def wait_for(condition, *, within=20.0):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "this never came about"
        time.sleep(0.01)


def let_time_pass():
    Notification.objects.filter(status__in=["sending", "unknown", "sent"]).update(
        next_at=clock.now() - timedelta(seconds=1)
    )


def settle_all(partners):
    for _round in range(5):
        let_time_pass()
        ask_receipts(messenger=messenger(partners))
        send_due(messenger=messenger(partners), seconds=5)


def test_several_workers_send_every_message_once(partners, people):
    tell(people)

    assert race(lambda: send_due(messenger=messenger(partners), seconds=5), runners=4) == ["ok"] * 4

    assert partners.sms.calls == len(partners.sms._book) == 40
    assert Notification.objects.filter(status="sent").count() == 40


def test_the_same_key_planned_at_once_is_one_message(people):
    assert race(lambda: tell(people[:1]), runners=4) == ["ok"] * 4

    assert Notification.objects.count() == 1


def test_a_worker_killed_between_the_call_and_its_answer_sends_once(partners, people):
    tell(people[:1])
    partners.sms.mode = "timeout_after_accepting"
    worker = start_worker(partners)
    wait_for(lambda: len(partners.sms._book) == 1)
    kill(worker)
    assert Notification.objects.get().status == "sending"

    partners.sms.mode = "ok"
    settle_all(partners)

    assert Notification.objects.get().status == "delivered"
    assert (partners.sms.calls, len(partners.sms._book)) == (1, 1)


def test_workers_killed_again_and_again_send_every_message_once(partners, people):
    tell(people)
    for goal in (5, 15, 25):
        worker = start_worker(partners)
        wait_for(lambda goal=goal: len(partners.sms._book) >= goal)
        kill(worker)

    settle_all(partners)

    told = Counter((one.to_hash, one.channel) for one in partners.sms._book.values())
    assert set(told.values()) == {1}
    assert len(told) == 40
    assert Notification.objects.filter(status="delivered").count() == 40
    assert DeliveryAttempt.objects.count() == 40

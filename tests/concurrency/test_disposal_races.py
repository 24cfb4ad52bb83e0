"""One watch, two lists or two hands: it goes onto one list and is handed over once."""

import threading
import time

import pytest
from django.db import connection, transaction

from devices.models import Device, DisposalBatch, DisposalUnit, RepairTicket
from devices.services import disposals, inspections, repairs
from seoul_health.core import clock
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.devices.builders import make_watch
from tests.race import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer", username="kim")


def started(officer):
    return disposals.start(method="recycled", recycler="한강", reason="노후", by=officer)


def test_one_watch_is_put_on_one_list(officer):
    make_watch("SW-1", status="quarantined", grade="D")
    one, other = started(officer), started(officer)

    batches = iter([one, other])

    outcomes = race(lambda: disposals.add_watches(next(batches), ["SW-1"], by=officer))

    assert outcomes == ["WatchesUnfit", "ok"]
    assert DisposalUnit.objects.filter(is_live=True).count() == 1


def test_a_list_is_handed_over_once(officer, make_staff):
    make_watch("SW-1", status="quarantined", grade="D")
    batch = started(officer)
    disposals.add_watches(batch, ["SW-1"], by=officer)
    disposals.ask(batch, by=officer)
    disposals.approve(batch, by=make_staff("device_officer"))

    def hand_over():
        disposals.hand_over(
            DisposalBatch.objects.get(), weight_grams=41, certificate_no="RC-1",
            on=clock.today(), by=officer,
        )  # fmt: skip

    assert race(hand_over) == ["IllegalMove", "ok"]
    assert AuditEvent.objects.filter(verb="disposed").count() == 1


def test_a_watch_is_shelved_or_disposed_of_but_never_both(officer):
    make_watch("SW-1", status="awaiting_inspection", grade="D")
    batch = started(officer)

    acts = iter(
        [
            lambda: disposals.add_watches(batch, ["SW-1"], by=officer),
            lambda: inspections.shelve(Device.objects.get(), by=officer),
        ]
    )

    outcomes = race(lambda: next(acts)())

    listed = DisposalUnit.objects.filter(is_live=True).exists()
    assert outcomes.count("ok") >= 1
    assert Device.objects.get().status == ("quarantined" if listed else "in_stock")


def test_watches_are_held_in_one_order_whether_mended_or_disposed_of():
    first, second = (make_watch(f"SW-{n}", status="awaiting_inspection") for n in (1, 2))
    for watch in (second, first):
        inspections.send_to_repair(watch, by=JOB, why="No charge")
    tickets = list(RepairTicket.objects.order_by("pk"))

    def send():
        repairs.send(tickets, workshop="다온서비스", by=JOB)
        connection.close()

    sending = threading.Thread(target=send)
    with transaction.atomic():
        Device.objects.select_for_update().get(pk=first.pk)
        sending.start()
        wait_for_a_waiter()
        assert Device.objects.select_for_update(nowait=True).get(pk=second.pk)
    sending.join()

    assert set(RepairTicket.objects.values_list("status", flat=True)) == {"sent"}


def wait_for_a_waiter():
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")

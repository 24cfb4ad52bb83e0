"""Calls for help while somebody else decides about them: none is lost."""

from threading import Event, Thread

import pytest
from django.db import connection, transaction

from complaints.models import Alarm
from complaints.services import alarms
from seoul_health.core.models import StaffUser
from tests.complaints.builders import AGENT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"


@pytest.fixture
def agent(make_staff) -> StaffUser:
    return make_staff("agent", username="agent", **AGENT)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [connection.settings_dict["NAME"]])
        return bool(cursor.fetchone()[0])


def test_a_call_while_the_last_one_is_being_closed_rings_anew(walker, agent):
    alarm = alarms.raise_alarm(walker, by=walker)
    alarms.take(alarm, by=agent)
    called = Event()

    def call() -> None:
        try:
            alarms.raise_alarm(walker, by=walker)
        finally:
            called.set()
            connection.close()

    with transaction.atomic():
        alarms.close(alarm, outcome="safe", text="본인과 통화함", by=agent)
        caller = Thread(target=call)
        caller.start()
        while not (called.wait(0.02) or somebody_waits()):
            pass
    caller.join()

    assert sorted(Alarm.objects.values_list("status", flat=True)) == ["closed", "ringing"]
    assert not alarm.entries.filter(kind="repeated").exists()

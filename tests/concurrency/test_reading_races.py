"""Two instruments, two files, two nurses: one reading, one call."""

from datetime import timedelta

import pytest

from devices.models import CallAttempt, Reading, ReadingBatch, RiskAlert
from devices.services import alerts, reading_files, readings
from devices.services.examining import Told
from seoul_health.core import clock
from seoul_health.core.spreadsheets import write_csv
from tests.conftest import JOB
from tests.devices.builders import make_site
from tests.devices.measuring import agree, pressure
from tests.race import race

from .test_devices_races import each_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]


@pytest.fixture
def person(walker):
    return agree(walker)


def test_one_reading_told_by_four_is_kept_once(person):
    site, at = make_site(), clock.now()
    told = [Told(person.number, "systolic", "190", at)]

    found = race(lambda: readings.record(told, site=site, channel="site", by=JOB), runners=4)

    assert found == ["ok"] * 4
    assert (Reading.objects.count(), RiskAlert.objects.count()) == (1, 1)


def test_four_dangerous_readings_at_once_are_one_call(person):
    site, now = make_site(), clock.now()
    acts = [
        lambda back=back: readings.record(
            [Told(person.number, "systolic", "190", now - timedelta(minutes=back))],
            site=site,
            channel="site",
            by=JOB,
        )
        for back in range(4)
    ]

    assert race(each_of(acts), runners=4) == ["ok"] * 4

    assert (Reading.objects.count(), RiskAlert.objects.count()) == (4, 1)


def test_two_people_told_in_two_orders_do_not_wait_for_each_other(person, make_participant):
    other, site, now = agree(make_participant()), make_site(), clock.now()
    told = [Told(one.number, "pulse", "70", now) for one in (person, other)]
    acts = [
        lambda values=values: readings.record(values, site=site, channel="site", by=JOB)
        for values in (told, told[::-1], told, told[::-1])
    ]

    assert race(each_of(acts), runners=4) == ["ok"] * 4

    assert Reading.objects.count() == 2


def test_one_call_goes_to_one_nurse(person, make_staff):
    pressure(person, 190, 95)
    nurses = [make_staff("site_clerk") for _ in range(4)]
    given = []

    race(
        each_of([lambda nurse=nurse: given.append(alerts.take_next(by=nurse)) for nurse in nurses]),
        runners=4,
    )

    assert [alert is None for alert in given].count(False) == 1
    assert RiskAlert.objects.get().handler in nurses


def test_one_call_is_written_down_once(person, make_staff):
    pressure(person, 190, 95)
    nurse = make_staff("site_clerk")
    alert = alerts.take_next(by=nurse)

    found = race(lambda: alerts.record_call(alert, outcome="advised", by=nurse), runners=3)

    assert found == ["IllegalMove", "IllegalMove", "ok"]
    assert CallAttempt.objects.count() == 1


def test_one_file_is_taken_in_once(person, make_staff):
    nurse, at = make_staff("site_clerk"), clock.now().astimezone(clock.KST)
    rows = [[person.number, "수축기", "128", f"{at:%Y-%m-%d %H:%M}"]]
    content = write_csv(["번호", "항목", "값", "일시"], rows)
    batches = [
        reading_files.read_file(content, name="a.csv", site=make_site(), by=nurse) for _ in range(3)
    ]
    acts = [lambda one=one: reading_files.take_in(one, by=nurse) for one in batches]

    assert race(each_of(acts), runners=3) == ["FileTakenIn", "FileTakenIn", "ok"]

    assert (Reading.objects.count(), ReadingBatch.objects.filter(status="done").count()) == (1, 1)

from datetime import date, timedelta
from decimal import Decimal

import pytest

from devices.models import (
    Calibration,
    Reading,
    ReadingBatch,
    RiskAlert,
    Threshold,
)
from devices.services import reading_files
from seoul_health.core import clock
from seoul_health.core.spreadsheets import write_csv

from .builders import make_site
from .measuring import agree, make_instrument, pressure, record, told
from .test_device_constraints import broken


@pytest.fixture
def person(walker):
    return agree(walker)


def test_a_reading_is_kept_once(person):
    record(told(person))
    again = Reading.objects.get()
    again.pk, again.public_id = None, Reading._meta.get_field("public_id").get_default()

    assert broken(again.save) == "a_reading_is_kept_once"


def test_a_readings_sex_is_m_or_f(person):
    record(told(person))

    assert broken(lambda: Reading.objects.update(sex="x")) == "a_readings_sex_is_m_or_f"


def test_a_file_is_taken_in_once(make_staff):
    content = write_csv(["번호", "항목", "값", "일시"], [["P-1", "키", "170", "2026-01-01 09:00"]])
    for _ in range(2):
        reading_files.read_file(content, name="a.csv", site=make_site(), by=make_staff())

    name = broken(lambda: ReadingBatch.objects.update(status="done"))

    assert name == "a_file_is_taken_in_once"


def test_a_calibration_ends_after_it_was_done(db):
    make_instrument()

    name = broken(lambda: Calibration.objects.update(valid_until=date(2000, 1, 1)))

    assert name == "a_calibration_ends_after_it_was_done"


def test_one_calibration_per_instrument_and_day(db):
    make_instrument()
    again = Calibration.objects.get()
    again.pk = None

    assert broken(again.save) == "one_calibration_per_instrument_and_day"


@pytest.mark.parametrize(
    "changes",
    [
        {"value": Decimal(131)},
        {"age_from": 30, "age_to": 40},
        {"effective_from": date(2026, 6, 1)},
    ],
    ids=["another-value", "within-the-ages", "within-the-days"],
)
def test_one_threshold_of_a_level_at_a_time(db, changes):
    row = Threshold.objects.get(kind="systolic", side="from", level=1)
    row.pk = None
    for name, value in changes.items():
        setattr(row, name, value)

    assert broken(row.save) == "one_threshold_of_a_level_at_a_time"


def test_a_threshold_follows_another(db):
    Threshold.objects.filter(kind="systolic").update(effective_to=date(2026, 12, 31))
    row = Threshold.objects.get(kind="systolic", side="from", level=1)
    row.pk, row.effective_from, row.effective_to = None, date(2027, 1, 1), None

    row.save()

    assert Threshold.objects.filter(kind="systolic", side="from", level=1).count() == 2


def test_a_thresholds_ages_are_in_order(db):
    name = broken(lambda: Threshold.objects.filter(kind="bmi").update(age_from=9, age_to=8))

    assert name == "a_thresholds_ages_are_in_order"


def test_one_open_alert_per_person_and_kind(person):
    pressure(person, 190, 95)
    again = RiskAlert.objects.get()
    again.pk = None

    assert broken(again.save) == "one_open_alert_per_person_and_kind"


def test_a_closed_alert_says_when(person):
    pressure(person, 190, 95)

    name = broken(lambda: RiskAlert.objects.update(status="done"))

    assert name == "a_closed_alert_says_when"


def test_a_taken_alert_has_a_caller(person):
    pressure(person, 190, 95)

    assert broken(lambda: RiskAlert.objects.update(status="taken")) == "a_taken_alert_has_a_caller"


def test_moments_may_differ_by_a_minute(person):
    now = clock.now()
    record(told(person, measured_at=now), told(person, measured_at=now - timedelta(minutes=1)))

    assert Reading.objects.count() == 2

from datetime import timedelta
from decimal import Decimal

import pytest

from devices.errors import FileTakenIn, NothingToTakeIn, NotTheCaller, WrongColumns
from devices.models import CallAttempt, Reading, ReadingBatch, RiskAlert, Threshold
from devices.services import alerts, reading_files, readings
from devices.tasks import tend_calls
from participants.models import Consent, Notification
from participants.services.notices import current
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.models import AuditEvent
from seoul_health.core.spreadsheets import UnknownEncoding, write_csv, write_xlsx
from tests.conftest import JOB

from .builders import make_site
from .measuring import agree, fates, make_instrument, pressure, record, told

HEADER = ["참여자번호", "항목", "값", "단위", "측정일시", "기기"]


@pytest.fixture
def person(walker):
    return agree(walker)


def messages(code):
    return Notification.objects.filter(template__code=code).count()


def test_a_reading_is_kept_with_what_was_stated(person):
    instrument = make_instrument()

    items = record(told(person, "systolic", "16.0", unit="kPa", instrument=instrument.serial))

    kept = Reading.objects.get()
    assert fates(items) == [("accepted", "")]
    assert (kept.value, kept.unit) == (Decimal("120.0"), "mmHg")
    assert (kept.stated_value, kept.stated_unit) == (Decimal("16.000"), "kPa")
    assert (kept.instrument, kept.is_overdue) == (instrument, False)


def test_without_consent_to_health_data_nothing_is_kept(walker):
    assert fates(record(told(walker))) == [("rejected", "no_consent")]
    assert Reading.objects.count() == 0


def test_a_consent_taken_back_no_longer_counts(person):
    Consent.objects.update(withdrawn_at=clock.now())

    assert fates(record(told(person))) == [("rejected", "no_consent")]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"value": "16"}, "other_unit"),
        ({"value": "12O"}, "not_a_number"),
        ({"value": "999"}, "out_of_range"),
        ({"unit": "kg"}, "unknown_unit"),
        ({"kind": "mood"}, "unknown_kind"),
        ({"measured_at": None}, "bad_time"),
        ({"instrument": "BP-404"}, "unknown_instrument"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_value_is_refused_with_its_reason(person, fields, reason):
    (item,) = record(told(person, **fields))

    assert (item.outcome, item.reason) == ("rejected", reason)
    assert item.message
    assert Reading.objects.count() == 0


def test_a_clock_far_ahead_is_refused_and_a_little_ahead_is_not(person):
    ahead = [clock.now() + timedelta(minutes=minutes) for minutes in (20, 10)]

    items = record(*(told(person, measured_at=at) for at in ahead))

    assert fates(items) == [("rejected", "from_the_future"), ("accepted", "")]


def test_an_unknown_number_is_refused(person):
    one = told(person)
    other = type(one)(number="P-0", kind=one.kind, value=one.value, measured_at=one.measured_at)

    assert fates(record(one, other)) == [("accepted", ""), ("rejected", "unknown_person")]


def test_the_same_reading_again_is_known(person):
    at = clock.now() - timedelta(minutes=9)
    record(told(person, measured_at=at))

    items = record(told(person, measured_at=at), told(person, value="131", measured_at=at))

    assert fates(items) == [("duplicate", "repeated"), ("rejected", "another_value")]
    assert Reading.objects.count() == 1


def test_twins_in_one_file_are_one(person):
    at = clock.now()

    items = record(told(person, measured_at=at), told(person, measured_at=at))

    assert fates(items) == [("accepted", ""), ("duplicate", "repeated")]


def test_swapped_pressures_are_both_refused(person):
    assert fates(pressure(person, 80, 120)) == [("rejected", "pressures_swapped")] * 2
    assert Reading.objects.count() == 0


def test_an_instrument_out_of_calibration_marks_its_readings(person):
    instrument = make_instrument(calibrated=False)

    items = record(told(person, value="145", instrument=instrument.serial))

    assert fates(items) == [("accepted", "calibration_overdue")]
    assert Reading.objects.get().is_overdue
    assert Reading.objects.reliable().count() == 0
    assert messages("reading_watch") == 0


def test_a_calibration_entered_late_clears_the_mark(person):
    instrument = make_instrument(calibrated=False)
    record(told(person, instrument=instrument.serial))
    today = clock.today()

    readings.calibrate(instrument, done_on=today, valid_until=today, certificate_no="KTL-2", by=JOB)

    assert Reading.objects.reliable().count() == 1


def test_an_instrument_measures_only_what_it_can(person):
    grip = make_instrument(kind="grip")

    assert fates(record(told(person, instrument=grip.serial))) == [("rejected", "wrong_instrument")]


def test_an_instrument_of_another_site_is_not_ours(person):
    elsewhere = make_instrument(site=make_site("mapo"))

    items = record(told(person, instrument=elsewhere.serial), site=make_site())

    assert fates(items) == [("rejected", "unknown_instrument")]


def test_a_normal_reading_calls_nobody(person):
    pressure(person, 118, 76)

    assert (RiskAlert.objects.count(), Notification.objects.count()) == (0, 0)


def test_a_watched_reading_sends_guidance_once_a_day(person):
    pressure(person, 135, 85)
    pressure(person, 137, 86, measured_at=clock.now())

    assert (RiskAlert.objects.count(), messages("reading_watch")) == (0, 1)
    assert Notification.objects.get().values == {"site": "종로구보건소", "what": "혈압"}


def test_a_dangerous_reading_is_called_back_within_the_hour(person):
    pressure(person, 185, 95)

    alert = RiskAlert.objects.get()
    assert (alert.level, alert.kind, alert.status) == (3, "systolic", "open")
    assert timedelta(minutes=59) < alert.due_at - clock.now() <= timedelta(hours=1)
    assert messages("reading_urgent") == 1


def test_both_pressures_open_one_call(person):
    pressure(person, 190, 125)

    assert RiskAlert.objects.count() == 1


def test_a_graver_reading_makes_the_open_call_graver(person):
    pressure(person, 165, 95)
    later = RiskAlert.objects.get().due_at

    pressure(person, 190, 96, measured_at=clock.now())
    pressure(person, 162, 94, measured_at=clock.now() + timedelta(minutes=1))

    alert = RiskAlert.objects.get()
    assert (alert.level, alert.due_at < later) == (3, True)
    assert alert.reading.value == Decimal("190.0")


def test_old_readings_of_a_file_call_nobody(person):
    pressure(person, 190, 100, measured_at=clock.now() - timedelta(days=8))

    assert (Reading.objects.count(), RiskAlert.objects.count()) == (2, 0)


def test_a_threshold_counts_from_its_day_on(person):
    Threshold.objects.update(effective_from=clock.today() + timedelta(days=1))

    pressure(person, 190, 100)

    assert RiskAlert.objects.count() == 0


def test_every_shipped_threshold_names_its_source_and_a_known_message(db):
    for threshold in Threshold.objects.all():
        assert threshold.source
        assert current(threshold.template).placeholders == ["site", "what"]


def test_the_most_urgent_call_comes_first_and_to_one_person(person, make_participant, make_staff):
    pressure(person, 165, 95)
    pressure(agree(make_participant()), 190, 95)
    nurse, other = make_staff("site_clerk"), make_staff("site_clerk")

    first, second = alerts.take_next(by=nurse), alerts.take_next(by=other)

    assert (first.level, second.level, alerts.take_next(by=nurse)) == (3, 2, None)


def test_a_call_is_made_by_who_took_it(person, make_staff):
    pressure(person, 190, 95)
    alert = alerts.take_next(by=make_staff("site_clerk"))

    with pytest.raises(NotTheCaller):
        alerts.record_call(alert, outcome="advised", by=make_staff("site_clerk"))

    assert CallAttempt.objects.count() == 0


def test_who_was_reached_is_done_and_the_note_is_sealed(person, make_staff):
    pressure(person, 190, 95)
    nurse = make_staff("site_clerk")
    alert = alerts.take_next(by=nurse)

    alerts.record_call(alert, outcome="referred", note="오늘 진료 예약", by=nurse)

    assert RiskAlert.objects.get().status == "done"
    assert CallAttempt.objects.get().note == "오늘 진료 예약"
    with pytest.raises(IllegalMove):
        alerts.record_call(alert, outcome="advised", by=nurse)


def test_three_calls_without_answer_become_a_letter(person, make_staff):
    pressure(person, 190, 95)
    nurse = make_staff("site_clerk")

    for _ in range(3):
        assert alerts.take_next(by=nurse) is not None
        alerts.record_call(RiskAlert.objects.get(), outcome="no_answer", by=nurse)
        RiskAlert.objects.update(next_call_at=clock.now())

    assert (RiskAlert.objects.get().status, messages("reading_unreached")) == ("unreached", 1)


def test_nobody_is_called_again_within_the_hour(person, make_staff):
    pressure(person, 190, 95)
    nurse = make_staff("site_clerk")
    alerts.record_call(alerts.take_next(by=nurse), outcome="no_answer", by=nurse)

    assert alerts.take_next(by=nurse) is None


def test_a_late_call_is_escalated_once_and_seen_by_the_district(person, make_staff):
    pressure(person, 190, 95)
    RiskAlert.objects.update(due_at=clock.now() - timedelta(minutes=1))
    neighbour = make_staff("site_clerk", scope="site", site_code="jongno-2", district="종로구")
    assert alerts.take_next(by=neighbour) is None

    tend_calls()
    tend_calls()

    assert AuditEvent.objects.filter(verb="escalated").count() == 1
    assert alerts.take_next(by=neighbour) == RiskAlert.objects.get()


def test_a_call_taken_and_forgotten_goes_back(person, make_staff):
    pressure(person, 190, 95)
    alerts.take_next(by=make_staff("site_clerk"))
    RiskAlert.objects.update(taken_at=clock.now() - timedelta(minutes=31))

    tend_calls()

    assert (RiskAlert.objects.get().status, RiskAlert.objects.get().handler) == ("open", None)


def rows_for(person, *values):
    at = (clock.now() - timedelta(minutes=30)).astimezone(clock.KST)
    return [
        [person.number, kind, value, unit, f"{at:%Y-%m-%d %H:%M}", ""]
        for kind, value, unit in values
    ]


@pytest.fixture
def nurse(make_staff):
    return make_staff("site_clerk")


def csv_of(rows):
    return write_csv(HEADER, rows)


GOOD_AND_BAD = [
    ("수축기", "128", "mmHg"),
    ("이완기", "82", ""),
    ("체중", "154", "lb"),
    ("키", "1.7", "cm"),
]


@pytest.mark.parametrize("spell", ["utf8", "cp949", "xlsx"])
def test_a_file_is_looked_at_first_and_then_taken_in(person, nurse, spell):
    rows = rows_for(person, *GOOD_AND_BAD)
    files = {
        "utf8": lambda: csv_of(rows),
        "cp949": lambda: csv_of(rows).decode("utf-8-sig").encode("cp949"),
        "xlsx": lambda: write_xlsx(HEADER, rows),
    }
    batch = reading_files.read_file(files[spell](), name="측정.csv", site=make_site(), by=nurse)

    looked = reading_files.preview(batch)
    assert Reading.objects.count() == 0
    reading_files.take_in(batch, by=nurse)

    fates_ = [("accepted", "")] * 3 + [("rejected", "other_unit")]
    assert fates(looked) == fates_
    assert (batch.accepted, batch.refused, Reading.objects.count()) == (3, 1, 3)
    assert Reading.objects.get(kind="weight").value == Decimal("69.9")


def test_the_same_file_is_taken_in_once(person, nurse):
    content = csv_of(rows_for(person, *GOOD_AND_BAD))
    first = reading_files.read_file(content, name="a.csv", site=make_site(), by=nurse)
    again = reading_files.read_file(content, name="b.csv", site=make_site(), by=nurse)
    reading_files.take_in(first, by=nurse)

    with pytest.raises(FileTakenIn):
        reading_files.take_in(again, by=nurse)

    assert Reading.objects.count() == 3


def test_a_file_without_one_good_row_is_not_taken_in(person, nurse):
    content = csv_of(rows_for(person, ("키", "1.7", "cm")))
    batch = reading_files.read_file(content, name="a.csv", site=make_site(), by=nurse)

    with pytest.raises(NothingToTakeIn):
        reading_files.take_in(batch, by=nurse)

    assert ReadingBatch.objects.get().status == "draft"


def test_a_file_is_taken_back_whole_with_what_it_started(person, nurse):
    content = csv_of(rows_for(person, ("수축기", "190", ""), ("이완기", "95", "")))
    batch = reading_files.read_file(content, name="a.csv", site=make_site(), by=nurse)
    reading_files.take_in(batch, by=nurse)

    with pytest.raises(ReasonNeeded):
        reading_files.undo(batch, why="", by=nurse)
    assert reading_files.undo(batch, why="다른 사람의 파일", by=nurse) == 2

    assert (Reading.objects.standing().count(), RiskAlert.objects.get().status) == (0, "void")
    again = reading_files.read_file(content, name="a.csv", site=make_site(), by=nurse)
    assert reading_files.take_in(again, by=nurse).accepted == 2


def test_a_file_must_have_its_columns(nurse):
    with pytest.raises(WrongColumns) as refusal:
        reading_files.read_file(
            write_csv(["번호", "값"], [["P-1", "1"]]), name="a.csv", site=make_site(), by=nurse
        )

    assert "measured_at" in str(refusal.value)
    assert ReadingBatch.objects.count() == 0


def test_letters_nobody_can_read_are_refused(nurse):
    with pytest.raises(UnknownEncoding):
        reading_files.read_file(b"\xff\xfe\x00a", name="a.csv", site=make_site(), by=nurse)


def test_swapped_columns_are_told_row_by_row(person, nurse):
    at = clock.now().astimezone(clock.KST).strftime("%Y-%m-%d %H:%M")
    rows = [[person.number, "118", "수축기", "mmHg", at, ""], ["7", "수축기", "118", "", at, ""]]
    batch = reading_files.read_file(csv_of(rows), name="a.csv", site=make_site(), by=nurse)

    found = fates(reading_files.preview(batch))

    assert found == [("rejected", "unknown_kind"), ("rejected", "unknown_person")]


def test_a_file_nobody_takes_in_is_dropped_with_its_rows(person, nurse):
    content = csv_of(rows_for(person, *GOOD_AND_BAD))
    batch = reading_files.read_file(content, name="a.csv", site=make_site(), by=nurse)
    ReadingBatch.objects.update(uploaded_at=clock.now() - timedelta(days=2))

    tend_calls()

    batch = ReadingBatch.objects.get()
    assert (batch.status, batch.content) == ("dropped", "[]")


def test_a_thousand_rows_cost_few_queries(make_participant, nurse, django_assert_max_num_queries):
    people = [agree(make_participant()) for _ in range(5)]
    first = (clock.now() - timedelta(days=30)).astimezone(clock.KST)
    rows = [
        [
            person.number,
            "수축기",
            "118",
            "",
            f"{first - timedelta(minutes=minute):%Y-%m-%d %H:%M}",
            "",
        ]
        for person in people
        for minute in range(200)
    ]
    batch = reading_files.read_file(csv_of(rows), name="a.csv", site=make_site(), by=nurse)

    with django_assert_max_num_queries(20):
        reading_files.take_in(batch, by=nurse)

    assert batch.accepted == 1000

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.rules.calendar import WorkCalendar, working_minutes_between
from complaints.rules.clock import ClockEvent, EventKind, due
from complaints.rules.holidays import work_calendar
from complaints.rules.intake import TransferTo, receive_by, transfer_by
from complaints.rules.periods import (
    GENERAL,
    GRIEVANCE,
    INQUIRY_LAW,
    INQUIRY_PROCEDURE,
    OBJECTION,
    PERIODS,
    Period,
    Unit,
    parse_period,
    statutory,
)
from seoul_health.core.clock import KST

CALENDAR = work_calendar()
SENT, ARRIVED = EventKind.SUPPLEMENT_SENT, EventKind.SUPPLEMENT_ARRIVED
STARTED, ENDED = EventKind.INSPECTION_STARTED, EventKind.INSPECTION_ENDED


def kst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


def due_text(received: str, period: str, *events: tuple[EventKind, str]) -> str:
    happened = [ClockEvent(kind, kst(at)) for kind, at in events]
    deadline = due(kst(received), parse_period(period), happened, CALENDAR)
    return f"{deadline.due_at:%a %Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("received", "period", "expected"),
    [
        ("2026-02-09T10:00", "7d", "Fri 2026-02-20 18:00"),
        ("2026-07-10T10:00", "7d", "Tue 2026-07-21 18:00"),
        ("2026-11-23T10:00", "14d", "Thu 2026-12-10 18:00"),
        ("2026-02-13T17:00", "3h", "Thu 2026-02-19 11:00"),
        ("2026-11-23T20:00", "3h", "Tue 2026-11-24 12:00"),
    ],
)
def test_the_published_examples_hold(received, period, expected):
    assert due_text(received, period) == expected


def test_an_extension_counts_on_from_the_last_day():
    extended = (EventKind.EXTENDED, "2026-02-19T10:00")
    assert due_text("2026-02-09T10:00", "7d", extended) == "Wed 2026-03-04 18:00"


@pytest.mark.parametrize(
    ("received", "period", "expected"),
    [
        ("2026-11-23T09:00", "3h", "Mon 2026-11-23 12:00"),
        ("2026-11-23T12:00", "3h", "Mon 2026-11-23 16:00"),
        ("2026-11-23T12:59", "3h", "Mon 2026-11-23 16:00"),
        ("2026-11-23T11:00", "3h", "Mon 2026-11-23 15:00"),
        ("2026-11-23T15:00", "3h", "Mon 2026-11-23 18:00"),
        ("2026-11-23T17:59", "3h", "Tue 2026-11-24 11:59"),
        ("2026-11-23T18:00", "3h", "Tue 2026-11-24 12:00"),
        ("2026-11-24T00:00", "3h", "Tue 2026-11-24 12:00"),
        ("2026-11-28T10:00", "3h", "Mon 2026-11-30 12:00"),
        ("2026-12-31T17:00", "3h", "Mon 2027-01-04 11:00"),
        ("2026-09-23T17:00", "3h", "Mon 2026-09-28 11:00"),
        ("2026-11-23T09:00", "8h", "Mon 2026-11-23 18:00"),
        ("2026-11-23T10:00", "5d", "Mon 2026-11-30 10:00"),
    ],
)
def test_short_periods_run_in_working_hours(received, period, expected):
    assert due_text(received, period) == expected


@pytest.mark.parametrize(
    ("received", "period", "expected"),
    [
        ("2026-11-23T00:00", "6d", "Mon 2026-11-30 18:00"),
        ("2026-11-23T17:59", "6d", "Mon 2026-11-30 18:00"),
        ("2026-11-23T23:59", "6d", "Mon 2026-11-30 18:00"),
        ("2026-11-21T10:00", "6d", "Mon 2026-11-30 18:00"),
        ("2026-12-28T10:00", "7d", "Wed 2027-01-06 18:00"),
        ("2026-09-21T10:00", "7d", "Thu 2026-10-01 18:00"),
        ("2027-02-05T10:00", "7d", "Wed 2027-02-17 18:00"),
        ("2028-02-28T10:00", "6d", "Tue 2028-03-07 18:00"),
    ],
)
def test_long_periods_count_days_and_the_first_one_counts(received, period, expected):
    assert due_text(received, period) == expected


def test_the_days_of_a_supplement_are_not_counted_at_either_end():
    stop = [(SENT, "2026-11-25T09:00"), (ARRIVED, "2026-11-30T17:00")]
    assert due_text("2026-11-23T10:00", "7d", *stop) == "Mon 2026-12-07 18:00"


def test_a_supplement_answered_on_the_same_day_costs_one_day():
    stop = [(SENT, "2026-11-25T09:00"), (ARRIVED, "2026-11-25T10:00")]
    assert due_text("2026-11-23T10:00", "7d", *stop) == "Wed 2026-12-02 18:00"


def test_several_stops_add_up():
    stops = [
        (SENT, "2026-11-24T09:00"),
        (ARRIVED, "2026-11-25T10:00"),
        (SENT, "2026-11-27T09:00"),
        (ARRIVED, "2026-12-01T10:00"),
    ]
    assert due_text("2026-11-23T10:00", "7d", *stops) == "Tue 2026-12-08 18:00"


def test_a_stop_takes_its_whole_days_out_of_an_hour_period():
    stop = [(SENT, "2026-11-23T11:00"), (ARRIVED, "2026-11-25T10:00")]
    assert due_text("2026-11-23T10:00", "3h", *stop) == "Thu 2026-11-26 12:00"


def test_an_open_stop_says_the_earliest_due_and_that_it_stands_still():
    sent = ClockEvent(SENT, kst("2026-11-25T09:00"))
    stopped = due(kst("2026-11-23T10:00"), INQUIRY_PROCEDURE, [sent], CALENDAR)
    later = due(
        kst("2026-11-23T10:00"),
        INQUIRY_PROCEDURE,
        [sent],
        CALENDAR,
        as_of=kst("2026-11-30T12:00"),
    )
    assert (stopped.is_stopped, stopped.due_at) == (True, kst("2026-12-02T18:00"))
    assert (later.is_stopped, later.due_at) == (True, kst("2026-12-07T18:00"))


def test_events_after_the_due_moment_cannot_cure_a_breach():
    late = [
        ClockEvent(EventKind.EXTENDED, kst("2026-02-20T18:01")),
        ClockEvent(SENT, kst("2026-02-23T09:00")),
        ClockEvent(ARRIVED, kst("2026-02-24T09:00")),
    ]
    deadline = due(kst("2026-02-09T10:00"), INQUIRY_PROCEDURE, late, CALENDAR)
    assert deadline.due_at == kst("2026-02-20T18:00")
    assert deadline.ignored == tuple(late)
    assert not deadline.extended


def test_an_extension_may_be_shorter_but_never_longer_than_the_period():
    shorter = ClockEvent(EventKind.EXTENDED, kst("2026-02-19T10:00"), amount=1)
    longer = ClockEvent(EventKind.EXTENDED, kst("2026-02-19T10:00"), amount=8)
    received = kst("2026-02-09T10:00")
    assert due(received, INQUIRY_PROCEDURE, [shorter], CALENDAR).due_at == kst("2026-02-23T18:00")
    with pytest.raises(ValueError, match="at most the period"):
        due(received, INQUIRY_PROCEDURE, [longer], CALENDAR)


def test_an_inspection_stops_the_clock_for_fourteen_working_days_at_most():
    started = ClockEvent(STARTED, kst("2026-11-24T10:00"))
    short = ClockEvent(ENDED, kst("2026-11-26T10:00"))
    endless = ClockEvent(ENDED, kst("2027-03-31T10:00"))
    longer = ClockEvent(EventKind.INSPECTION_EXTENDED, kst("2026-12-10T10:00"))
    received = kst("2026-11-23T10:00")

    def due_on(*events: ClockEvent) -> date:
        return due(received, GRIEVANCE, events, CALENDAR).due_at.date()

    assert due_on() == date(2026, 12, 1)
    assert due_on(started, short) == date(2026, 12, 4)
    assert due_on(started, endless) == date(2026, 12, 21)
    assert due_on(started, longer, endless) == date(2026, 12, 31)


def test_the_clock_runs_again_when_an_inspection_has_used_up_its_days():
    started = ClockEvent(STARTED, kst("2026-11-24T10:00"))
    received, later = kst("2026-11-23T10:00"), kst("2027-01-20T10:00")
    deadline = due(received, GRIEVANCE, [started], CALENDAR, as_of=later)
    assert (deadline.is_stopped, deadline.due_at.date()) == (False, date(2026, 12, 21))


def test_events_out_of_order_change_nothing():
    stray = [
        ClockEvent(ARRIVED, kst("2026-02-10T09:00")),
        ClockEvent(SENT, kst("2026-02-01T09:00")),
        ClockEvent(EventKind.INSPECTION_EXTENDED, kst("2026-02-10T09:00")),
    ]
    deadline = due(kst("2026-02-09T10:00"), INQUIRY_PROCEDURE, stray, CALENDAR)
    assert deadline.due_at == kst("2026-02-20T18:00")
    assert len(deadline.ignored) == 3


def test_a_deadline_names_its_article_and_every_skipped_day():
    told = due(kst("2026-07-10T10:00"), INQUIRY_PROCEDURE, [], CALENDAR).as_json()
    assert told["article"] == "민원처리법 시행령 제14조 제2호"
    assert [off["day"] for off in told["skipped"]] == [
        "2026-07-11", "2026-07-12", "2026-07-17", "2026-07-18", "2026-07-19",
    ]  # fmt: skip
    assert {"day": "2026-07-17", "reason": "제헌절"} in told["skipped"]
    assert told["working"][0] == {"day": "2026-07-10", "label": "1/7"}
    assert told["due_at"] == "2026-07-21T18:00:00+09:00"


def test_hours_are_told_as_the_spans_they_were_worked_in():
    deadline = due(kst("2026-11-23T11:00"), GENERAL, [], CALENDAR)
    assert [item.label for item in deadline.counted] == ["11:00–12:00", "13:00–15:00"]


def test_a_paused_day_is_skipped_with_its_reason():
    stop = [
        ClockEvent(SENT, kst("2026-11-25T09:00")),
        ClockEvent(ARRIVED, kst("2026-11-25T10:00")),
    ]
    skipped = due(kst("2026-11-23T10:00"), GRIEVANCE, stop, CALENDAR).skipped
    assert skipped[0].day == date(2026, 11, 25)


def test_the_law_gives_each_kind_its_period():
    assert {name: period.text() for name, period in PERIODS.items()} == {
        "inquiry_law": "14d",
        "inquiry_procedure": "7d",
        "suggestion": "14d",
        "general": "3h",
        "grievance": "7d",
        "objection": "10d",
    }
    assert (statutory(5).text(), statutory(6).text()) == ("40h", "6d")
    assert INQUIRY_LAW.article.endswith("제14조 제1호")
    assert OBJECTION.article == "민원처리법 제35조"


@pytest.mark.parametrize("text", ["", "0d", "7", "-1d", "7 d", "1000d", "７d", "3h\n", "2w"])
def test_a_period_that_makes_no_sense_is_refused(text):
    with pytest.raises(ValueError, match="is not a period"):
        parse_period(text)


def test_an_online_filing_is_received_within_eight_working_hours():
    assert receive_by(kst("2026-11-23T10:00"), CALENDAR) == kst("2026-11-24T10:00")
    assert receive_by(kst("2026-11-27T18:30"), CALENDAR) == kst("2026-11-30T18:00")


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (TransferTo.DEPARTMENT, "2026-11-24T09:30"),
        (TransferTo.REMOTE_DEPARTMENT, "2026-11-24T11:30"),
        (TransferTo.AGENCY, "2026-11-24T11:30"),
        (TransferTo.OTHER_AGENCY, "2026-11-24T17:30"),
    ],
)
def test_transfers_have_one_three_and_eight_hours(to, expected):
    assert transfer_by(kst("2026-11-23T17:30"), to, CALENDAR) == kst(expected)


def test_working_minutes_leave_out_lunch_nights_and_holidays():
    assert (
        working_minutes_between(kst("2026-02-13T17:00"), kst("2026-02-19T11:00"), CALENDAR) == 180
    )
    assert working_minutes_between(kst("2026-11-23T12:00"), kst("2026-11-23T13:00"), CALENDAR) == 0
    assert working_minutes_between(kst("2026-11-24T12:00"), kst("2026-11-23T13:00"), CALENDAR) == 0


def test_the_city_can_add_and_take_away_days_off():
    added = work_calendar(added={date(2026, 2, 20): "임시공휴일"})
    removed = work_calendar(removed=[date(2026, 7, 17)])
    assert due(kst("2026-02-09T10:00"), GRIEVANCE, [], added).due_at == kst("2026-02-23T18:00")
    assert due(kst("2026-07-10T10:00"), GRIEVANCE, [], removed).due_at == kst("2026-07-20T18:00")


def test_constitution_day_is_off_since_2026_and_substitutes_are_known():
    assert CALENDAR.why_off(date(2025, 7, 17)) is None
    assert CALENDAR.why_off(date(2026, 7, 17)) == "제헌절"
    assert CALENDAR.why_off(date(2026, 3, 2)) == "삼일절 대체 휴일"


def test_a_moment_without_a_zone_is_refused():
    naive = datetime(2026, 2, 9, 10)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        due(naive, GENERAL, [], CALENDAR)


def test_a_moment_of_another_zone_is_read_in_seoul():
    utc = datetime.fromisoformat("2026-02-08T23:30:00+00:00")
    assert due(utc, GENERAL, [], CALENDAR).due_at == kst("2026-02-09T12:00")


moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=KST)
)
periods = st.one_of(
    st.integers(1, 40).map(lambda n: Period(Unit.HOURS, n, "")),
    st.integers(6, 30).map(lambda n: Period(Unit.DAYS, n, "")),
)
soon = st.integers(0, 60 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(moments, soon, periods)
def test_a_later_receipt_is_never_due_earlier(received, wait, period):
    first = due(received, period, [], CALENDAR).due_at
    assert due(received + wait, period, [], CALENDAR).due_at >= first


@given(moments, periods, soon, st.lists(st.tuples(st.sampled_from(EventKind), soon), max_size=5))
def test_one_more_holiday_never_makes_it_earlier(received, period, after, happened):
    events = [ClockEvent(kind, received + wait) for kind, wait in happened]
    holiday = (received + after).date()
    longer = WorkCalendar({**CALENDAR.holidays, holiday: "임시공휴일"})
    before = due(received, period, events, CALENDAR).due_at
    assert due(received, period, events, longer).due_at >= before


@given(moments, periods, st.lists(st.tuples(st.sampled_from(EventKind), soon), max_size=5))
def test_a_deadline_always_falls_into_working_time(received, period, happened):
    events = [ClockEvent(kind, received + wait) for kind, wait in happened]
    deadline = due(received, period, events, CALENDAR)
    assert CALENDAR.is_working(deadline.due_at.date())
    assert deadline.due_at > received or period.unit is Unit.DAYS
    assert not {item.day for item in deadline.counted} & {off.day for off in deadline.skipped}


@given(moments, st.integers(0, 5000))
def test_minutes_added_are_the_minutes_counted(start, minutes):
    end = CALENDAR.add(start, timedelta(minutes=minutes))
    assert working_minutes_between(start, end, CALENDAR) == minutes

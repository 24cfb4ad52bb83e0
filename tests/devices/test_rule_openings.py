from datetime import date, datetime, time

import pytest

from devices.rules.openings import KST, Opening, last_day_opened, opening_of, stretches

HALVES = (1, 16)
ONE = time(13)


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        (date(2026, 11, 16), datetime(2026, 11, 1, 13, tzinfo=KST)),
        (date(2026, 11, 30), datetime(2026, 11, 1, 13, tzinfo=KST)),
        (date(2026, 12, 1), datetime(2026, 11, 16, 13, tzinfo=KST)),
        (date(2026, 12, 15), datetime(2026, 11, 16, 13, tzinfo=KST)),
        (date(2027, 1, 5), datetime(2026, 12, 16, 13, tzinfo=KST)),
        (date(2028, 2, 29), datetime(2028, 2, 1, 13, tzinfo=KST)),
    ],
)
def test_a_half_month_opens_at_the_start_of_the_one_before(day, opens):
    assert opening_of(day, HALVES, ONE) == opens


def test_once_a_month_opens_the_whole_next_month():
    assert opening_of(date(2026, 12, 31), (1,), ONE) == datetime(2026, 11, 1, 13, tzinfo=KST)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2026, 11, 16, 12, 59, 59, tzinfo=KST), date(2026, 11, 30)),
        (datetime(2026, 11, 16, 13, 0, 0, tzinfo=KST), date(2026, 12, 15)),
        (datetime(2026, 12, 1, 13, 0, 0, tzinfo=KST), date(2026, 12, 31)),
    ],
)
def test_a_stretch_opens_to_the_second(now, last):
    assert last_day_opened(now, HALVES, ONE) == last


def plan(**changes):
    terms = {
        "weekdays": frozenset(range(5)),
        "starts_at": time(9),
        "ends_at": time(15),
        "minutes": 60,
        "opens_on": HALVES,
        "opens_at": ONE,
        "pause": (time(12), time(13)),
    }
    return Opening(**{**terms, **changes})


def hours(found):
    return [one.starts_at.hour for one in found]


def test_a_day_has_slots_but_at_lunch():
    assert hours(stretches(plan(), date(2026, 11, 23))) == [9, 10, 11, 13, 14]


def test_no_slot_reaches_into_the_break_or_past_the_end():
    laid = list(stretches(plan(minutes=90), date(2026, 11, 23)))

    assert [(one.starts_at.time(), one.ends_at.time()) for one in laid] == [
        (time(9), time(10, 30)),
        (time(10, 30), time(12)),
        (time(13), time(14, 30)),
    ]


def test_weekends_and_closed_days_have_none():
    assert list(stretches(plan(), date(2026, 11, 22))) == []
    assert list(stretches(plan(), date(2026, 11, 23), {date(2026, 11, 23)})) == []

"""Windows to the second in Seoul time, waves, special days and weekdays as data."""

from datetime import datetime, timedelta

import pytest
from time_machine import travel

from participants.errors import OutsideWindow
from participants.models import Application, Lane
from participants.rules.promises import working_days_after
from participants.services.applications import general_seats
from participants.services.judging import check_window
from seoul_health.core import clock
from seoul_health.core.clock import KST
from tests.participants.recruiting import born, submitted
from tests.participants.waiting import lane_with

pytestmark = pytest.mark.django_db
OPENS = datetime(2026, 11, 30, 10, tzinfo=KST)  # A Monday.
CLOSES = datetime(2026, 12, 4, 18, tzinfo=KST)
SECOND = timedelta(seconds=1)


@pytest.fixture
def person(make_participant):
    return make_participant(is_resident=True)


def lane_of(*quotas, **terms):
    """Make a lane that is open from Monday ten to Friday six in Seoul."""
    now = clock.now()
    return lane_with(*quotas, opens_in=OPENS - now, closes_in=CLOSES - now, **terms)


def exact(lane):
    """Put the window on the second: the clock ran on while the lane was made."""
    lane.opens_at, lane.closes_at = OPENS, CLOSES
    return lane


def verdict(lane, person, now, quota=None):
    try:
        check_window(exact(lane), person, quota=quota, now=now)
    except OutsideWindow as refusal:
        return refusal.code
    return "open"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (OPENS - SECOND, "not_open_yet"),
        (OPENS - timedelta(microseconds=1), "not_open_yet"),
        (OPENS, "open"),
        (CLOSES - SECOND, "open"),
        (CLOSES - timedelta(microseconds=1), "open"),
        (CLOSES, "already_closed"),
        (CLOSES + SECOND, "already_closed"),
    ],
    ids=[
        "a second before", "a blink before", "the first moment", "the last second",
        "the last blink", "the closing moment", "a second after",
    ],
)  # fmt: skip
def test_a_lane_is_open_to_the_second(person, moment, expected):
    assert verdict(lane_of(), person, moment) == expected


WAVE_OPENS = datetime(2026, 12, 2, 10, tzinfo=KST)
WAVE_CLOSES = datetime(2026, 12, 3, 10, tzinfo=KST)
WAVE = {"code": "wave-2", "seats": 5, "opens_at": WAVE_OPENS, "closes_at": WAVE_CLOSES}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (WAVE_OPENS - SECOND, "not_open_yet"),
        (WAVE_OPENS, "open"),
        (WAVE_CLOSES - SECOND, "open"),
        (WAVE_CLOSES, "already_closed"),
    ],
    ids=["a second before", "the first moment", "the last second", "the closing moment"],
)
def test_a_wave_is_open_to_the_second(person, moment, expected):
    lane = lane_of({"seats": 5}, WAVE)

    assert verdict(lane, person, moment, lane.quotas.get(code="wave-2")) == expected


def test_a_wave_never_outlasts_its_lane(person):
    lane = lane_of({"seats": 5}, WAVE)
    late = lane.quotas.get(code="wave-2")
    late.closes_at = CLOSES + timedelta(days=1)

    assert verdict(lane, person, CLOSES, late) == "already_closed"


def test_who_names_no_quota_applies_for_the_present_wave():
    lane = lane_of({"seats": 5, "closes_at": WAVE_CLOSES}, {**WAVE, "closes_at": None})

    with travel(WAVE_CLOSES - SECOND, tick=False):
        assert general_seats(lane).code == "general"
    with travel(WAVE_CLOSES, tick=False):
        assert general_seats(lane).code == "wave-2"


def test_the_opening_second_is_seoul_time_at_the_door(make_participant):
    lane = lane_of()
    with travel(OPENS - SECOND, tick=False), pytest.raises(OutsideWindow) as early:
        submitted(make_participant(is_resident=True), lane)
    with travel(OPENS + SECOND, tick=False):
        submitted(make_participant(is_resident=True), lane)

    assert (early.value.code, Application.objects.count()) == ("not_open_yet", 1)


def weekday_lane(**terms):
    return lane_of(method=Lane.Method.WEEKDAY_BY_BIRTH_YEAR, **terms)


@pytest.mark.parametrize(
    ("weekdays", "monday", "wednesday"),
    [({}, "other_weekday", "open"), ({"40": 1}, "open", "other_weekday")],
    ids=["as usual", "as data"],
)
def test_a_decade_applies_on_its_weekday(make_participant, weekdays, monday, wednesday):
    lane = weekday_lane()
    lane.weekdays = weekdays
    person = make_participant(is_resident=True, born=born(45))

    assert verdict(lane, person, OPENS) == monday
    assert verdict(lane, person, OPENS + timedelta(days=2)) == wednesday


def test_the_weekday_turns_at_midnight_in_seoul(make_participant):
    lane = weekday_lane()
    person = make_participant(is_resident=True, born=born(35))  # Tuesday
    midnight = clock.day_starts(OPENS.date() + timedelta(days=1))

    assert verdict(lane, person, midnight - SECOND) == "other_weekday"
    assert verdict(lane, person, midnight) == "open"


def test_a_special_day_is_for_all_ages_of_its_group(make_participant):
    special = {
        "code": "mothers", "seats": 5, "group": "new_mother", "opens_at": WAVE_OPENS,
        "closes_at": WAVE_CLOSES,
    }  # fmt: skip
    lane = lane_of({"seats": 5}, special, method=Lane.Method.WEEKDAY_BY_BIRTH_YEAR)
    person = make_participant(is_resident=True, born=born(35))  # Wednesday is not theirs.

    assert verdict(lane, person, WAVE_OPENS, lane.quotas.get(code="general")) == "other_weekday"
    assert verdict(lane, person, WAVE_OPENS, lane.quotas.get(code="mothers")) == "open"


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-11-23", 7, "2026-12-02"),
        ("2026-11-27", 1, "2026-11-30"),
        ("2026-11-28", 1, "2026-11-30"),
        ("2026-02-13", 1, "2026-02-19"),
        ("2026-12-24", 1, "2026-12-28"),
        ("2026-12-31", 1, "2027-01-04"),
    ],
)
def test_a_promise_counts_working_days(day, count, expected):
    start = datetime.fromisoformat(day).date()

    assert working_days_after(start, count).isoformat() == expected


def test_an_application_promises_the_day_of_its_decision(person, settings):
    settings.REVIEW_WORKING_DAYS = 3
    application = submitted(person, lane_with())

    assert application.promised_on == working_days_after(clock.today(), 3)


def test_a_draft_promises_nothing(person):
    assert submitted(person, lane_with(), submit=False).promised_on is None

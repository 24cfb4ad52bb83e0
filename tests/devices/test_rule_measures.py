from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from devices.rules.measures import (
    MEASURES,
    Refused,
    check_moment,
    converted,
    in_own_unit,
    pressures_fit,
    read_number,
    read_unit,
)
from devices.rules.reading_words import TOPICS, kind_of, sex_of, topic_of
from devices.rules.thresholds import Limit, judge

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


def refusal(act):
    with pytest.raises(Refused) as caught:
        act()
    return caught.value


@pytest.mark.parametrize(
    ("kind", "value", "unit", "own"),
    [
        ("systolic", "120", "mmHg", "120.0"),
        ("systolic", "16.0", "kPa", "120.0"),
        ("diastolic", "10.7", "kPa", "80.3"),
        ("weight", "154", "lb", "69.9"),
        ("weight", "70000", "g", "70.0"),
        ("height", "68", "in", "172.7"),
        ("height", "1.72", "m", "172.0"),
        ("glucose_fasting", "5.5", "mmol/L", "99.1"),
        ("temperature", "98.6", "F", "37.0"),
        ("grip", "300", "N", "30.6"),
    ],
)
def test_a_value_is_kept_in_its_own_unit(kind, value, unit, own):
    assert in_own_unit(kind, Decimal(value), unit) == Decimal(own)


@pytest.mark.parametrize(
    ("kind", "value", "unit", "meant"),
    [
        ("systolic", "16.2", "mmHg", "kPa"),
        ("systolic", "121", "kPa", "mmHg"),
        ("diastolic", "10.5", "mmHg", "kPa"),
        ("height", "1.72", "cm", "m"),
        ("height", "68", "cm", "in"),
        ("glucose_fasting", "5.4", "mg/dL", "mmol/L"),
        ("temperature", "98.2", "C", "F"),
        ("weight", "68500", "kg", "g"),
        ("weight", "420", "kg", "lb"),
    ],
)
def test_a_value_in_the_wrong_unit_is_refused_with_the_likely_one(kind, value, unit, meant):
    found = refusal(lambda: in_own_unit(kind, Decimal(value), unit))

    assert (found.reason, found.terms["meant"]) == ("other_unit", meant)


@pytest.mark.parametrize(
    ("kind", "value", "unit"),
    [("systolic", "-120", "mmHg"), ("systolic", "0", "mmHg"), ("pulse", "999", "bpm"),
     ("weight", "1", "kg"), ("glucose", "99999", "mg/dL")],
)  # fmt: skip
def test_what_no_body_shows_is_refused(kind, value, unit):
    assert refusal(lambda: in_own_unit(kind, Decimal(value), unit)).reason == "out_of_range"


@pytest.mark.parametrize("kind", MEASURES)
def test_the_ends_of_a_range_are_human(kind):
    measure = MEASURES[kind]

    assert in_own_unit(kind, measure.low, measure.unit) == measure.low
    assert in_own_unit(kind, measure.high, measure.unit) == measure.high
    assert kind in TOPICS


@pytest.mark.parametrize(
    "text",
    ["", "abc", "12O", "1e3", "NaN", "Infinity", "１２０", "1,2,0", "1.2.3", "--5", "0x10",
     "123456789", "120 mmHg"],
)  # fmt: skip
def test_what_is_no_plain_number_is_refused(text):
    assert refusal(lambda: read_number(text)).reason == "not_a_number"


def test_units_are_read_as_they_are_spelled():
    spelled = [("systolic", "MMHG"), ("weight", " Kg "), ("temperature", "℃"), ("pulse", "")]

    assert [read_unit(kind, text) for kind, text in spelled] == ["mmHg", "kg", "C", "bpm"]


@pytest.mark.parametrize(
    ("kind", "unit", "reason"),
    [("systolic", "kg", "unknown_unit"), ("mood", "mmHg", "unknown_kind")],
)
def test_a_unit_must_fit_its_kind(kind, unit, reason):
    assert refusal(lambda: read_unit(kind, unit)).reason == reason


@pytest.mark.parametrize(
    ("away", "reason"),
    [
        (timedelta(minutes=16), "from_the_future"),
        (timedelta(days=-367), "too_old"),
    ],
    ids=["ahead", "long-ago"],
)
def test_a_clock_that_is_wrong_is_told(away, reason):
    assert refusal(lambda: check_moment(NOW + away, NOW)).reason == reason


def test_clocks_may_differ_a_little():
    check_moment(NOW + timedelta(minutes=15), NOW)
    check_moment(NOW - timedelta(days=366), NOW)


def test_swapped_pressures_do_not_fit():
    assert pressures_fit(Decimal(120), Decimal(80))
    assert not pressures_fit(Decimal(80), Decimal(120))
    assert not pressures_fit(Decimal(100), Decimal(100))


def test_kinds_and_sexes_are_read_in_korean():
    assert [kind_of(text) for text in ("수축기 혈압", "키", "SBP", "weight", "기분")] == [
        "systolic", "height", "systolic", "weight", "기분",
    ]  # fmt: skip
    assert [sex_of(text) for text in ("남", "여성", "F", "x")] == ["m", "f", "f", ""]


def test_both_pressures_are_one_call():
    assert [topic_of(kind) for kind in ("systolic", "diastolic", "glucose_fasting", "grip")] == [
        "systolic", "systolic", "glucose", "grip",
    ]  # fmt: skip


def test_a_conversion_never_loses_a_tenth():
    assert converted("weight", Decimal("220.46"), "lb") == Decimal("100.0")


LIMITS = [
    Limit(1, "systolic", "from", Decimal(130), 1),
    Limit(2, "systolic", "from", Decimal(160), 2),
    Limit(3, "systolic", "from", Decimal(180), 3),
    Limit(4, "systolic", "below", Decimal(90), 2),
    Limit(5, "grip", "below", Decimal(28), 1, "m", 65, 150),
    Limit(6, "grip", "below", Decimal(18), 1, "f", 65, 150),
]


@pytest.mark.parametrize(
    ("value", "found"),
    [("129.9", None), ("130", 1), ("159.9", 1), ("160", 2), ("180", 3), ("90", None), ("89.9", 4)],
)
def test_the_gravest_threshold_counts(value, found):
    limit = judge(Decimal(value), "systolic", LIMITS, age=40)

    assert (limit.pk if limit else None) == found


@pytest.mark.parametrize(
    ("age", "sex", "found"),
    [(70, "m", 5), (70, "f", None), (70, "", None), (64, "m", None), (None, "m", None)],
)
def test_what_nobody_knows_meets_no_threshold(age, sex, found):
    limit = judge(Decimal(20), "grip", LIMITS, age=age, sex=sex)

    assert (limit.pk if limit else None) == found

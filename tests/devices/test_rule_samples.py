"""Uploads are read strictly, and every bad sample is named instead of breaking the batch."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.rules.samples import Sample, by_hour, days_of, parse_samples
from seoul_health.core.clock import KST

RECEIVED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OWN = {"start": "2026-11-22T09:00:00+09:00", "end": "2026-11-22T09:10:00+09:00", "steps": 800}


def reason_for(item):
    samples, refusals = parse_samples([item], received_at=RECEIVED)
    assert samples == []
    return refusals[0].reason


def only_sample(item):
    samples, refusals = parse_samples([item], received_at=RECEIVED)
    assert refusals == []
    return samples[0]


def seoul(hour, minute=0, second=0, *, day=22):
    return datetime(2026, 11, day, hour, minute, second, tzinfo=KST)


def data_point(frame, *, count=800, version="2.0", name="step-count"):
    return {
        "header": {"id": "a", "schema_id": {"namespace": "omh", "name": name, "version": version}},
        "body": {"step_count": count, "effective_time_frame": frame},
    }


def test_a_plain_sample_is_read_in_seoul_time():
    assert only_sample(OWN) == Sample(0, seoul(9), seoul(9, 10), 800)


@pytest.mark.parametrize(
    "start",
    [
        "2026-11-22T00:00:00Z",
        "2026-11-22T00:00Z",
        "2026-11-22T00:00:00.999999999Z",
        "2026-11-21T19:00:00-05:00",
        "2026-11-22T09:00:00+0900",
        "2026-11-22T09:00:00+09",
    ],
)
def test_one_moment_may_be_written_in_many_offsets(start):
    assert only_sample({**OWN, "start": start}).start == seoul(9)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (None, "not_an_object"),
        ([OWN], "not_an_object"),
        ("x" * 100_000, "not_an_object"),
        (float("nan"), "not_an_object"),
        ({}, "missing_field"),
        ({"start": OWN["start"], "end": OWN["end"]}, "missing_field"),
        ({**OWN, "steps": None}, "missing_field"),
        ({**OWN, "start": None}, "bad_time"),
        ({**OWN, "start": 1_700_000_000}, "bad_time"),
        ({**OWN, "start": {"a": [{}]}}, "bad_time"),
        ({**OWN, "start": "2026-11-22"}, "bad_time"),
        ({**OWN, "start": "2026-02-30T09:00:00+09:00"}, "bad_time"),
        ({**OWN, "start": "2026-06-30T23:59:60Z"}, "bad_time"),
        ({**OWN, "start": "2026-11-22T24:00:00+09:00"}, "bad_time"),
        ({**OWN, "start": "２０２６-11-22T09:00:00+09:00"}, "bad_time"),
        ({**OWN, "start": "2026-11-22T09:00:00+09:00\n"}, "bad_time"),
        ({**OWN, "start": "2026-11-22T09:00:00+25:00"}, "bad_time"),
        ({**OWN, "start": "0001-01-01T00:00:00+09:00"}, "bad_time"),
        ({**OWN, "start": "0000-01-01T00:00:00+09:00"}, "bad_time"),
        ({**OWN, "end": "9999-12-31T23:59:59-12:00"}, "bad_time"),
        ({**OWN, "start": "2026-11-22T09:00:00"}, "no_offset"),
        ({**OWN, "start": "2026-11-22T09:00:00+14:01"}, "bad_offset"),
        ({**OWN, "end": "2026-11-22T08:59:59+09:00"}, "ends_before_start"),
        ({**OWN, "start": "2026-11-21T09:09:59+09:00"}, "too_long"),
        ({**OWN, "steps": -1}, "negative_steps"),
        ({**OWN, "steps": True}, "not_a_number"),
        ({**OWN, "steps": 800.0}, "not_a_number"),
        ({**OWN, "steps": float("nan")}, "not_a_number"),
        ({**OWN, "steps": "800"}, "not_a_number"),
        ({**OWN, "steps": "９９"}, "not_a_number"),
        ({**OWN, "steps": [800]}, "not_a_number"),
        ({**OWN, "steps": 2**70}, "impossible_cadence"),
        ({**OWN, "steps": 10**4999}, "impossible_cadence"),
    ],
)
def test_a_bad_sample_is_refused_with_its_reason(item, reason):
    assert reason_for(item) == reason


def test_a_clock_may_run_ahead_by_the_skew_and_no_more():
    ahead = {**OWN, "start": "2026-11-22T21:10:00+09:00", "end": "2026-11-22T21:15:00+09:00"}

    assert only_sample(ahead).end == seoul(21, 15)
    assert reason_for({**ahead, "end": "2026-11-22T21:15:01+09:00"}) == "future"


def test_seoul_time_sent_as_if_it_were_utc_lies_in_the_future():
    mislabelled = {**OWN, "start": "2026-11-22T20:50:00Z", "end": "2026-11-22T21:00:00Z"}

    assert reason_for(mislabelled) == "future"


def test_a_bad_sample_does_not_take_its_neighbours_along():
    samples, refusals = parse_samples([OWN, {}, OWN], received_at=RECEIVED)

    assert [sample.index for sample in samples] == [0, 2]
    assert [refusal.index for refusal in refusals] == [1]


def test_an_instant_is_given_a_second():
    assert only_sample({**OWN, "end": OWN["start"]}).end == seoul(9, 0, 1)


@pytest.mark.parametrize(
    ("frame", "start", "end"),
    [
        (
            {
                "time_interval": {
                    "start_date_time": "2026-11-22T09:00:00+09:00",
                    "end_date_time": "2026-11-22T09:10:00+09:00",
                }
            },
            seoul(9),
            seoul(9, 10),
        ),
        (
            {
                "time_interval": {
                    "start_date_time": "2026-11-22T00:00:00Z",
                    "duration": {"value": 1.5, "unit": "min"},
                }
            },
            seoul(9),
            seoul(9, 1, 30),
        ),
        (
            {
                "time_interval": {
                    "end_date_time": "2026-11-22T09:00:00+09:00",
                    "duration": {"value": 2, "unit": "h"},
                }
            },
            seoul(7),
            seoul(9),
        ),
        ({"time_interval": {"date": "2026-11-22", "part_of_day": "night"}}, seoul(0), seoul(6)),
        ({"time_interval": {"date": "2026-11-22", "part_of_day": "morning"}}, seoul(6), seoul(12)),
        (
            {"time_interval": {"date": "2026-11-22", "part_of_day": "afternoon"}},
            seoul(12),
            seoul(18),
        ),
        (
            {"time_interval": {"date": "2026-11-21", "part_of_day": "evening"}},
            seoul(18, day=21),
            seoul(0),
        ),
        ({"date_time": "2026-11-22T09:00:00+09:00"}, seoul(8, 59), seoul(9)),
    ],
)
def test_open_mhealth_tells_time_in_many_forms(frame, start, end):
    assert only_sample(data_point(frame)) == Sample(0, start, end, 800)


@pytest.mark.parametrize(
    ("version", "count"),
    [("1.0", 800), ("1.x", 800), ("2.0", 800), ("3.0", {"value": 800, "unit": "steps"})],
)
def test_every_version_of_the_step_count_is_read(version, count):
    point = data_point({"date_time": OWN["end"]}, count=count, version=version)

    assert only_sample(point).steps == 800


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        ({"header": {}, "body": {}}, "missing_field"),
        ({"header": [], "body": {}}, "not_an_object"),
        (data_point({"date_time": OWN["end"]}, version="4.0"), "unknown_schema"),
        (data_point({"date_time": OWN["end"]}, version="２.0"), "unknown_schema"),
        (data_point({"date_time": OWN["end"]}, version=2.0), "unknown_schema"),
        (data_point({"date_time": OWN["end"]}, name="body-weight"), "unknown_schema"),
        (data_point({"date_time": OWN["end"]}, count={"value": 8, "unit": "km"}), "bad_unit"),
        (data_point({"date_time": OWN["end"]}, count={"unit": "steps"}), "missing_field"),
        (data_point({"date_time": OWN["end"]}, count=float("inf")), "not_a_number"),
        (data_point({}), "missing_field"),
        (data_point({"time_interval": {}}), "bad_time_frame"),
        (data_point({"time_interval": {"part_of_day": ["night"]}}), "bad_time_frame"),
        (data_point({"time_interval": {"part_of_day": "night"}}), "bad_time"),
        (
            data_point({"time_interval": {"part_of_day": "night", "date": "2026-02-29"}}),
            "bad_time",
        ),
        (
            data_point({"time_interval": {"part_of_day": "night", "date": "0001-01-01"}}),
            "bad_time",
        ),
    ],
)
def test_a_bad_data_point_is_refused_with_its_reason(point, reason):
    assert reason_for(point) == reason


@pytest.mark.parametrize(
    ("duration", "reason"),
    [
        (None, "missing_field"),
        ({"value": 1, "unit": "fortnight"}, "bad_unit"),
        ({"value": 1, "unit": []}, "bad_unit"),
        ({"value": True, "unit": "h"}, "not_a_number"),
        ({"value": "1", "unit": "h"}, "not_a_number"),
        ({"value": float("nan"), "unit": "h"}, "not_a_number"),
        ({"value": float("inf"), "unit": "h"}, "too_long"),
        ({"value": 10**4999, "unit": "sec"}, "too_long"),
        ({"value": 25, "unit": "h"}, "too_long"),
        ({"value": -1, "unit": "h"}, "ends_before_start"),
    ],
)
def test_a_bad_duration_is_refused_with_its_reason(duration, reason):
    frame = {"time_interval": {"end_date_time": OWN["end"], "duration": duration}}

    assert reason_for(data_point(frame)) == reason


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["start", "end", "steps", "header", "body", "schema_id", "name", "unit"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(json_values, max_size=5))
def test_no_json_can_break_the_reading(items):
    samples, refusals = parse_samples(items, received_at=RECEIVED)

    assert len(samples) + len(refusals) == len(items)


def test_a_walk_over_midnight_belongs_to_two_days():
    walk = Sample(0, seoul(23, 59), seoul(0, 1, day=23), 201)

    assert by_hour(walk) == {(date(2026, 11, 22), 23): 101, (date(2026, 11, 23), 0): 100}
    assert days_of([walk]) == [date(2026, 11, 22), date(2026, 11, 23)]


def test_a_walk_that_ends_at_midnight_stays_on_its_day():
    walk = Sample(0, seoul(23, 50), seoul(0, day=23), 200)

    assert by_hour(walk) == {(date(2026, 11, 22), 23): 200}
    assert days_of([walk]) == [date(2026, 11, 22)]


@given(
    start=st.integers(0, 86_399),
    seconds=st.integers(1, 86_400),
    steps=st.integers(0, 1_000_000),
)
def test_the_hours_of_a_sample_add_up_to_it(start, seconds, steps):
    begin = seoul(0) + timedelta(seconds=start)
    end = begin + timedelta(seconds=seconds)

    assert sum(by_hour(Sample(0, begin, end, steps)).values()) == steps

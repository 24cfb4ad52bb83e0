"""Open mHealth step-count data points, in every form of time their schema allows."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from devices.rules.times import YEARS, Unreadable, read_moment
from seoul_health.core.clock import KST

VERSION = re.compile(r"[123]\.(?:[0-9]{1,3}|x)")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_HOUR = {"night": 0, "morning": 6, "afternoon": 12, "evening": 18}
PART_OF_DAY = timedelta(hours=6)
POINT = timedelta(minutes=1)
SECONDS = {"ms": 0.001, "sec": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "wk": 604800.0}
LONGEST_DURATION = 10 * 604800.0


def is_data_point(item: Mapping[str, object]) -> bool:
    return "header" in item or "body" in item


def read_data_point(item: Mapping[str, object]) -> tuple[datetime, datetime, object]:
    """Give the start, the end and the count of a step-count data point."""
    schema = _object(_object(item, "header"), "schema_id")
    version = schema.get("version")
    known = isinstance(version, str) and VERSION.fullmatch(version)
    if schema.get("namespace", "omh") != "omh" or schema.get("name") != "step-count" or not known:
        raise Unreadable("unknown_schema")
    body = _object(item, "body")
    start, end = _read_frame(_object(body, "effective_time_frame"))
    return start, end, _read_count(body)


def _object(parent: Mapping[str, object], name: str) -> Mapping[str, object]:
    child = parent.get(name)
    if child is None:
        raise Unreadable("missing_field")
    if not isinstance(child, dict):
        raise Unreadable("not_an_object")
    return child


def _read_count(body: Mapping[str, object]) -> object:
    count = body.get("step_count")
    if not isinstance(count, dict):
        return count
    if count.get("unit") != "steps":
        raise Unreadable("bad_unit")
    return count.get("value")


def _read_frame(frame: Mapping[str, object]) -> tuple[datetime, datetime]:
    if "date_time" in frame:
        end = read_moment(frame["date_time"])
        return end - POINT, end
    interval = _object(frame, "time_interval")
    if "part_of_day" in interval:
        return _read_part_of_day(interval)
    starts, ends = "start_date_time" in interval, "end_date_time" in interval
    if starts and ends:
        return read_moment(interval["start_date_time"]), read_moment(interval["end_date_time"])
    if starts:
        start = read_moment(interval["start_date_time"])
        return start, start + _read_duration(interval)
    if ends:
        end = read_moment(interval["end_date_time"])
        return end - _read_duration(interval), end
    raise Unreadable("bad_time_frame")


def _read_part_of_day(interval: Mapping[str, object]) -> tuple[datetime, datetime]:
    part, day = interval["part_of_day"], interval.get("date")
    if not isinstance(part, str) or part not in FIRST_HOUR:
        raise Unreadable("bad_time_frame")
    if not isinstance(day, str) or not DATE.fullmatch(day) or int(day[:4]) not in YEARS:
        raise Unreadable("bad_time")
    try:
        midnight = datetime.combine(date.fromisoformat(day), time.min, KST)
    except ValueError:
        raise Unreadable("bad_time") from None
    start = midnight + timedelta(hours=FIRST_HOUR[part])
    return start, start + PART_OF_DAY


def _read_duration(interval: Mapping[str, object]) -> timedelta:
    duration = _object(interval, "duration")
    unit, value = duration.get("unit"), duration.get("value")
    if not isinstance(unit, str) or unit not in SECONDS:
        raise Unreadable("bad_unit")
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise Unreadable("not_a_number")
    if value < 0:
        raise Unreadable("ends_before_start")
    if value > LONGEST_DURATION / SECONDS[unit]:
        raise Unreadable("too_long")
    return timedelta(seconds=value * SECONDS[unit])

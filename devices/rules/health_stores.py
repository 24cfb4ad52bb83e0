"""Step records as the two phone systems keep them: Health Connect and HealthKit.

Health Connect: `StepsRecord` of androidx.health.connect (startTime, endTime, count, metadata).
HealthKit: quantity samples of `HKQuantityTypeIdentifierStepCount` (startDate, endDate, value or
quantity), also with the times and text values of the attributes in an `export.xml`.
"""

import math
import re
from collections.abc import Mapping
from datetime import datetime

from devices.rules.times import Unreadable, read_moment

STEPS_RECORDS = ("Steps", "StepsRecord")
STEP_COUNT = "HKQuantityTypeIdentifierStepCount"
TYPED_IN_METHODS = (3, "MANUAL_ENTRY", "RECORDING_METHOD_MANUAL_ENTRY")
USER_ENTERED = "HKWasUserEntered"
YES = (True, 1, "1", "true")
EXPORTED_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}) ([+-][0-9]{4})"
)
EXPORTED_NUMBER = re.compile(r"[0-9]{1,9}")


def is_store_record(item: Mapping[str, object]) -> bool:
    return "startTime" in item or "startDate" in item


def read_store_record(item: Mapping[str, object]) -> tuple[datetime, datetime, object]:
    """Give the start, the end and the count of a record of either store."""
    return _read_health_connect(item) if "startTime" in item else _read_healthkit(item)


def _read_health_connect(item: Mapping[str, object]) -> tuple[datetime, datetime, object]:
    if item.get("recordType", "Steps") not in STEPS_RECORDS:
        raise Unreadable("unknown_schema")
    if _metadata(item).get("recordingMethod") in TYPED_IN_METHODS:
        raise Unreadable("typed_in")
    return read_moment(item["startTime"]), read_moment(item.get("endTime")), item.get("count")


def _read_healthkit(item: Mapping[str, object]) -> tuple[datetime, datetime, object]:
    kind = item.get("quantityType", item.get("type", STEP_COUNT))
    if kind != STEP_COUNT:
        raise Unreadable("unknown_schema")
    if item.get("unit", "count") != "count":
        raise Unreadable("bad_unit")
    if _metadata(item).get(USER_ENTERED) in YES:
        raise Unreadable("typed_in")
    count = item.get("value", item.get("quantity"))
    return _read_date(item["startDate"]), _read_date(item.get("endDate")), _read_count(count)


def _metadata(item: Mapping[str, object]) -> Mapping[str, object]:
    kept = item.get("metadata") or {}
    if not isinstance(kept, dict):
        raise Unreadable("not_an_object")
    return {key: value for key, value in kept.items() if isinstance(value, str | int | bool)}


def _read_date(text: object) -> datetime:
    exported = EXPORTED_TIME.fullmatch(text) if isinstance(text, str) else None
    return read_moment(f"{exported[1]}T{exported[2]}{exported[3]}" if exported else text)


def _read_count(count: object) -> object:
    """HealthKit counts in floating point, its export in text; parts of a step are no step."""
    if isinstance(count, str) and EXPORTED_NUMBER.fullmatch(count):
        return int(count)
    if isinstance(count, float) and math.isfinite(count):
        return math.floor(count)
    return count

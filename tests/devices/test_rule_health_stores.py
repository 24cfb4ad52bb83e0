"""Records of Health Connect and HealthKit, in the shapes their stores and exports have."""

from datetime import datetime

import pytest

from devices.rules.samples import parse_samples
from seoul_health.core.clock import KST

RECEIVED = datetime(2026, 11, 22, 21, 0, tzinfo=KST)
CONNECT = {
    "startTime": "2026-11-22T00:00:00Z",
    "endTime": "2026-11-22T00:10:00Z",
    "startZoneOffset": "+09:00",
    "count": 812,
    "metadata": {
        "id": "a1",
        "recordingMethod": 2,
        "dataOrigin": {"packageName": "com.sec.android.app.shealth"},
    },
}
KIT = {
    "quantityType": "HKQuantityTypeIdentifierStepCount",
    "unit": "count",
    "startDate": "2026-11-22T09:00:00.000+0900",
    "endDate": "2026-11-22T09:10:00.000+0900",
    "quantity": 812.0,
    "metadata": {"HKTimeZone": "Asia/Seoul"},
}
EXPORT = {
    "type": "HKQuantityTypeIdentifierStepCount",
    "unit": "count",
    "startDate": "2026-11-22 09:00:00 +0900",
    "endDate": "2026-11-22 09:10:00 +0900",
    "value": "812",
}


def reason_for(item):
    samples, refusals = parse_samples([item], received_at=RECEIVED)
    assert samples == []
    return refusals[0].reason


@pytest.mark.parametrize(
    "item",
    [
        CONNECT,
        {**CONNECT, "recordType": "Steps"},
        {key: value for key, value in CONNECT.items() if key != "metadata"},
        {**CONNECT, "metadata": {"recordingMethod": 1}},
        KIT,
        {**KIT, "quantity": 812.9},
        {"startDate": KIT["startDate"], "endDate": KIT["endDate"], "value": 812},
        EXPORT,
        {**EXPORT, "metadata": {"HKWasUserEntered": "0"}},
    ],
    ids=[
        "health connect", "with its record type", "without metadata", "recorded in an exercise",
        "healthkit", "parts of a step", "a bridge's sample", "export.xml", "not typed in",
    ],
)  # fmt: skip
def test_a_record_of_a_phones_store_is_read(item):
    samples, refusals = parse_samples([item], received_at=RECEIVED)

    assert refusals == []
    assert [(s.start, s.end, s.steps) for s in samples] == [
        (
            datetime(2026, 11, 22, 9, 0, tzinfo=KST),
            datetime(2026, 11, 22, 9, 10, tzinfo=KST),
            812,
        )
    ]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({**CONNECT, "metadata": {"recordingMethod": 3}}, "typed_in"),
        ({**CONNECT, "metadata": {"recordingMethod": "MANUAL_ENTRY"}}, "typed_in"),
        ({**CONNECT, "metadata": [1]}, "not_an_object"),
        ({**CONNECT, "recordType": "Distance"}, "unknown_schema"),
        ({**CONNECT, "endTime": None}, "bad_time"),
        ({**CONNECT, "startTime": 1_700_000_000}, "bad_time"),
        ({**CONNECT, "count": "812"}, "not_a_number"),
        ({**CONNECT, "count": None}, "missing_field"),
        ({**CONNECT, "count": -1}, "negative_steps"),
        ({**KIT, "metadata": {"HKWasUserEntered": True}}, "typed_in"),
        ({**EXPORT, "metadata": {"HKWasUserEntered": "1"}}, "typed_in"),
        (
            {**KIT, "quantityType": "HKQuantityTypeIdentifierDistanceWalkingRunning"},
            "unknown_schema",
        ),
        ({**KIT, "unit": "km"}, "bad_unit"),
        ({**KIT, "quantity": float("inf")}, "not_a_number"),
        ({**KIT, "quantity": float("nan")}, "not_a_number"),
        ({**KIT, "quantity": -0.5}, "negative_steps"),
        ({**EXPORT, "value": "８１２"}, "not_a_number"),
        ({**EXPORT, "value": "812.5"}, "not_a_number"),
        ({**EXPORT, "startDate": "2026-11-22 09:00:00"}, "bad_time"),
        ({**EXPORT, "endDate": "2026-11-22 08:59:59 +0900"}, "ends_before_start"),
        ({**EXPORT, "endDate": "2026-11-22 23:00:00 +0900"}, "future"),
    ],
)
def test_a_bad_record_of_a_phones_store_is_refused_with_its_reason(item, reason):
    assert reason_for(item) == reason

"""Which days look doubtful: narrowed down in SQL over a range of people, judged by the rules."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from devices.rules.spans import unpack
from points.rules.signals import Finding, Limits, findings_of, same_steps, shared_device
from seoul_health.core import clock

LOOK_BACK = timedelta(days=13)
PEOPLE_PER_CHUNK = 10_000
# An upload may come the day after; one that comes later is looked at by the second scan.
ARRIVES_WITHIN = timedelta(days=1)

RANGE_END = """
SELECT max(participant_id), count(*) FROM (
    SELECT participant_id FROM devices_daysteps
    WHERE activity_date = %(day)s AND participant_id > %(low)s
    GROUP BY participant_id ORDER BY participant_id LIMIT %(most)s
) AS people
"""
# Packed spans: see devices.rules.spans. The rules look again, and are stricter.
SUSPECTS = """
SELECT day.participant_id, day.hours, day.spans, CASE WHEN hour.walked >= %(even_hours)s
        AND hour.spread <= %(even_spread_percent)s + 1 THEN (
    SELECT count(DISTINCT earlier.activity_date) FROM devices_daysteps AS earlier
    CROSS JOIN LATERAL (
        SELECT count(*) AS walked, stddev_pop(steps) / avg(steps) * 100 AS spread
        FROM unnest(earlier.hours) AS told (steps) WHERE steps >= %(even_hour_steps)s
    ) AS hour
    WHERE earlier.participant_id = day.participant_id
        AND earlier.activity_date BETWEEN %(since)s AND %(day)s
        AND hour.walked >= %(even_hours)s AND hour.spread <= %(even_spread_percent)s
) ELSE 0 END AS even_days
FROM devices_daysteps AS day
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE steps >= %(awake_hour_steps)s) AS awake,
        count(*) FILTER (WHERE steps >= %(even_hour_steps)s) AS walked,
        stddev_pop(steps) FILTER (WHERE steps >= %(even_hour_steps)s)
            / avg(steps) FILTER (WHERE steps >= %(even_hour_steps)s) * 100 AS spread
    FROM unnest(day.hours) AS told (steps)
) AS hour
CROSS JOIN LATERAL (
    SELECT sum(length) FILTER (WHERE is_fine) AS seconds, 100 * sqrt(greatest(0,
            sum(steps * steps / length) FILTER (WHERE is_fine)
            * sum(length) FILTER (WHERE is_fine)
            / nullif(sum(steps) FILTER (WHERE is_fine) ^ 2, 0) - 1)) AS spread,
        sum(length) FILTER (WHERE steps * 60 >= %(fast_per_minute)s * length) AS fast
    FROM (
        SELECT ((span >> 20) & 4095)::float AS length, (span & 1048575)::float AS steps,
            (span >> 20) & 4095 <= %(shaker_span_minutes)s * 60 AS is_fine
        FROM unnest(day.spans) AS told (span) WHERE (span >> 20) & 4095 >= 60
    ) AS told
) AS beat
WHERE day.activity_date = %(day)s AND day.participant_id > %(low)s
    AND day.participant_id <= %(high)s AND day.steps >= %(least_steps)s
    AND (hour.awake >= %(awake_hours)s OR beat.fast >= %(fast_minutes)s * 60
        OR hour.walked >= %(even_hours)s AND hour.spread <= %(even_spread_percent)s + 1
        OR beat.seconds >= %(shaker_minutes)s * 60
            AND beat.spread <= %(shaker_spread_percent)s + 2)
ORDER BY day.participant_id, day.source
"""
TOLD = """
    FROM devices_syncreceipt AS receipt
    WHERE received_at >= %(opens)s AND received_at < %(closes)s AND %(day)s = ANY(receipt.days)
        AND EXISTS (SELECT FROM devices_daysteps AS day
            WHERE day.participant_id = receipt.participant_id
                AND day.activity_date = %(day)s AND day.steps >= %(least_steps)s)
"""
SHARED = f"""
SELECT array_agg(DISTINCT participant_id) {TOLD} AND device_key <> ''
GROUP BY device_key HAVING count(DISTINCT participant_id) >= %(device_members)s
"""
SAME = f"""
SELECT array_agg(DISTINCT participant_id) {TOLD} AND jsonb_array_length(items) >= %(same_records)s
GROUP BY digest HAVING count(DISTINCT participant_id) >= 2
"""


def limits() -> Limits:
    return Limits(**settings.SIGNAL_LIMITS)


def next_range(day: date, low: int) -> tuple[int | None, int]:
    """Give where the next range of walkers behind a person ends, and how many it has."""
    with connection.cursor() as cursor:
        cursor.execute(RANGE_END, {"day": day, "low": low, "most": PEOPLE_PER_CHUNK})
        high, count = cursor.fetchone()
    return high, int(count)


def doubts_in(day: date, low: int, high: int) -> Iterator[tuple[int, Finding]]:
    """Give the doubts about a day of the people behind `low`, up to `high`."""
    known = limits()
    values = {**asdict(known), "day": day, "since": day - LOOK_BACK, "low": low, "high": high}
    for person, hours, spans, even_days in rows_of(SUSPECTS, values):
        unpacked = [unpack(span) for span in spans]
        for finding in findings_of(unpacked, hours, even_days=even_days, limits=known):
            yield person, finding


def shared_doubts(day: date) -> Iterator[tuple[int, Finding]]:
    """Give the doubts that only several members together raise."""
    known = limits()
    values = {
        **asdict(known),
        "day": day,
        "opens": clock.day_starts(day),
        "closes": clock.day_ends(day + ARRIVES_WITHIN),
    }
    for (members,) in rows_of(SHARED, values):
        finding = shared_device(len(members), known)
        yield from ((person, finding) for person in members if finding)
    for (members,) in rows_of(SAME, values):
        yield from ((person, same_steps(len(members))) for person in members)


def rows_of(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())

"""What will expire when, counted over everybody once and read as often as one likes."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from psycopg import sql

from points.models import ExpiryForecast
from points.services.validity import EVERYBODY, expiring, read_validity
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

AHEAD = timedelta(days=400)

# Each person is counted anew in each month, and once in the day their first points expire.
COUNT = sql.SQL("""
    WITH due AS MATERIALIZED (
        SELECT purse_id, expires_on, points,
            row_number() OVER (PARTITION BY purse_id ORDER BY expires_on) = 1 AS first_time
        FROM ({expiring}) AS told WHERE expires_on <= %(until)s
    )
    SELECT date_trunc('month', expires_on)::date AS month, expires_on,
        count(DISTINCT purse_id), sum(points)::bigint, count(*) FILTER (WHERE first_time)
    FROM due GROUP BY GROUPING SETS ((1), (1, 2)) ORDER BY 1, 2 NULLS FIRST
""")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run of a day would take."""

    day: date
    people: int
    points: int


def count_expiry(*, by: Actor) -> ExpiryForecast:
    """Count over every purse what expires when, as things stand now."""
    until = clock.today() + AHEAD
    values = {**read_validity().values(until), "until": until}
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(expiring=expiring(EVERYBODY)), values)
        rows = cursor.fetchall()
    months = [
        {"month": month.isoformat(), "people": people, "points": points}
        for month, day, people, points, _first in rows
        if day is None
    ]
    days = [
        {"on": day.isoformat(), "people": people, "points": points, "first_time": first}
        for _month, day, people, points, first in rows
        if day is not None
    ]
    forecast = ExpiryForecast.objects.create(asked_by=by.actor_name, months=months, days=days)
    audit.record("counted", forecast, by=by)
    return forecast


def preview(forecast: ExpiryForecast, day: date) -> Preview:
    """Add up what would be gone once a day has begun."""
    gone = [row for row in forecast.days if row["on"] <= day.isoformat()]
    people = sum(row["first_time"] for row in gone)
    return Preview(day, people, sum(row["points"] for row in gone))

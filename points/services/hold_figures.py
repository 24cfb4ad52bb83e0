"""What a hold's page shows: the person's hours of each day against what is usual for them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count, Min

from devices.rules.spans import HOURS
from devices.rules.steps import merge_sources
from devices.services.walking import source_days
from participants.models import Participant
from points.models import Hold
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

USUAL_DAYS = timedelta(days=28)
# Of each of the four weeks before: the steps by hour over all sources, on the days with steps.
USUAL = """
SELECT told.hour - 1, round(avg(told.steps))::int, count(DISTINCT day.activity_date)
FROM (
    SELECT one.activity_date, hour.hour, max(hour.steps) AS steps
    FROM devices_daysteps AS one, unnest(one.hours) WITH ORDINALITY AS hour (steps, hour)
    WHERE one.participant_id = %s AND one.activity_date BETWEEN %s AND %s
    GROUP BY one.activity_date, hour.hour
) AS told
JOIN (SELECT DISTINCT activity_date FROM devices_daysteps
    WHERE participant_id = %s AND activity_date BETWEEN %s AND %s) AS day USING (activity_date)
GROUP BY told.hour ORDER BY told.hour
"""


@dataclass(frozen=True, slots=True)
class Usual:
    """The mean of each hour over the days before the hold."""

    hours: tuple[int, ...]
    days: int


@dataclass(frozen=True, slots=True)
class SignalCount:
    signal: str
    count: int
    oldest: datetime


def hours_of(participant: Participant, day: date) -> list[int]:
    """Give a day's steps by hour over all sources, as they were told."""
    told = source_days(participant, [day]).get(day, {})
    return merge_sources({source: one.hours for source, one in told.items()})


def usual_hours(participant: Participant, before: date) -> Usual:
    """Give what an ordinary day of the four weeks before looked like."""
    span = [before - USUAL_DAYS, before - timedelta(days=1)]
    with connection.cursor() as cursor:
        cursor.execute(USUAL, [participant.pk, *span, participant.pk, *span])
        rows = cursor.fetchall()
    if not rows:
        return Usual((0,) * HOURS, 0)
    return Usual(tuple(row[1] for row in rows), max(row[2] for row in rows))


def open_by_signal(staff: StaffUser) -> list[SignalCount]:
    """Count the open holds of each signal; the oldest says how long people wait."""
    rows = Hold.objects.visible_to(staff).open().values_list("signal")
    counted = rows.annotate(count=Count("pk"), oldest=Min("raised_at")).order_by("-count")
    return [SignalCount(*row) for row in counted]


def overdue(staff: StaffUser) -> int:
    """Count the open holds whose promised day has passed."""
    holds = Hold.objects.visible_to(staff).open()
    return holds.filter(promised_on__lt=clock.today()).count()

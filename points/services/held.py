"""Which days are on hold, and which points may not leave meanwhile. Reads only."""

from collections.abc import Collection
from datetime import date

from django.db import connection
from psycopg import sql

from participants.models import Participant
from points.models import Hold

# A day that an open or a confirmed hold keeps from earning, for a query that names person and day.
ON_HOLD = sql.SQL("""
    SELECT FROM points_hold AS hold WHERE hold.participant_id = {person}
        AND hold.status IN ('open', 'confirmed')
        AND hold.first_day <= {day} AND hold.last_day >= {day}
""")
# Awards of days that are still looked at, and what a notice already asks back.
DISPUTED = """
SELECT coalesce((
    SELECT sum(award.points) FROM points_award AS award
    WHERE award.participant_id = %(person)s AND award.item = 'walking_day'
        AND EXISTS (SELECT FROM points_hold AS hold
            WHERE hold.participant_id = award.participant_id
                AND hold.status IN ('open', 'confirmed')
                AND hold.first_day <= award.period AND hold.last_day >= award.period
                AND (hold.status = 'open' OR EXISTS (SELECT FROM points_awardreview AS review
                    WHERE review.award_id = award.id AND review.status = 'open')))
), 0) + coalesce((
    SELECT sum(amount) FROM points_clawback
    WHERE participant_id = %(person)s AND status IN ('notified', 'objected', 'upheld')
), 0)
WHERE EXISTS (SELECT FROM points_hold
        WHERE participant_id = %(person)s AND status IN ('open', 'confirmed'))
    OR EXISTS (SELECT FROM points_clawback
        WHERE participant_id = %(person)s AND status IN ('notified', 'objected', 'upheld'))
"""


def on_hold(*, person: str, day: str) -> sql.Composed:
    """Write the look-up of a hold for these two expressions of a query."""
    return ON_HOLD.format(person=sql.SQL(person), day=sql.SQL(day))


def held_days(participant: Participant, days: Collection[date]) -> dict[date, str]:
    """Give those of these days that a hold keeps from earning, each with the hold's status."""
    if not days:
        return {}
    rows = Hold.objects.keeping(participant.pk, min(days), max(days))
    held: dict[date, str] = {}
    # An open hold says more than a confirmed one: something may still come of the day.
    for first, last, status in rows.order_by("status").values_list(
        "first_day", "last_day", "status"
    ):
        held |= {day: status for day in days if first <= day <= last}
    return held


def disputed_points(participant: Participant) -> int:
    """Give the points that cannot be paid out while a hold or a claw-back is undecided."""
    with connection.cursor() as cursor:
        cursor.execute(DISPUTED, {"person": participant.pk})
        row = cursor.fetchone()
    return int(row[0]) if row else 0

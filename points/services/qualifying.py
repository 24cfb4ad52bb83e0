"""Who has reached what a campaign asks, and on which day: one query for a person and for all."""

from typing import Any

from django.db import connection
from psycopg import sql

from participants.models import Participant
from points.models import Campaign
from points.services.due import TOTALS, limits
from points.services.held import on_hold

PERSON = sql.SQL("participant_id = %(person)s")
EVERYBODY = sql.SQL("true")
STEPS = sql.SQL("""
    SELECT DISTINCT ON (total.participant_id) total.participant_id,
        total.activity_date AS earned_on
    FROM ({totals}) AS total
    WHERE total.steps >= %(steps)s
        AND EXISTS (SELECT FROM participants_participation AS taken
            WHERE taken.participant_id = total.participant_id AND taken.status <> 'withdrawn'
                AND taken.starts_on <= total.activity_date
                AND taken.ends_on >= total.activity_date)
        AND NOT EXISTS ({held})
    ORDER BY total.participant_id, total.activity_date
""")
# A goal day has its award, also when a limit made it zero; a day on hold has none.
GOAL_DAYS = sql.SQL("""
    SELECT participant_id, (array_agg(period ORDER BY period))[%(days)s] AS earned_on
    FROM points_award
    WHERE item = 'walking_day' AND period BETWEEN %(first)s AND %(last)s AND {people}
    GROUP BY participant_id HAVING count(*) >= %(days)s
""")
ACTIVITY = sql.SQL("""
    SELECT participant_id, min(period) AS earned_on FROM points_award
    WHERE item = %(item)s AND period BETWEEN %(first)s AND %(last)s AND {people}
    GROUP BY participant_id
""")
WITHOUT_PLACE = sql.SQL("""
    SELECT reached.participant_id, reached.earned_on FROM ({reached}) AS reached
    WHERE NOT EXISTS (SELECT FROM points_campaignplace AS place
        WHERE place.campaign_id = %(campaign)s
            AND place.participant_id = reached.participant_id)
    ORDER BY reached.earned_on, reached.participant_id LIMIT %(most)s
""")
PROGRESS = {
    Campaign.Kind.STEPS: sql.SQL("SELECT coalesce(max(steps), 0) FROM ({totals}) AS total"),
    Campaign.Kind.GOAL_DAYS: sql.SQL("""
        SELECT count(*) FROM points_award WHERE item = 'walking_day'
            AND period BETWEEN %(first)s AND %(last)s AND {people}"""),
    Campaign.Kind.ACTIVITY: sql.SQL("""
        SELECT count(*) FROM points_award WHERE item = %(item)s
            AND period BETWEEN %(first)s AND %(last)s AND {people}"""),
}


def reached(campaign: Campaign, people: sql.Composable) -> sql.Composed:
    """Write the query for who has reached what a campaign asks."""
    if campaign.kind == Campaign.Kind.STEPS:
        held = on_hold(person="total.participant_id", day="total.activity_date")
        return STEPS.format(totals=TOTALS.format(people=people), held=held)
    query = GOAL_DAYS if campaign.kind == Campaign.Kind.GOAL_DAYS else ACTIVITY
    return query.format(people=people)


def terms(campaign: Campaign) -> dict[str, Any]:
    return {
        **limits(campaign.starts_on, campaign.ends_on),
        "campaign": campaign.pk,
        "steps": campaign.steps,
        "days": campaign.days,
        "item": campaign.item,
    }


def waiting(campaign: Campaign, *, most: int) -> list[tuple[int, Any]]:
    """Give who has reached a campaign's goal and has no place, the earliest first."""
    query = WITHOUT_PLACE.format(reached=reached(campaign, EVERYBODY))
    return read(query, {**terms(campaign), "most": most})


def reached_by(campaign: Campaign, participant: Participant) -> Any:
    """Give the day on which one person reached a campaign's goal without having a place yet."""
    query = WITHOUT_PLACE.format(reached=reached(campaign, PERSON))
    rows = read(query, {**terms(campaign), "person": participant.pk, "most": 1})
    return rows[0][1] if rows else None


def progress_of(campaign: Campaign, participant: Participant) -> int:
    """Give how far a person has come: the most steps of a day, or the days that count."""
    query = PROGRESS[Campaign.Kind(campaign.kind)]
    whole = query.format(people=PERSON, totals=TOTALS.format(people=PERSON))
    return int(read(whole, {**terms(campaign), "person": participant.pk})[0][0])


def read(query: sql.Composable, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())

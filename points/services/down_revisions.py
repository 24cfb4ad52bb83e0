"""Awards that would be lower if they were judged now: found, listed, and left to a person."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from points.errors import NothingLost, ReviewedAlready
from points.models import Award, AwardReview, Hold
from points.services.due import goals_between
from points.services.rulebook import read_rulebook
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser

AWARDS_PER_CHUNK = 20_000
BEFORE_EVERYTHING = 0

# Steps are counted anew from the hours, under the limits of now; one person at a time is asked.
REVISED = """
WITH looked AS (
    SELECT award.id, award.participant_id, award.item, award.period, award.points, award.goal
    FROM points_award AS award
    WHERE award.id > %(low)s AND award.id <= %(high)s AND award.points > 0
        AND award.item IN ('walking_day', 'walking_week')
        AND award.period BETWEEN %(first)s AND %(last)s
        AND (%(people)s::bigint[] IS NULL OR award.participant_id = ANY(%(people)s::bigint[]))
        AND NOT EXISTS (SELECT FROM points_awardreview WHERE award_id = award.id)
), days AS (
    SELECT looked.id, walked.day, walked.steps, needed.goal, needed.daily_points,
        EXISTS (SELECT FROM points_hold AS hold
            WHERE hold.participant_id = looked.participant_id AND hold.status = 'confirmed'
                AND hold.first_day <= walked.day AND hold.last_day >= walked.day) AS kept_back,
        EXISTS (SELECT FROM participants_participation AS taken
            WHERE taken.participant_id = looked.participant_id AND taken.status <> 'withdrawn'
                AND taken.starts_on <= walked.day AND taken.ends_on >= walked.day) AS taking_part
    FROM looked
    JOIN participants_participant AS person ON person.id = looked.participant_id
    CROSS JOIN LATERAL (
        SELECT looked.period AS day WHERE looked.item = 'walking_day'
        UNION ALL SELECT looked.period - back FROM generate_series(0, 6) AS back
        WHERE looked.item = 'walking_week'
    ) AS asked
    CROSS JOIN LATERAL (
        SELECT asked.day, least(coalesce(sum(least(hour.steps, %(per_hour)s)), 0), %(per_day)s)
            AS steps
        FROM (
            SELECT max(told.steps) AS steps FROM devices_daysteps AS one,
                unnest(one.hours) WITH ORDINALITY AS told (steps, hour)
            WHERE one.participant_id = looked.participant_id AND one.activity_date = asked.day
            GROUP BY told.hour
        ) AS hour
    ) AS walked
    LEFT JOIN unnest(%(rule_firsts)s::date[], %(rule_lasts)s::date[], %(goals)s::int[],
        %(senior_goals)s::int[], %(daily)s::int[])
        AS rule (first, last, goal, senior_goal, daily_points)
        ON walked.day BETWEEN rule.first AND rule.last
    CROSS JOIN LATERAL (SELECT coalesce(CASE WHEN person.senior_from <= walked.day
        THEN rule.senior_goal ELSE rule.goal END, 2147483647) AS goal,
        coalesce(rule.daily_points, 0) AS daily_points) AS needed
), judged AS (
    SELECT looked.*, told.*, CASE
        WHEN looked.item = 'walking_week'
            THEN CASE WHEN told.good < looked.goal THEN 0 ELSE looked.points END
        WHEN told.good = 0 THEN 0 ELSE least(looked.points, told.daily_points)
    END AS would_be
    FROM looked
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE steps >= goal AND taking_part AND NOT kept_back) AS good,
            bool_or(kept_back) AS kept_back, bool_and(taking_part) AS taking_part,
            max(daily_points) AS daily_points, sum(steps)::int AS steps,
            bool_and(steps >= goal) AS reached
        FROM days WHERE days.id = looked.id
    ) AS told
)
INSERT INTO points_awardreview (award_id, participant_id, cause, awarded, would_be, steps_now,
    note, status, found_by, closed_by, reason, taken)
SELECT id, participant_id, CASE WHEN kept_back THEN 'hold' WHEN NOT taking_part
        AND (item = 'walking_day' OR reached) THEN 'participation'
        WHEN reached AND would_be > 0 THEN 'rule' ELSE 'steps' END,
    points, would_be, steps, '', 'open', %(by)s, '', '', 0
FROM judged WHERE would_be < points
ON CONFLICT (award_id) DO NOTHING RETURNING id
"""
BOUNDS = """
SELECT min(id), max(id) FROM points_award
WHERE period BETWEEN %s AND %s AND points > 0
"""


def find_down_revisions(first: date, last: date, *, by: Actor) -> int:
    """Judge the awards of these days again and list those that would be lower; give how many.

    Each range of awards is a transaction of its own; found again, an award stays as it is listed.
    """
    with connection.cursor() as cursor:
        cursor.execute(BOUNDS, [first, last])
        lowest, highest = cursor.fetchone()
    if lowest is None:
        return 0
    return sum(
        len(revise(first, last, by=by, low=low - 1, high=low - 1 + AWARDS_PER_CHUNK))
        for low in range(lowest, highest + 1, AWARDS_PER_CHUNK)
    )


@transaction.atomic
def revise(
    first: date,
    last: date,
    *,
    by: Actor,
    low: int = BEFORE_EVERYTHING,
    high: int = 2**62,
    people: Iterable[int] | None = None,
) -> list[int]:
    """List the awards of a range that would be lower now; give the new entries."""
    book = read_rulebook()
    # A week reaches back: its first days may be under an earlier rule.
    touched = goals_between(book.rules, date.min, last)
    daily = {rule.effective_from: rule.daily_points for rule in book.rules}
    values: dict[str, Any] = {
        **touched,
        "daily": [daily[start] for start in touched["rule_firsts"]],
        "first": first,
        "last": last,
        "low": low,
        "high": high,
        "people": None if people is None else list(people),
        "per_hour": settings.STEPS_PER_HOUR_LIMIT,
        "per_day": settings.STEPS_PER_DAY_LIMIT,
        "by": by.actor_name,
    }
    with connection.cursor() as cursor:
        cursor.execute(REVISED, values)
        found = [row[0] for row in cursor.fetchall()]
    for review in AwardReview.objects.filter(pk__in=found).order_by("pk"):
        audit.record("opened", review, by=by, cause=review.cause)
    return found


def revise_hold(hold: Hold, *, by: Actor) -> None:
    """List what the days of a confirmed hold had earned before it."""
    revise(hold.first_day, hold.last_day, by=by, people=[hold.participant_id])


@transaction.atomic
def open_review(award: Award, *, would_be: int, why: str, by: StaffUser) -> AwardReview:
    """Ask for an award to be looked at again: a correction by a person, not by a rule."""
    if not why.strip():
        raise ReasonNeeded
    if would_be >= award.points:
        raise NothingLost
    with constraint("points_awardreview_award_id_key", ReviewedAlready()):
        review = AwardReview.objects.create(
            award=award,
            participant=award.participant,
            cause=AwardReview.Cause.CORRECTED,
            awarded=award.points,
            would_be=would_be,
            steps_now=award.steps,
            note=why.strip(),
            found_by=by.actor_name,
        )
    audit.record("opened", review, by=by, cause=review.cause)
    return review


def keep_points(review: AwardReview, *, why: str, by: StaffUser) -> None:
    """Leave the citizen the points, and say why."""
    if not why.strip():
        raise ReasonNeeded
    review.move(
        AwardReview.Status.KEPT,
        by=by,
        why=why,
        reason=why.strip(),
        closed_by=by.actor_name,
        closed_at=clock.now(),
    )

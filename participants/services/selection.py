"""First come, first served: decided by one statement, and the same however often it is asked."""

from django.db import connection, transaction

from participants.errors import DrawnByLot
from participants.models import Application, Lane, Quota, RecruitmentRound
from seoul_health.core import clock
from seoul_health.core.audit import Actor

Status = Application.Status
SERVED_IN_ORDER = (Lane.Method.FIRST_COME, Lane.Method.ROLLING, Lane.Method.WEEKDAY_BY_BIRTH_YEAR)
HELD = (Status.SELECTED, Status.CONFIRMED)
# Whoever came earlier and may still be approved keeps the place; only a decision frees it.
CLAIMS = (
    Status.SUBMITTED, Status.UNDER_REVIEW, Status.ON_HOLD, Status.APPROVED, Status.WAITLISTED,
)  # fmt: skip

GIVE_SEATS = """
WITH placed AS (
    SELECT id, status,
        row_number() OVER (ORDER BY (status = ANY(%(held)s)) DESC, sequence) AS place
    FROM participants_application
    WHERE quota_id = %(quota)s AND status = ANY(%(claims)s)
), moved AS (
    UPDATE participants_application AS application
    SET status = CASE WHEN placed.place <= %(seats)s THEN 'selected' ELSE 'waitlisted' END,
        rank = CASE WHEN placed.place <= %(seats)s THEN NULL ELSE placed.place - %(seats)s END
    FROM placed
    WHERE application.id = placed.id
        AND application.status = placed.status
        AND (placed.status = 'approved'
            OR (placed.status = 'waitlisted' AND placed.place <= %(seats)s))
    RETURNING application.id, application.status, placed.status AS before
), written AS (
    INSERT INTO core_auditevent (actor, verb, subject, detail)
    SELECT %(actor)s, status, 'participants.application:' || id, jsonb_build_object(
        'before', before, 'why', '')
    FROM moved
)
SELECT count(*) FILTER (WHERE status = 'selected') FROM moved
"""


@transaction.atomic
def select_lane(lane: Lane, *, by: Actor) -> int:
    """Give the free seats of a lane to the first eligible in line; give how many were given."""
    if lane.method not in SERVED_IN_ORDER:
        raise DrawnByLot
    with connection.cursor() as cursor:
        # A second pass would count the seats of the first as still free.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"participants.lane:{lane.pk}"],
        )
    return sum(give_seats(quota, by=by) for quota in lane.quotas.order_by("pk"))


def give_seats(quota: Quota, *, by: Actor) -> int:
    terms: dict[str, int | str | list[str]] = {
        "quota": quota.pk,
        "seats": quota.seats,
        "held": [str(status) for status in HELD],
        "claims": [str(status) for status in (*CLAIMS, *HELD)],
        "actor": by.actor_name,
    }
    with connection.cursor() as cursor:
        cursor.execute(GIVE_SEATS, terms)
        return int(cursor.fetchone()[0])


def select_due_lanes(*, by: Actor) -> int:
    """Serve every lane where somebody waits for a decision."""
    return sum(select_lane(lane, by=by) for lane in due_lanes())


def due_lanes() -> list[Lane]:
    """Find lanes served in order with somebody approved, or waiting for a seat that is free."""
    waiting = Quota.objects.filter(
        lane__method__in=SERVED_IN_ORDER,
        lane__round__status__in=[
            RecruitmentRound.Status.ANNOUNCED,
            RecruitmentRound.Status.OPEN,
            RecruitmentRound.Status.CLOSED,
            RecruitmentRound.Status.RUNNING,
        ],
        lane__round__ends_on__gte=clock.today(),
    ).select_related("lane")
    return list({quota.lane_id: quota.lane for quota in waiting if is_due(quota)}.values())


def is_due(quota: Quota) -> bool:
    of_quota = Application.objects.filter(quota=quota)
    if of_quota.filter(status=Status.APPROVED).exists():
        return True
    if not of_quota.filter(status=Status.WAITLISTED).exists():
        return False
    return of_quota.filter(status__in=HELD).count() < quota.seats

"""Puts people on numbered seats: free numbers to the ranked, in one statement per quota."""

from dataclasses import dataclass

from django.db import connection

from participants.models import Application, Lane, Quota
from seoul_health.core.audit import Actor

Status = Application.Status
# Whoever came earlier and may still be approved keeps the place; only a decision frees it.
CLAIMS = (
    Status.SUBMITTED, Status.UNDER_REVIEW, Status.ON_HOLD, Status.APPROVED, Status.WAITLISTED,
)  # fmt: skip
# Further back a place is told once and may only get better: nobody rewrites a million rows.
EXACT_PLACES = 1_000

LINE_OF_QUOTA = """
    SELECT id, status, rank, row_number() OVER line AS place,
        count(*) FILTER (WHERE status IN ('approved', 'waitlisted')) OVER line AS turn
    FROM participants_application
    WHERE quota_id = %(quota)s AND status = ANY(%(claims)s)
    WINDOW line AS (ORDER BY {order} ROWS UNBOUNDED PRECEDING)
"""
LINE_OF_LANE = """
    SELECT waiting.id, waiting.status, waiting.rank, row_number() OVER line AS place,
        row_number() OVER line AS turn
    FROM participants_application AS waiting
    JOIN participants_quota AS own ON own.id = waiting.quota_id
    WHERE own.lane_id = %(lane)s AND waiting.status = 'waitlisted'
    WINDOW line AS (ORDER BY own.spill_order, own.id, waiting.{order})
    ORDER BY place LIMIT %(free)s
"""
# The numbers are an array and no table to join: a join of two lists of unknown length may be
# planned as every pair of them. Those above the highest taken come before the gaps are searched.
SEAT = """
WITH placed AS MATERIALIZED ({line}), wanted AS (
    SELECT count(*)::int AS seats FROM placed
    WHERE place <= %(free)s AND status IN ('approved', 'waitlisted')
), numbers AS MATERIALIZED (
    SELECT array_agg(seat_no ORDER BY seat_no) AS free FROM (
        SELECT generate_series(%(top)s + 1, least(%(seats)s, %(top)s + seats)) FROM wanted
        UNION ALL
        SELECT gap FROM generate_series(1, %(top)s) AS gap
        WHERE (SELECT seats FROM wanted) > %(seats)s - %(top)s AND NOT EXISTS (
            SELECT 1 FROM participants_application
            WHERE seat_id = %(quota)s AND seat_no = gap)
    ) AS found (seat_no)
), seated AS (
    SELECT id, status, rank, place, CASE
        WHEN place <= %(free)s AND status IN ('approved', 'waitlisted')
        THEN (SELECT free FROM numbers)[turn::int] END AS seat_no
    FROM placed
), moved AS (
    UPDATE participants_application AS application
    SET status = CASE WHEN seated.seat_no IS NULL THEN 'waitlisted' ELSE 'selected' END,
        rank = CASE WHEN seated.seat_no IS NULL THEN place - %(free)s END,
        seat_id = CASE WHEN seated.seat_no IS NULL THEN NULL ELSE %(quota)s END,
        seat_no = seated.seat_no
    FROM seated
    WHERE application.id = seated.id
        AND application.status = seated.status
        AND (seated.status = 'approved'
            OR (seated.status = 'waitlisted' AND (seated.seat_no IS NOT NULL
                OR seated.rank IS NULL
                OR (place - %(free)s <= %(exact)s AND seated.rank <> place - %(free)s))))
    RETURNING application.id, application.status, application.seat_no,
        application.quota_id, seated.status AS before
), written AS (
    INSERT INTO core_auditevent (actor, verb, subject, detail)
    SELECT %(actor)s, status, 'participants.application:' || id,
        jsonb_build_object('before', before, 'why', '', 'seat', CASE
            WHEN seat_no IS NOT NULL THEN %(code)s || '/' || seat_no END,
            'spilled', seat_no IS NOT NULL AND quota_id <> %(quota)s)
    FROM moved
    WHERE status <> before
)
SELECT count(*) FROM moved WHERE status = 'selected'
"""


@dataclass(frozen=True, slots=True)
class Room:
    """How full a quota is: its seats, those free, and the highest number that is taken."""

    seats: int
    free: int
    top: int


def room_of(quota: Quota) -> Room:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(max(seat_no), 0) FROM participants_application"
            " WHERE seat_id = %s",
            [quota.pk],
        )
        taken, top = cursor.fetchone()
    return Room(seats=quota.seats, free=max(0, quota.seats - taken), top=top)


def seat_own(quota: Quota, *, by: Actor) -> int:
    """Give a quota's free seats to its own line; list the rest as waiting, with their place."""
    lottery = quota.lane.method == Lane.Method.LOTTERY
    claims = (Status.WAITLISTED,) if lottery else CLAIMS
    return _seat(quota, LINE_OF_QUOTA, room_of(quota), by=by, claims=[str(one) for one in claims])


def seat_spilled(quota: Quota, *, by: Actor) -> int:
    """Give seats a quota has left over to the waiting of its lane's other quotas."""
    room = room_of(quota)
    return _seat(quota, LINE_OF_LANE, room, by=by, lane=quota.lane_id) if room.free else 0


def _seat(quota: Quota, line: str, room: Room, *, by: Actor, **scope: int | list[str]) -> int:
    order = "rank" if quota.lane.method == Lane.Method.LOTTERY else "sequence"
    terms: dict[str, int | str | list[str]] = {
        "quota": quota.pk,
        "code": quota.code,
        "seats": room.seats,
        "free": room.free,
        "top": room.top,
        "exact": EXACT_PLACES,
        "actor": by.actor_name,
        **scope,
    }
    with connection.cursor() as cursor:
        cursor.execute(SEAT.format(line=line.format(order=order)), terms)
        return int(cursor.fetchone()[0])

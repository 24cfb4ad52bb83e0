"""Points expire lot by lot, oldest first, and only while the partner would have paid them out."""

from datetime import date
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import F, Max, Sum
from psycopg import sql

from participants.models import Participant
from participants.rules.messages import spoken_day
from participants.services import notices
from participants.services.notices import Planned
from points.errors import ExpiryNotDue, PartnerIsDown
from points.models import ExpiryRun, Reason, Transfer
from points.services import ledger
from points.services.accounts import steady_plans
from points.services.partner_health import is_dark
from points.services.validity import GRANTED, Validity, read_validity
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

log = structlog.get_logger("expiry")

PURSES_PER_CHUNK = 5_000

HOLD_PURSES = """
SELECT id FROM points_account WHERE kind = 'purse' AND balance > 0 AND id > %s
ORDER BY id LIMIT %s FOR NO KEY UPDATE
"""
# A lot that got points back after it had expired expires again, under the next number.
DUE = sql.SQL("""
    due AS MATERIALIZED (
        SELECT lot.id AS lot_id, lot.target_id AS purse_id, lot.amount - used.amount AS amount,
            'expiry:' || lot.id || ':' || used.expired AS key
        FROM points_transfer AS lot
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(used.amount), 0)::bigint AS amount,
                count(*) FILTER (WHERE spend.reason = 'expiry') AS expired
            FROM points_lotuse AS used
            JOIN points_transfer AS spend ON spend.id = used.transfer_id
            WHERE used.lot_id = lot.id
        ) AS used
        WHERE lot.target_id = ANY(%(purses)s::bigint[]) AND lot.reversal_of_id IS NULL
            AND lot.business_date <= %(cutoff)s AND lot.amount > used.amount
            AND NOT EXISTS (SELECT FROM points_extendedpurse AS member
                WHERE member.purse_id = lot.target_id
                    AND member.extension_id = ANY(%(holding)s::bigint[]))
    ),
""")
TRANSFERS = sql.SQL("""
    SELECT key, purse_id AS source_id,
        (SELECT id FROM points_account WHERE code = 'expired') AS target_id, amount,
        'expiry' AS reason, %(day)s::date AS business_date, '' AS "case",
        NULL::bigint AS reversal_of_id
    FROM due
""")
USES = sql.SQL("""
    , uses AS (
        INSERT INTO points_lotuse (transfer_id, lot_id, amount)
        SELECT posted.id, due.lot_id, posted.amount FROM posted JOIN due ON due.key = posted.key
    )
""")
LEFT_OF = f"""
SELECT lot.business_date, granted.until, sum(rest.points)::bigint
FROM points_account AS purse {GRANTED}
JOIN points_transfer AS lot ON lot.target_id = purse.id AND lot.reversal_of_id IS NULL
    AND lot.business_date <= %(cutoff)s
CROSS JOIN LATERAL (
    SELECT lot.amount - coalesce(sum(used.amount), 0) AS points
    FROM points_lotuse AS used WHERE used.lot_id = lot.id
) AS rest
WHERE purse.participant_id = %(person)s AND rest.points > 0
GROUP BY lot.business_date, granted.until
"""  # noqa: S608 — our own text


def expire_points(*, by: Actor, day: date | None = None) -> ExpiryRun:
    """Take what has expired out of every purse: carry on with a run, or start one."""
    return carry_on(ExpiryRun.objects.running().first() or start_run(day, by=by), by=by)


@transaction.atomic
def start_run(day: date | None = None, *, by: Actor) -> ExpiryRun:
    """Open a run for a day that has come; nobody loses points while the partner is down."""
    refuse_while_dark()
    due = day or clock.today()
    if due > clock.today():
        raise ExpiryNotDue(day=due)
    run, is_new = ExpiryRun.objects.get_or_create(
        status=ExpiryRun.Status.RUNNING, defaults={"day": due, "asked_by": by.actor_name}
    )
    if is_new:
        audit.record("planned", run, by=by)
    return run


def refuse_while_dark() -> None:
    if is_dark():
        log.warning("expiry_waits_for_the_partner")
        raise PartnerIsDown


def carry_on(run: ExpiryRun, *, by: Actor) -> ExpiryRun:
    """Work through the purses from where the run was left."""
    while expire_chunk(run, by=by):
        pass
    run.refresh_from_db()
    log.info("points_expired", run=run.pk, people=run.people, points=run.points)
    return run


@transaction.atomic
def expire_chunk(run: ExpiryRun, *, by: Actor) -> bool:
    """Let the lots of the next purses expire, or close the run; say whether there is more."""
    refuse_while_dark()
    held = ExpiryRun.objects.running().select_for_update().filter(pk=run.pk).first()
    if held is None:
        return False
    purses = hold_purses(held.reached_id)
    if not purses:
        held.move(ExpiryRun.Status.DONE, by=by, finished_at=clock.now())
        return False
    steady_plans()
    last = Transfer.objects.aggregate(last=Max("pk"))["last"] or 0
    lots, points = ledger.post_many(
        TRANSFERS, due_on(held.day, purses, read_validity()), given=DUE, then=USES
    )
    losers = lost_since(last, purses)
    notices.plan("points_expired", (message(held, *loser) for loser in losers))
    ExpiryRun.objects.filter(pk=held.pk).update(
        reached_id=purses[-1],
        people=F("people") + len(losers),
        lots=F("lots") + lots,
        points=F("points") + points,
    )
    return True


def hold_purses(after: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(HOLD_PURSES, [after, PURSES_PER_CHUNK])
        return [purse for (purse,) in cursor.fetchall()]


def due_on(day: date, purses: list[int], validity: Validity) -> dict[str, Any]:
    """Say what has expired by a day, and which extensions still hold."""
    holding = [pk for pk, until in validity.extended.items() if until > day]
    return {"day": day, "purses": purses, "cutoff": validity.cutoff(day), "holding": holding}


def lost_since(last: int, purses: list[int]) -> list[tuple[int, int, int, int]]:
    """Give purse, person, points lost and balance left of everybody this chunk took from."""
    posted = Transfer.objects.filter(source__in=purses, pk__gt=last, reason=Reason.EXPIRY)
    of_purse = posted.values_list("source_id", "source__participant_id", "source__balance")
    lost = of_purse.annotate(lost=Sum("amount")).order_by("source_id")
    return [(purse, person, points, left) for purse, person, left, points in lost]


def message(run: ExpiryRun, purse: int, person: int, points: int, left: int) -> Planned:
    values = {"day": spoken_day(run.day), "points": f"{points:,}", "balance": f"{left:,}"}
    return Planned(person, f"{run.pk}:{purse}", values)


def expiring_soon(participant: Participant, *, until: date) -> list[tuple[date, int]]:
    """Give the days on which points of a person would expire, and how many."""
    validity = read_validity()
    terms = {
        "person": participant.pk,
        "cutoff": validity.cutoff(until),
        **validity.extensions(),
    }
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OF, terms)
        rows = cursor.fetchall()
    ends: dict[date, int] = {}
    for earned_on, extended, points in rows:
        ends_on = max(validity.expires_on(earned_on), extended or earned_on)
        if ends_on <= until:
            ends[ends_on] = ends.get(ends_on, 0) + points
    return sorted(ends.items())

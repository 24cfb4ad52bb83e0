"""Points expire oldest first: what was earned long enough ago and has not been spent since."""

from dataclasses import dataclass
from datetime import date, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from participants.models import Participant
from points.models import Transfer
from points.rules.expiry import Lot, lots_left
from points.services import ledger
from points.services.accounts import lock_purses, steady_plans
from points.services.payouts import stuck_since
from seoul_health.core import clock
from seoul_health.core.audit import Actor

log = structlog.get_logger("expiry")

PURSES_PER_CHUNK = 5_000
PARTNER_IS_DOWN_AFTER = timedelta(hours=1)

# Points given back by a refused payout were never spent; whatever left the purse took the oldest.
EXPIRING = sql.SQL("""
    SELECT purse.id AS purse_id, purse.participant_id, greatest(0,
        coalesce((SELECT sum(amount) FROM points_transfer WHERE target_id = purse.id
            AND reason <> 'payout_refused' AND business_date <= %(cutoff)s), 0)
        + coalesce((SELECT sum(amount) FROM points_transfer WHERE target_id = purse.id
            AND reason = 'payout_refused'), 0)
        - coalesce((SELECT sum(amount) FROM points_transfer WHERE source_id = purse.id), 0)
    )::bigint AS amount
    FROM points_account AS purse
    WHERE purse.kind = 'purse' AND purse.balance > 0 AND {purses}
""")
RANGE = sql.SQL("purse.id > %(after)s")
HELD = sql.SQL("purse.participant_id = ANY(%(people)s::bigint[])")
EVERYBODY = sql.SQL("true")
TRANSFERS = sql.SQL("""
    SELECT 'expiry:' || purse_id || ':' || (
            SELECT count(*) FROM points_transfer AS past
            WHERE past.source_id = purse_id AND past.reason = 'expiry'
        ) AS key, purse_id AS source_id,
        (SELECT id FROM points_account WHERE code = 'expired') AS target_id, amount,
        'expiry' AS reason, %(today)s::date AS business_date, '' AS "case",
        NULL::bigint AS reversal_of_id
    FROM ({expiring}) AS expiring WHERE amount > 0
""").format(expiring=EXPIRING.format(purses=HELD))


@dataclass(frozen=True, slots=True)
class Preview:
    """What an expiry would take, before anybody runs it."""

    cutoff: date
    purses: int
    points: int


def cutoff_of(day: date) -> date:
    """Give the last earning day whose points have expired when a day begins."""
    return clock.add_months(day, -settings.POINT_VALIDITY_MONTHS) - timedelta(days=1)


def preview_expiry(day: date) -> Preview:
    """Count what would expire on a day, as things stand now."""
    cutoff = cutoff_of(day)
    query = sql.SQL("SELECT count(*), coalesce(sum(amount), 0) FROM ({rows}) r WHERE amount > 0")
    with connection.cursor() as cursor:
        rows = EXPIRING.format(purses=EVERYBODY)
        cursor.execute(query.format(rows=rows), {"cutoff": cutoff})
        purses, points = cursor.fetchone()
    return Preview(cutoff, purses, int(points))


def expire_points(*, by: Actor, day: date | None = None) -> tuple[int, int]:
    """Take what has expired out of every purse; nothing while payouts are stuck.

    Nobody loses points because the operator was down and they could not be paid out.
    """
    if stuck_since(clock.now() - PARTNER_IS_DOWN_AFTER):
        log.warning("expiry_waits_for_the_partner")
        return 0, 0
    today = day or clock.today()
    cutoff = cutoff_of(today)
    purses = points = after = 0
    while chunk := next_purses(cutoff, after):
        after = chunk[-1][0]
        count, amount = expire_chunk([person for _, person in chunk], cutoff, today)
        purses, points = purses + count, points + amount
    log.info("points_expired", purses=purses, points=points, by=by.actor_name)
    return purses, points


def next_purses(cutoff: date, after: int) -> list[tuple[int, int]]:
    query = sql.SQL("""
        SELECT purse_id, participant_id FROM ({rows}) AS r WHERE amount > 0
        ORDER BY purse_id LIMIT %(size)s
    """).format(rows=EXPIRING.format(purses=RANGE))
    with connection.cursor() as cursor:
        cursor.execute(query, {"cutoff": cutoff, "after": after, "size": PURSES_PER_CHUNK})
        return list(cursor.fetchall())


@transaction.atomic
def expire_chunk(people: list[int], cutoff: date, today: date) -> tuple[int, int]:
    steady_plans()
    lock_purses(people)
    return ledger.post_many(TRANSFERS, {"people": people, "cutoff": cutoff, "today": today})


def expiring_soon(participant: Participant, *, until: date) -> list[tuple[date, int]]:
    """Give the days on which points of a person would expire, and how many."""
    transfers = Transfer.objects.filter(target__participant=participant)
    given_back = transfers.filter(reason="payout_refused")
    lots = [
        Lot(day, amount)
        for day, amount in transfers.exclude(reason="payout_refused").values_list(
            "business_date", "amount"
        )
    ]
    spent_rows = Transfer.objects.filter(source__participant=participant)
    spent = sum(spent_rows.values_list("amount", flat=True))
    spent -= sum(given_back.values_list("amount", flat=True))
    ends: dict[date, int] = {}
    for lot in lots_left(lots, spent):
        ends_on = clock.add_months(lot.earned_on, settings.POINT_VALIDITY_MONTHS)
        ends_on += timedelta(days=1)
        if ends_on <= until:
            ends[ends_on] = ends.get(ends_on, 0) + lot.amount
    return sorted(ends.items())

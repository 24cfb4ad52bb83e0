"""The proof: every day has its award or its reason, every point its day, every payout its points.

Read in one snapshot, with no trust in constraints or triggers: they may have been switched off.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from psycopg import sql

from points.models import Proof
from points.rules.earning import Rule
from points.services import proof_budgets, proof_campaigns, proof_holds, proof_lots
from points.services.awards import WEEK_GRACE
from points.services.book_hash import Seal, hash_book
from points.services.due import REACHED, TOTALS, goals_between, limits
from points.services.held import on_hold
from points.services.pots import derive_pots
from points.services.rulebook import read_rulebook
from seoul_health.core import clock
from seoul_health.core.audit import Actor

log = structlog.get_logger("proof")

BEFORE_EVERYTHING = date(2020, 1, 1)
EVERYBODY = sql.SQL("true")
TAKEN = sql.SQL("""
    SELECT id FROM participants_participation AS taken
    WHERE taken.participant_id = reached.participant_id AND taken.status <> 'withdrawn'
""")
DAY_WAITS = proof_budgets.waits(
    person="reached.participant_id", item="walking_day", period="reached.activity_date"
)
WEEK_WAITS = proof_budgets.waits(
    person="due.participant_id", item="walking_week", period="due.sunday"
)
HELD = on_hold(person="reached.participant_id", day="activity_date")
DAYS_WITHOUT_AWARD = sql.SQL("""
    SELECT count(*) FROM (SELECT * FROM reached WHERE activity_date < %(today)s) AS reached
    WHERE EXISTS ({taken}
            AND taken.starts_on <= activity_date AND taken.ends_on >= activity_date)
        AND NOT EXISTS (SELECT FROM points_award AS award
            WHERE award.participant_id = reached.participant_id AND award.item = 'walking_day'
                AND award.period = reached.activity_date)
        AND NOT EXISTS ({waits})
""")
# A hold is the recorded reason of a day without an award.
DAYS_ON_HOLD = sql.SQL("{days} AND EXISTS ({held})").format(
    days=DAYS_WITHOUT_AWARD.format(taken=TAKEN, waits=DAY_WAITS), held=HELD
)
DAYS_FORGOTTEN = sql.SQL("{days} AND NOT EXISTS ({held})").format(
    days=DAYS_WITHOUT_AWARD.format(taken=TAKEN, waits=DAY_WAITS), held=HELD
)
WEEKS_WITHOUT_AWARD = sql.SQL("""
    SELECT count(*) FROM (
        SELECT reached.participant_id, week.sunday
        FROM reached
        CROSS JOIN LATERAL (SELECT (date_trunc('week', activity_date)::date + 6) AS sunday) AS week
        JOIN unnest(%(week_firsts)s::date[], %(week_lasts)s::date[], %(week_days)s::int[],
            %(week_ends)s::boolean[]) AS rule (first, last, days, needs_weekend)
            ON week.sunday BETWEEN rule.first AND rule.last
        WHERE week.sunday <= %(closed)s
            AND EXISTS ({taken}
                AND taken.starts_on <= activity_date AND taken.ends_on >= activity_date)
            AND NOT EXISTS ({held})
        GROUP BY reached.participant_id, week.sunday
        HAVING count(*) >= min(rule.days) AND (NOT bool_or(rule.needs_weekend)
            OR bool_or(extract(isodow FROM activity_date) > 5))
    ) AS due
    WHERE NOT EXISTS (SELECT FROM points_award AS award
        WHERE award.participant_id = due.participant_id AND award.item = 'walking_week'
            AND award.period = due.sunday)
        AND NOT EXISTS ({waits})
""").format(taken=TAKEN, held=HELD, waits=WEEK_WAITS)
AWARDS_WITHOUT_DAY = sql.SQL("""
    SELECT count(*) FROM points_award AS award
    LEFT JOIN (SELECT participant_id, activity_date FROM reached) AS day
        ON award.item = 'walking_day' AND day.participant_id = award.participant_id
        AND day.activity_date = award.period
    LEFT JOIN (
        SELECT participant_id, (date_trunc('week', activity_date)::date + 6) AS sunday,
            count(*) AS days
        FROM reached GROUP BY 1, 2
    ) AS week
        ON award.item = 'walking_week' AND week.participant_id = award.participant_id
        AND week.sunday = award.period
    WHERE day.participant_id IS NULL AND coalesce(week.days, 0) < greatest(award.goal, 1)
        AND award.item IN ('walking_day', 'walking_week')
        AND NOT EXISTS (SELECT FROM points_awardreview WHERE award_id = award.id)
""")
WITH_REACHED = sql.SQL("""
    WITH reached AS MATERIALIZED ({reached})
    SELECT (SELECT count(*) FROM reached), ({days}), ({weeks}), ({awards}), ({held})
""").format(
    reached=REACHED.format(totals=TOTALS.format(people=EVERYBODY)),
    days=DAYS_FORGOTTEN,
    held=DAYS_ON_HOLD,
    weeks=WEEKS_WITHOUT_AWARD,
    awards=AWARDS_WITHOUT_DAY,
)

# Each counts what must not exist.
GAPS = {
    "awarded_twice": """
        SELECT count(*) FROM (SELECT FROM points_award GROUP BY participant_id, item, period
            HAVING count(*) > 1) AS twice""",
    "awards_without_their_transfer": """
        SELECT count(*) FROM points_award AS award
        LEFT JOIN points_transfer AS transfer ON transfer.id = award.transfer_id
        LEFT JOIN points_account AS purse ON purse.id = transfer.target_id
        WHERE (award.points > 0) <> (transfer.id IS NOT NULL)
            OR transfer.amount <> award.points OR transfer.reason <> award.item
            OR transfer.business_date <> award.period
            OR purse.participant_id IS DISTINCT FROM award.participant_id AND award.points > 0""",
    "transfers_without_their_award": """
        SELECT count(*) FROM points_transfer AS transfer
        WHERE transfer.reason IN ('walking_day', 'walking_week')
            AND NOT EXISTS (SELECT FROM points_award WHERE transfer_id = transfer.id)""",
    "wrong_balances": """
        SELECT count(*) FROM points_account AS account
        LEFT JOIN (SELECT account_id, sum(change) AS held FROM (
                SELECT target_id AS account_id, amount AS change FROM points_transfer
                UNION ALL SELECT source_id, -amount FROM points_transfer) AS legs
            GROUP BY account_id) AS book ON book.account_id = account.id
        WHERE account.kind = 'purse' AND account.balance <> coalesce(book.held, 0)
            OR account.balance < 0 OR account.kind = 'pot' AND account.balance <> 0""",
    "payouts_without_their_transfer": """
        SELECT count(*) FROM points_payout AS payout
        LEFT JOIN points_transfer AS transfer ON transfer.id = payout.transfer_id
        LEFT JOIN points_account AS purse ON purse.id = transfer.source_id
        WHERE transfer.id IS NULL OR transfer.amount <> payout.amount
            OR transfer.reason <> 'payout'
            OR purse.participant_id IS DISTINCT FROM payout.participant_id""",
    "transfers_without_their_payout": """
        SELECT count(*) FROM points_transfer AS transfer WHERE transfer.reason = 'payout'
            AND NOT EXISTS (SELECT FROM points_payout WHERE transfer_id = transfer.id)""",
    "payouts_not_booked_as_they_ended": """
        SELECT count(*) FROM points_payout AS payout
        LEFT JOIN points_transfer AS paid ON paid.key = 'payout-paid:' || payout.reference
            AND paid.amount = payout.amount
        LEFT JOIN points_transfer AS back ON back.reversal_of_id = payout.transfer_id
            AND back.amount = payout.amount
        WHERE (payout.status = 'paid') <> (paid.id IS NOT NULL)
            OR (payout.status = 'refused') <> (back.id IS NOT NULL)""",
    "adjustments_not_booked_as_decided": """
        SELECT count(*) FROM points_adjustment AS adjustment
        LEFT JOIN points_transfer AS transfer ON transfer.id = adjustment.transfer_id
        LEFT JOIN points_account AS purse ON purse.id
            = CASE WHEN adjustment.amount > 0 THEN transfer.target_id ELSE transfer.source_id END
        WHERE (adjustment.status = 'approved') <> (transfer.id IS NOT NULL)
            OR transfer.amount <> abs(adjustment.amount) OR transfer.reason <> 'adjustment'
            OR transfer.id IS NOT NULL
                AND purse.participant_id IS DISTINCT FROM adjustment.participant_id""",
    "transfers_without_their_adjustment": """
        SELECT count(*) FROM points_transfer AS transfer WHERE transfer.reason = 'adjustment'
            AND NOT EXISTS (SELECT FROM points_adjustment WHERE transfer_id = transfer.id)""",
    "points_in_transit_without_a_payout": """
        SELECT abs(coalesce((SELECT sum(amount) FROM points_payout
                WHERE status IN ('requested', 'sending', 'unknown')), 0)
            - coalesce((SELECT sum(amount) FROM points_transfer WHERE target_id = pot.id), 0)
            + coalesce((SELECT sum(amount) FROM points_transfer WHERE source_id = pot.id), 0))
        FROM points_account AS pot WHERE pot.code = 'payouts-in-transit'""",
}
COUNTS = {
    "participants": "SELECT count(*) FROM participants_participant",
    "awards": "SELECT count(*) FROM points_award",
    "awards_of_zero": "SELECT count(*) FROM points_award WHERE points = 0",
    "transfers": "SELECT count(*) FROM points_transfer",
    "payouts": "SELECT count(*) FROM points_payout",
    "purses": "SELECT count(*) FROM points_account WHERE kind = 'purse'",
    "points_in_purses": "SELECT coalesce(sum(balance), 0)::bigint FROM points_account",
}
MORE = (proof_lots, proof_holds, proof_budgets, proof_campaigns)
ALL_GAPS = {**GAPS, **{name: query for part in MORE for name, query in part.GAPS.items()}}
ALL_COUNTS = {**COUNTS, **{name: query for part in MORE for name, query in part.COUNTS.items()}}


def prove(*, by: Actor, settled_for: timedelta | None = None) -> Proof:
    """Check the whole book against the days and the payouts, and keep the finding."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            if not connection.savepoint_ids:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        counts, gaps = count_days()
        counts |= {name: scalar(query) for name, query in ALL_COUNTS.items()}
        gaps |= {name: scalar(query) for name, query in ALL_GAPS.items()}
        pots = derive_pots()
        gaps |= pots.wrong
        gaps["total_is_not_zero"] = abs(counts["points_in_purses"] + sum(pots.sums.values()))
        book = hash_book(last_seal(), settled_for=settled_for)
        gaps["history_changed"] = int(book.changed)
    found = {name: count for name, count in gaps.items() if count}
    proof = Proof.objects.create(
        asked_by=by.actor_name,
        ok=not found,
        counts={**counts, "pots": pots.sums},
        gaps=found,
        root_hash=book.root,
        sealed_id=book.seal.last_id,
        sealed_hash=book.seal.root,
    )
    log.info("points_proved", proof=proof.pk, ok=proof.ok, gaps=found)
    return proof


def count_days() -> tuple[dict[str, int], dict[str, int]]:
    """Count goal days, and days, weeks and awards that do not belong together."""
    today = clock.today()
    rules = read_rulebook().rules
    values: dict[str, Any] = {
        **limits(BEFORE_EVERYTHING, today),
        **goals_between(rules, BEFORE_EVERYTHING, today),
        **weeks(rules),
        "today": today,
        "closed": today - WEEK_GRACE - timedelta(days=1),
    }
    with connection.cursor() as cursor:
        cursor.execute(WITH_REACHED, values)
        reached, days, week_gaps, awards, held = cursor.fetchone()
    counts = {"goal_days": reached, "goal_days_on_hold": held}
    gaps = {
        "days_without_award": days,
        "weeks_without_award": week_gaps,
        "awards_without_day": awards,
    }
    return counts, gaps


def weeks(rules: Iterable[Rule]) -> dict[str, Any]:
    bonus = [rule for rule in rules if rule.weekly_points]
    return {
        "week_firsts": [rule.effective_from for rule in bonus],
        "week_lasts": [rule.effective_to or date.max for rule in bonus],
        "week_days": [rule.weekly_days for rule in bonus],
        "week_ends": [rule.weekly_needs_weekend for rule in bonus],
    }


def scalar(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def last_seal() -> Seal | None:
    """Give what the last proof sealed, whatever else it found."""
    proof = Proof.objects.exclude(sealed_hash="").order_by("-pk").first()
    return Seal(proof.sealed_id, proof.sealed_hash) if proof else None

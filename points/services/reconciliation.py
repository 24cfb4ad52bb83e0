"""Our payouts of a day against the operator's own file. Differences are shown, not corrected.

What agrees is counted, not copied: file digest, file and payouts give every matched line again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

import structlog
from django.db import connection, transaction

from points.errors import FileContradicts
from points.gateways.wallet import FileLine, Mismatch, Receipt, Unreachable, Wallet
from points.models import Operator, Payout, Reconciliation, ReconciliationLine
from points.services.payouts import settle_payout
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import PartnerUnavailable

log = structlog.get_logger("reconciliation")
Kind = ReconciliationLine.Kind

STAGE = """
CREATE TEMPORARY TABLE wallet_file (
    reference text NOT NULL, amount bigint NOT NULL, receipt_no text NOT NULL,
    paid_at timestamptz NOT NULL
) ON COMMIT DROP
"""
# One pass: every line of the file beside the payout we booked as paid that day, if there is one.
# What does not agree is kept, and beside it how many payouts there were at that very moment. The
# rare line without a payout of that day is looked up by its reference afterwards.
ODD = """
CREATE TEMPORARY TABLE odd ON COMMIT DROP AS
SELECT theirs.reference AS their_reference, theirs.amount AS their_amount, theirs.receipt_no,
    theirs.paid_at, ours.reference AS our_reference, ours.id AS payout_id,
    ours.amount AS our_amount, NULL::bigint AS booked
FROM wallet_file AS theirs FULL JOIN (
    SELECT id, reference, amount FROM points_payout
    WHERE operator_id = %(operator)s AND paid_at >= %(starts)s AND paid_at < %(ends)s
) AS ours ON ours.reference = theirs.reference
WHERE ours.id IS NULL OR theirs.reference IS NULL OR ours.amount <> theirs.amount
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, count(*) FROM points_payout
WHERE operator_id = %(operator)s AND paid_at >= %(starts)s AND paid_at < %(ends)s
"""
ODD_SUMS = """
SELECT count(their_reference), count(DISTINCT their_reference),
    coalesce(sum(their_amount), 0)::bigint,
    count(*) FILTER (WHERE their_reference IS NOT NULL AND payout_id IS NOT NULL),
    count(*) FILTER (WHERE their_reference IS NULL AND payout_id IS NOT NULL), max(booked)
FROM odd
"""
# A line that was repeated is one line; two different payments under one reference are added up.
TIDY_REPEATS = """
CREATE TEMPORARY TABLE once ON COMMIT DROP AS
SELECT reference, sum(amount)::bigint AS amount, any_value(receipt_no) AS receipt_no,
    any_value(paid_at) AS paid_at
FROM (SELECT DISTINCT * FROM wallet_file) AS one GROUP BY reference;
DROP TABLE wallet_file, odd;
ALTER TABLE once RENAME TO wallet_file;
ANALYZE wallet_file;
"""
# What differs, or answers an open question, becomes a line.
LINES = """
WITH compared AS (
    SELECT coalesce(their_reference, our_reference) AS reference,
        coalesce(odd.payout_id, known.id) AS payout_id,
        coalesce(odd.our_amount, known.amount) AS our_amount, odd.their_amount,
        coalesce(odd.receipt_no, booked.receipt_no) AS receipt_no,
        coalesce(odd.paid_at, booked.paid_at) AS paid_at, known.status,
        CASE
            WHEN odd.their_reference IS NULL THEN 'ours_only'
            WHEN odd.payout_id IS NOT NULL THEN 'amount_differs'
            WHEN known.id IS NULL OR known.status IN ('refused', 'requested') THEN 'theirs_only'
            WHEN known.amount <> odd.their_amount THEN 'amount_differs'
            ELSE 'matched'
        END AS kind
    FROM odd
    LEFT JOIN points_payout AS known ON odd.payout_id IS NULL
        AND known.reference = odd.their_reference AND known.operator_id = %(operator)s
    LEFT JOIN points_payout AS booked ON booked.id = odd.payout_id
    WHERE odd.booked IS NULL
), lines AS (
    INSERT INTO points_reconciliationline (reconciliation_id, kind, reference, payout_id,
        our_amount, their_amount, receipt_no, paid_at)
    SELECT %(reconciliation)s, kind, reference, payout_id, our_amount, their_amount, receipt_no,
        paid_at
    FROM compared WHERE kind <> 'matched' OR status IN ('sending', 'unknown')
    ORDER BY reference RETURNING id, kind, reference
), differences AS (
    INSERT INTO points_difference (operator_id, day, reference, line_id, status, resolution, note)
    SELECT %(operator)s, %(day)s, reference, id, 'open', '', '' FROM lines
    WHERE kind <> 'matched'
    ON CONFLICT (operator_id, day, reference) DO NOTHING
)
SELECT count(*) FILTER (WHERE kind = 'matched'), count(*) FILTER (WHERE kind = 'ours_only'),
    count(*) FILTER (WHERE kind = 'theirs_only'), count(*) FILTER (WHERE kind = 'amount_differs'),
    coalesce(sum(our_amount), 0)::bigint, coalesce(sum(their_amount), 0)::bigint
FROM compared
"""
ROOM_TO_COMPARE = "SET LOCAL work_mem = '192MB'; SET LOCAL jit = off"


@dataclass(frozen=True, slots=True)
class Totals:
    """How many lines the staged file has, and their sum."""

    lines: int
    amount: int


def reconcile(day: date, operator: Operator, *, wallet: Wallet, by: Actor) -> Reconciliation:
    """Compare a day with the operator's file, and let the file answer what was unknown."""
    lines = read_file(day, operator, wallet)
    comparison = compare(day, operator, lines, by=by)
    resolve_from_file(comparison, by=by)
    comparison.refresh_from_db()
    return comparison


def read_file(day: date, operator: Operator, wallet: Wallet) -> Iterator[FileLine]:
    """Fetch and check the whole file before anything is written."""
    try:
        lines = wallet.daily_file(day)
        first = next(lines, None)
    except Unreachable as silence:
        raise PartnerUnavailable(partner=operator.name) from silence
    except Mismatch as contradiction:
        raise FileContradicts(why=str(contradiction)) from contradiction
    return chain([first] if first else [], lines)


@transaction.atomic
def compare(
    day: date, operator: Operator, lines: Iterator[FileLine], *, by: Actor
) -> Reconciliation:
    """Compare lines that were read and checked before."""
    count = total = 0
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy("COPY wallet_file FROM STDIN") as copy:
            for line in lines:
                copy.write_row((line.reference, line.amount, line.receipt_no, line.paid_at))
                count, total = count + 1, total + line.amount
    return compare_staged(day, operator, Totals(count, total), by=by)


def compare_staged(
    day: date, operator: Operator, theirs: Totals, *, by: Actor, digest: str = ""
) -> Reconciliation:
    """Write down what the staged file and our payouts tell differently."""
    comparison = Reconciliation.objects.create(
        day=day, operator=operator, asked_by=by.actor_name, file_digest=digest
    )
    values: dict[str, Any] = {
        "reconciliation": comparison.pk,
        "operator": operator.pk,
        "day": day,
        "starts": clock.day_starts(day),
        "ends": clock.day_ends(day),
    }
    sums = compared_sums(theirs, values)
    Reconciliation.objects.filter(pk=comparison.pk).update(**sums)
    audit.record("reconciled", comparison, by=by)
    return comparison


def compared_sums(theirs: Totals, values: dict[str, Any]) -> dict[str, int]:
    """Set the odd lines apart and write them down; the rest agrees and is counted."""
    with connection.cursor() as cursor:
        cursor.execute(ROOM_TO_COMPARE)
        cursor.execute(ODD, values)
        agreed, agreed_sum = agreeing(cursor, theirs)
        if agreed is None:
            cursor.execute(TIDY_REPEATS)
            cursor.execute("SELECT count(*), coalesce(sum(amount), 0)::bigint FROM wallet_file")
            theirs = Totals(*cursor.fetchone())
            cursor.execute(ODD, values)
            agreed, agreed_sum = agreeing(cursor, theirs)
            assert agreed is not None, "a file without repeats agrees line by line"
        cursor.execute(LINES, values)
        matched, ours_only, theirs_only, differs, our_sum, their_sum = cursor.fetchone()
        cursor.execute("DROP TABLE wallet_file, odd")
    return {
        "matched": agreed + matched,
        "ours_only": ours_only,
        "theirs_only": theirs_only,
        "amount_differs": differs,
        "our_total": agreed_sum + our_sum,
        "their_total": agreed_sum + their_sum,
    }


def agreeing(cursor: Any, theirs: Totals) -> tuple[int | None, int]:
    """Count the lines that agree, or give nothing when a reference comes more than once.

    Without repeats, the payouts found in the file are exactly the lines found among the payouts.
    """
    cursor.execute(ODD_SUMS)
    lines, references, amount, differing, ours_only, booked = cursor.fetchone()
    agreed = theirs.lines - lines
    if lines != references or agreed + differing != booked - ours_only:
        return None, 0
    return agreed, theirs.amount - amount


def resolve_from_file(comparison: Reconciliation, *, by: Actor) -> None:
    """Settle payouts that were unknown and stand in the file with their own amount."""
    open_payouts = [Payout.Status.UNKNOWN, Payout.Status.SENDING]
    found = comparison.lines.filter(kind=Kind.MATCHED, payout__status__in=open_payouts)
    resolved = 0
    for line in found.select_related("payout"):
        if line.payout and line.paid_at and not line.payout.problem:
            receipt = Receipt(
                line.receipt_no, line.reference, line.payout.amount, line.paid_at, duplicate=True
            )
            settle_payout(line.payout, receipt, by=by)
            resolved += 1
    Reconciliation.objects.filter(pk=comparison.pk).update(resolved=resolved)

"""Our payouts of a day against the operator's own file. Differences are shown, not corrected."""

from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import Any

import structlog
from django.db import connection, transaction

from points.errors import FileContradicts
from points.gateways.wallet import FileLine, Mismatch, Receipt, Unreachable, Wallet
from points.models import Payout, Reconciliation, ReconciliationLine
from points.services.payouts import settle_payout
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import PartnerUnavailable

log = structlog.get_logger("reconciliation")
Kind = ReconciliationLine.Kind

STAGE = """
CREATE TEMPORARY TABLE wallet_file (
    reference text, amount bigint, receipt_no text, paid_at timestamptz
) ON COMMIT DROP
"""
COMPARE = """
WITH theirs AS (
    SELECT DISTINCT reference, amount, receipt_no, paid_at FROM wallet_file
), one_each AS (
    SELECT reference, sum(amount) AS amount, min(receipt_no) AS receipt_no, min(paid_at) AS paid_at
    FROM theirs GROUP BY reference
), compared AS (
    SELECT coalesce(theirs.reference, ours.reference) AS reference, ours.id AS payout_id,
        ours.amount AS our_amount, theirs.amount AS their_amount,
        coalesce(theirs.receipt_no, ours.receipt_no, '') AS receipt_no,
        coalesce(theirs.paid_at, ours.paid_at) AS paid_at,
        CASE
            WHEN theirs.reference IS NULL THEN 'ours_only'
            WHEN ours.id IS NULL OR ours.status IN ('refused', 'requested') THEN 'theirs_only'
            WHEN ours.amount <> theirs.amount THEN 'amount_differs'
            ELSE 'matched'
        END AS kind
    FROM one_each AS theirs
    FULL JOIN (
        SELECT id, reference, amount, status, receipt_no, paid_at FROM points_payout
        WHERE paid_at >= %(starts)s AND paid_at < %(ends)s
            OR reference IN (SELECT reference FROM one_each)
    ) AS ours ON ours.reference = theirs.reference
)
INSERT INTO points_reconciliationline (
    reconciliation_id, kind, reference, payout_id, our_amount, their_amount, receipt_no, paid_at
)
SELECT %(reconciliation)s, kind, reference, payout_id, our_amount, their_amount, receipt_no, paid_at
FROM compared ORDER BY reference
"""
SUMS = """
SELECT count(*) FILTER (WHERE kind = 'matched'), count(*) FILTER (WHERE kind = 'ours_only'),
    count(*) FILTER (WHERE kind = 'theirs_only'), count(*) FILTER (WHERE kind = 'amount_differs'),
    coalesce(sum(our_amount), 0)::bigint, coalesce(sum(their_amount), 0)::bigint
FROM points_reconciliationline WHERE reconciliation_id = %s
"""


def reconcile(day: date, *, wallet: Wallet, by: Actor) -> Reconciliation:
    """Compare a day with the operator's file, and let the file answer what was unknown."""
    lines = read_file(day, wallet)
    comparison = compare(day, lines, by=by)
    resolve_from_file(comparison, by=by)
    comparison.refresh_from_db()
    return comparison


def read_file(day: date, wallet: Wallet) -> Iterator[FileLine]:
    """Fetch and check the whole file before anything is written."""
    try:
        lines = wallet.daily_file(day)
        first = next(lines, None)
    except Unreachable as silence:
        raise PartnerUnavailable(partner="Seoul Pay") from silence
    except Mismatch as contradiction:
        raise FileContradicts(why=str(contradiction)) from contradiction
    return chain([first] if first else [], lines)


@transaction.atomic
def compare(day: date, lines: Iterator[FileLine], *, by: Actor) -> Reconciliation:
    """Write down every reference either side knows, and how the two agree."""
    comparison = Reconciliation.objects.create(day=day, asked_by=by.actor_name)
    values: dict[str, Any] = {
        "reconciliation": comparison.pk,
        "starts": clock.day_starts(day),
        "ends": clock.day_ends(day),
    }
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy("COPY wallet_file FROM STDIN") as copy:
            for line in lines:
                copy.write_row((line.reference, line.amount, line.receipt_no, line.paid_at))
        cursor.execute(COMPARE, values)
        cursor.execute("DROP TABLE wallet_file")
        cursor.execute(SUMS, [comparison.pk])
        sums = cursor.fetchone()
    names = (
        "matched", "ours_only", "theirs_only", "amount_differs", "our_total", "their_total",
    )  # fmt: skip
    Reconciliation.objects.filter(pk=comparison.pk).update(**dict(zip(names, sums, strict=True)))
    audit.record("reconciled", comparison, by=by)
    return comparison


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

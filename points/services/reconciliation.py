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
    reference text NOT NULL, amount bigint NOT NULL, receipt_no text NOT NULL,
    paid_at timestamptz NOT NULL
) ON COMMIT DROP
"""
# The partner may repeat a line; two different payments under one reference are added up.
THEIRS = """
CREATE TEMPORARY TABLE theirs ON COMMIT DROP AS
SELECT reference, CASE WHEN count(*) = 1 THEN any_value(amount) END AS amount,
    any_value(receipt_no) AS receipt_no, any_value(paid_at) AS paid_at
FROM wallet_file GROUP BY reference
"""
ADD_UP = """
UPDATE theirs SET amount = paid.amount FROM (
    SELECT reference, sum(amount)::bigint AS amount FROM (SELECT DISTINCT * FROM wallet_file) AS one
    GROUP BY reference
) AS paid WHERE theirs.amount IS NULL AND paid.reference = theirs.reference
"""
# What agrees is counted; what differs, or answers an open question, becomes a line.
COMPARE = """
WITH compared AS MATERIALIZED (
    SELECT theirs.reference, ours.id AS payout_id, ours.amount AS our_amount,
        theirs.amount AS their_amount, theirs.receipt_no, theirs.paid_at, ours.status,
        CASE
            WHEN ours.id IS NULL OR ours.status IN ('refused', 'requested') THEN 'theirs_only'
            WHEN ours.amount <> theirs.amount THEN 'amount_differs'
            ELSE 'matched'
        END AS kind
    FROM theirs LEFT JOIN points_payout AS ours ON ours.reference = theirs.reference
    UNION ALL
    SELECT reference, id, amount, NULL, receipt_no, paid_at, status, 'ours_only'
    FROM points_payout
    WHERE paid_at >= %(starts)s AND paid_at < %(ends)s
        AND NOT EXISTS (SELECT FROM theirs WHERE theirs.reference = points_payout.reference)
), lines AS (
    INSERT INTO points_reconciliationline (reconciliation_id, kind, reference, payout_id,
        our_amount, their_amount, receipt_no, paid_at)
    SELECT %(reconciliation)s, kind, reference, payout_id, our_amount, their_amount, receipt_no,
        paid_at
    FROM compared WHERE kind <> 'matched' OR status IN ('sending', 'unknown')
    ORDER BY reference RETURNING id, kind, reference
), differences AS (
    INSERT INTO points_difference (day, reference, line_id, status, resolution, note)
    SELECT %(day)s, reference, id, 'open', '', '' FROM lines WHERE kind <> 'matched'
    ON CONFLICT (day, reference) DO NOTHING
)
SELECT count(*) FILTER (WHERE kind = 'matched'), count(*) FILTER (WHERE kind = 'ours_only'),
    count(*) FILTER (WHERE kind = 'theirs_only'), count(*) FILTER (WHERE kind = 'amount_differs'),
    coalesce(sum(our_amount), 0)::bigint, coalesce(sum(their_amount), 0)::bigint
FROM compared
"""
ROOM_TO_COMPARE = "SET LOCAL work_mem = '128MB'; SET LOCAL jit = off"


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
    """Compare lines that were read and checked before."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy("COPY wallet_file FROM STDIN") as copy:
            for line in lines:
                copy.write_row((line.reference, line.amount, line.receipt_no, line.paid_at))
    return compare_staged(day, by=by)


def compare_staged(day: date, *, by: Actor, digest: str = "") -> Reconciliation:
    """Write down what the staged file and our payouts tell differently."""
    comparison = Reconciliation.objects.create(day=day, asked_by=by.actor_name, file_digest=digest)
    values: dict[str, Any] = {
        "reconciliation": comparison.pk,
        "day": day,
        "starts": clock.day_starts(day),
        "ends": clock.day_ends(day),
    }
    with connection.cursor() as cursor:
        for step in (ROOM_TO_COMPARE, THEIRS, ADD_UP, "ANALYZE theirs"):
            cursor.execute(step)
        cursor.execute(COMPARE, values)
        sums = cursor.fetchone()
        cursor.execute("DROP TABLE wallet_file, theirs")
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

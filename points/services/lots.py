"""Which lots a debit took its points from, and which a return gave them back to."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from points.models import Account, LotUse, Transfer

# Oldest first; a debit that takes a credit back takes it from that very credit before others.
SPEND = """
WITH lots AS (
    SELECT lot.id, lot.business_date, lot.id = %(reversed)s OR EXISTS (
            SELECT FROM points_lotuse AS returned WHERE returned.transfer_id = %(reversed)s
                AND returned.lot_id = lot.id AND returned.amount < 0
        ) AS own,
        lot.amount - coalesce((
            SELECT sum(used.amount) FROM points_lotuse AS used WHERE used.lot_id = lot.id
        ), 0)::bigint AS remaining
    FROM points_transfer AS lot
    WHERE lot.target_id = %(purse)s AND lot.reversal_of_id IS NULL
), queue AS (
    SELECT id, remaining, sum(remaining) OVER (
        ORDER BY own DESC, business_date, id)::bigint - remaining AS earlier
    FROM lots WHERE remaining > 0
), used AS (
    INSERT INTO points_lotuse (transfer_id, lot_id, amount)
    SELECT %(transfer)s, id, least(remaining, %(amount)s - earlier)
    FROM queue WHERE earlier < %(amount)s RETURNING amount
)
SELECT coalesce(sum(amount), 0)::bigint FROM used
"""
GIVE_BACK = """
WITH used AS (
    INSERT INTO points_lotuse (transfer_id, lot_id, amount)
    SELECT %(transfer)s, lot_id, -amount FROM points_lotuse
    WHERE transfer_id = %(reversed)s AND amount > 0 RETURNING amount
)
SELECT coalesce(-sum(amount), 0)::bigint FROM used
"""


def link(transfer: Transfer, *, source: Account, target: Account) -> None:
    """Tie a transfer to the lots it uses or restores; the caller holds the purse."""
    if source.is_purse:
        write(SPEND, transfer, purse=source)
    if target.is_purse and transfer.reversal_of_id:
        write(GIVE_BACK, transfer, purse=target)


def write(statement: str, transfer: Transfer, *, purse: Account) -> None:
    terms: dict[str, Any] = {
        "transfer": transfer.pk,
        "reversed": transfer.reversal_of_id,
        "purse": purse.pk,
        "amount": transfer.amount,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, terms)
        (linked,) = cursor.fetchone()
    if linked != transfer.amount:
        raise AssertionError(f"The lots of purse {purse.pk} do not add up to transfer {transfer}.")


def link_missing(transfer_ids: Iterable[int]) -> None:
    """Tie what its own statement has not tied yet, in the order it was posted."""
    linked = LotUse.objects.filter(transfer__in=transfer_ids).values("transfer")
    missing = Transfer.objects.filter(pk__in=transfer_ids).exclude(pk__in=linked)
    for transfer in missing.select_related("source", "target").order_by("pk"):
        link(transfer, source=transfer.source, target=transfer.target)

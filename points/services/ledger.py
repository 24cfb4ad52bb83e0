"""The only way points move. One transfer and a set of them share table, key and checks."""

from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction
from psycopg import sql

from points.errors import NotEnoughPoints, PostingKeyReused
from points.models import Account, Pot, Transfer
from points.services import lots
from seoul_health.core.db import violated

TERMS = ("source_id", "target_id", "amount", "reason", "business_date", "case", "reversal_of_id")
COLUMNS = sql.SQL(", ").join(map(sql.Identifier, ("key", *TERMS)))

POST = sql.SQL("""
    INSERT INTO points_transfer ({columns}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (key) DO NOTHING RETURNING id
""").format(columns=COLUMNS)

POST_MANY = sql.SQL("""
    WITH {given} wanted AS ({wanted}),
    posted AS (
        INSERT INTO points_transfer ({columns}) SELECT {columns} FROM wanted
        ON CONFLICT (key) DO NOTHING RETURNING id, key, source_id, target_id, amount, reversal_of_id
    ),
    moved AS (
        SELECT account_id, sum(change) AS change FROM (
            SELECT target_id AS account_id, amount AS change FROM posted
            UNION ALL SELECT source_id, -amount FROM posted
        ) AS legs GROUP BY account_id
    ),
    purses AS (
        UPDATE points_account AS account SET balance = account.balance + moved.change
        FROM moved WHERE account.id = moved.account_id AND account.kind = 'purse'
    ) {then}
    SELECT (SELECT count(*) FROM wanted), count(*), coalesce(sum(amount), 0)::bigint,
        array_agg(id) FILTER (WHERE reversal_of_id IS NOT NULL OR source_id <> ALL (ARRAY(
            SELECT id FROM points_account WHERE code = ANY(%(pots)s)))) FROM posted
""")
CONTRADICTED = sql.SQL("""
    WITH {given} wanted AS ({wanted})
    SELECT wanted.key FROM wanted JOIN points_transfer AS kept USING (key)
    WHERE ({ours}) IS DISTINCT FROM ({theirs}) LIMIT 1
""")
NOTHING = sql.SQL("")
OURS = sql.SQL(", ").join(sql.Identifier("wanted", term) for term in TERMS)
THEIRS = sql.SQL(", ").join(sql.Identifier("kept", term) for term in TERMS)


@transaction.atomic
def post(
    key: str,
    *,
    source: Account,
    target: Account,
    amount: int,
    reason: str,
    business_date: date,
    case: str = "",
    reversal_of: Transfer | None = None,
) -> Transfer:
    """Move points once. The same key again gives the first transfer and moves nothing."""
    reversed_id = reversal_of.pk if reversal_of else None
    terms: list[Any] = [source.pk, target.pk, amount, reason, business_date, case, reversed_id]
    with connection.cursor() as cursor:
        cursor.execute(POST, [key, *terms])
        row = cursor.fetchone()
    transfer = Transfer.objects.get(pk=row[0]) if row else Transfer.objects.get(key=key)
    if row is None:
        if [getattr(transfer, term) for term in TERMS] != terms:
            raise PostingKeyReused(key=key)
        return transfer
    if source.is_purse and not Account.objects.debit(source, amount):
        raise NotEnoughPoints(amount=amount)
    if target.is_purse:
        Account.objects.credit(target, amount)
    lots.link(transfer, source=source, target=target)
    return transfer


@transaction.atomic
def post_many(
    wanted: sql.Composable,
    values: dict[str, Any],
    *,
    given: sql.Composable = NOTHING,
    then: sql.Composable = NOTHING,
) -> tuple[int, int]:
    """Move points for every row of a SELECT, each key once; give how many moved and their sum.

    The rows name key, source_id, target_id, amount, reason, business_date, case and
    reversal_of_id. The caller has locked the purses, in order of their number. Queries `given`
    before may be read by the SELECT; those `then` run in the same statement and read `posted`.
    What leaves a purse is tied to its lots, unless `then` has done so.
    """
    with connection.cursor() as cursor:
        try:
            query = POST_MANY.format(wanted=wanted, columns=COLUMNS, given=given, then=then)
            cursor.execute(query, {**values, "pots": Pot.values})
        except IntegrityError as refusal:
            if violated(refusal) == "purses_are_never_overdrawn":
                raise NotEnoughPoints(amount="") from refusal
            raise
        asked, posted, amount, debits = cursor.fetchone()
        if posted < asked:
            check = CONTRADICTED.format(wanted=wanted, ours=OURS, theirs=THEIRS, given=given)
            cursor.execute(check, values)
            if contradiction := cursor.fetchone():
                raise PostingKeyReused(key=contradiction[0])
    if debits:
        lots.link_missing(debits)
    return posted, amount


def reverse(transfer: Transfer, *, reason: str, business_date: date, case: str = "") -> Transfer:
    """Take a transfer back by a new one the other way; once."""
    return post(
        f"reversal:{transfer.key}"[:120],
        source=transfer.target,
        target=transfer.source,
        amount=transfer.amount,
        reason=reason,
        business_date=business_date,
        case=case,
        reversal_of=transfer,
    )

"""What pots hold: the newest checkpoint that serves, and the transfers after it.

A pot keeps no balance, and adding up millions of transfers takes seconds. A checkpoint says what
a pot had moved up to a transfer before which none can appear any more, so only the tail is read.
"""

import time
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from points.models import Account, PotCheckpoint
from seoul_health.core.audit import Actor

log = structlog.get_logger("pots")

LAST_TRANSFER = "SELECT coalesce(max(id), 0) FROM points_transfer"
# Whoever posts holds this lock from before a transfer has its number until its transaction ends.
POSTING = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'points_transfer'::regclass
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND mode = 'RowExclusiveLock' AND granted AND pid <> pg_backend_pid()
"""
PATIENCE, PAUSE = 20.0, 0.05
Leg = tuple[int, tuple[int, int, int, datetime]]

NEWEST = sql.SQL("""
    SELECT pot.id, pot.code, coalesce(known.up_to_id, 0), coalesce(known.taken_in, 0),
        coalesce(known.given_out, 0), coalesce(known.transfers, 0), known.latest_at
    FROM points_account AS pot
    LEFT JOIN LATERAL (
        SELECT * FROM points_potcheckpoint AS one WHERE one.pot_id = pot.id AND {serves}
        ORDER BY up_to_id DESC LIMIT 1
    ) AS known ON true
    WHERE pot.kind = 'pot' ORDER BY pot.code
""")
EVERY_ONE = sql.SQL("true")
NOT_AFTER = sql.SQL("latest_at <= {moment}")
# Numbers are written into the query: the planner must see how short the tail is.
TAIL = sql.SQL("""
    SELECT {pot}::bigint, {sign}, coalesce(sum(amount), 0)::bigint, count(*), max(at)
    FROM points_transfer WHERE {side} = {pot} AND id > {after} AND {counts}
""")
SIDES = {1: sql.Identifier("target_id"), -1: sql.Identifier("source_id")}
CHECKPOINT = """
INSERT INTO points_potcheckpoint (pot_id, up_to_id, taken_in, given_out, transfers, latest_at)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (pot_id, up_to_id) DO NOTHING
"""

# Every pot's legs in the stretches between checkpoints, in one reading of the book.
STRETCHES = """
WITH pots AS MATERIALIZED (SELECT array_agg(id) AS ids FROM points_account WHERE kind = 'pot')
SELECT target_id, 1, width_bucket(id - 1, %(marks)s::bigint[]) AS stretch, sum(amount)::bigint,
    count(*), max(at)
FROM points_transfer WHERE target_id = ANY((SELECT ids FROM pots)::bigint[]) GROUP BY 1, 3
UNION ALL
SELECT source_id, -1, width_bucket(id - 1, %(marks)s::bigint[]) AS stretch, sum(amount)::bigint,
    count(*), max(at)
FROM points_transfer WHERE source_id = ANY((SELECT ids FROM pots)::bigint[]) GROUP BY 1, 3
ORDER BY 3
"""


@dataclass(slots=True)
class Moved:
    """What one pot has moved up to some transfer."""

    taken_in: int = 0
    given_out: int = 0
    transfers: int = 0
    latest_at: datetime | None = None

    @property
    def held(self) -> int:
        return self.taken_in - self.given_out

    def add(self, sign: int, amount: int, transfers: int, latest_at: datetime | None) -> None:
        if sign > 0:
            self.taken_in += amount
        else:
            self.given_out += amount
        self.transfers += transfers
        if latest_at and (self.latest_at is None or latest_at > self.latest_at):
            self.latest_at = latest_at


@dataclass(frozen=True, slots=True)
class PotMoved:
    """A pot, the transfer its checkpoint ends with, and what it has moved."""

    pot: int
    code: str
    after: int
    moved: Moved


@dataclass(frozen=True, slots=True)
class Derived:
    """What every pot holds by its transfers alone, and the checkpoints that say otherwise."""

    sums: dict[str, int]
    wrong: dict[str, int]


def pot_sums(moment: datetime | None = None) -> dict[str, int]:
    """Give what every pot holds, now or as of a moment."""
    serves: sql.Composable = EVERY_ONE
    counts: sql.Composable = EVERY_ONE
    if moment is not None:
        serves = NOT_AFTER.format(moment=moment)
        counts = sql.SQL("at <= {moment}").format(moment=moment)
    known = newest(serves)
    add_tails(known, counts)
    return {one.code: one.moved.held for one in known}


def newest(serves: sql.Composable) -> list[PotMoved]:
    """Give every pot with the newest checkpoint that serves, or with nothing."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST.format(serves=serves))
        return [
            PotMoved(pot, code, after, Moved(*sums))
            for pot, code, after, *sums in cursor.fetchall()
        ]


def add_tails(known: list[PotMoved], counts: sql.Composable) -> None:
    """Add what came after each checkpoint, all of it from one snapshot."""
    tails = sql.SQL(" UNION ALL ").join(
        TAIL.format(pot=one.pot, sign=sign, side=side, after=one.after, counts=counts)
        for one in known
        for sign, side in SIDES.items()
    )
    by_pot = {one.pot: one.moved for one in known}
    with connection.cursor() as cursor:
        cursor.execute(tails)
        for pot, *leg in cursor.fetchall():
            by_pot[pot].add(*leg)


def settled_id(*, patience: float = PATIENCE) -> int | None:
    """Give a transfer before which none can appear: wait for whoever is posting, within reason."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_TRANSFER)
        last = int(cursor.fetchone()[0])
        waiting_for = posting(cursor)
        until = time.monotonic() + patience
        while waiting_for:
            if time.monotonic() >= until:
                return None
            time.sleep(PAUSE)
            waiting_for &= posting(cursor)
    return last


def posting(cursor: CursorWrapper) -> set[str]:
    """Name the transactions that may still bring a transfer whose number is taken."""
    cursor.execute(POSTING)
    return {name for (name,) in cursor.fetchall()}


def checkpoint_pots(*, by: Actor, patience: float = PATIENCE) -> int:
    """Write down what every pot has moved so far; give how many checkpoints were new."""
    last = settled_id(patience=patience)
    if last is None:
        log.warning("pots_wait_for_a_long_posting")
        return 0
    up_to = sql.SQL("id <= {last}").format(last=last)
    known = newest(sql.SQL("up_to_id <= {last}").format(last=last))
    before = {one.pot: one.moved.transfers for one in known}
    add_tails(known, up_to)
    made = sum(keep(one, last) for one in known if one.moved.transfers > before[one.pot])
    log.info("pots_checkpointed", up_to=last, made=made, by=by.actor_name)
    return made


def keep(pot: PotMoved, last: int) -> int:
    """Write a checkpoint down; of several workers one does it."""
    moved = pot.moved
    values = [pot.pot, last, moved.taken_in, moved.given_out, moved.transfers, moved.latest_at]
    with connection.cursor() as cursor:
        cursor.execute(CHECKPOINT, values)
        return int(cursor.rowcount)


@transaction.atomic
def forget_checkpoints(*, by: Actor) -> int:
    """Drop every checkpoint; the transfers say the same, only slower."""
    dropped, _each = PotCheckpoint.objects.all().delete()
    log.info("pot_checkpoints_forgotten", dropped=dropped, by=by.actor_name)
    return dropped


def derive_pots() -> Derived:
    """Add up every pot from its transfers alone and hold its checkpoints against that."""
    codes = dict(Account.objects.filter(kind=Account.Kind.POT).values_list("pk", "code"))
    marks = sorted(set(PotCheckpoint.objects.values_list("up_to_id", flat=True)))
    kept = {(one.pot_id, one.up_to_id): one for one in PotCheckpoint.objects.all()}
    moved = {pot: Moved() for pot in codes}
    legs = stretches(marks)
    wrong: dict[str, int] = {}
    for stretch, mark in enumerate(marks):
        add_legs(moved, legs.get(stretch, []))
        for pot, code in codes.items():
            one = kept.get((pot, mark))
            if one is not None and told_by(one) != moved[pot]:
                difference = abs(one.taken_in - one.given_out - moved[pot].held)
                wrong[f"wrong_checkpoint:{code}:{mark}"] = max(1, difference)
    add_legs(moved, legs.get(len(marks), []))
    return Derived({codes[pot]: one.held for pot, one in moved.items()}, wrong)


def stretches(marks: list[int]) -> dict[int, list[Leg]]:
    """Give what every pot moved between one checkpoint and the next; the last stretch is open."""
    legs: dict[int, list[Leg]] = {}
    with connection.cursor() as cursor:
        cursor.execute(STRETCHES, {"marks": marks})
        for pot, sign, stretch, *sums in cursor.fetchall():
            legs.setdefault(stretch, []).append((pot, (sign, *sums)))
    return legs


def add_legs(moved: dict[int, Moved], legs: list[Leg]) -> None:
    for pot, leg in legs:
        moved[pot].add(*leg)


def told_by(one: PotCheckpoint) -> Moved:
    return Moved(one.taken_in, one.given_out, one.transfers, one.latest_at)

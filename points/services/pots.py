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

from points.models import PotCheckpoint
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

TAIL_OF = """
SELECT coalesce(sum(amount), 0)::bigint AS points, count(*) AS transfers, max(at) AS latest_at
FROM points_transfer WHERE {side} = pot.id AND id > coalesce(known.up_to_id, 0)
"""
TAILS = f"""
LEFT JOIN LATERAL (
    SELECT up_to_id, taken_in, given_out, transfers, latest_at FROM points_potcheckpoint
    WHERE pot_id = pot.id AND {{known}} ORDER BY up_to_id DESC LIMIT 1
) AS known ON true
CROSS JOIN LATERAL ({TAIL_OF.format(side="target_id")} AND {{tail}}) AS taken
CROSS JOIN LATERAL ({TAIL_OF.format(side="source_id")} AND {{tail}}) AS given
WHERE pot.kind = 'pot'
"""  # noqa: S608 — our own text
SUMS = f"""
SELECT pot.code, coalesce(known.taken_in - known.given_out, 0) + taken.points - given.points
FROM points_account AS pot {TAILS} ORDER BY pot.code
"""  # noqa: S608
CHECKPOINT = f"""
INSERT INTO points_potcheckpoint (pot_id, up_to_id, taken_in, given_out, transfers, latest_at)
SELECT pot.id, %(last)s, coalesce(known.taken_in, 0) + taken.points,
    coalesce(known.given_out, 0) + given.points,
    coalesce(known.transfers, 0) + taken.transfers + given.transfers,
    greatest(known.latest_at, taken.latest_at, given.latest_at)
FROM points_account AS pot {TAILS} AND taken.transfers + given.transfers > 0
ON CONFLICT (pot_id, up_to_id) DO NOTHING
""".format(known="up_to_id <= %(last)s", tail="id <= %(last)s")  # noqa: S608

# The stretches between checkpoints, each added up anew; the last one ends with the book.
DERIVED = """
WITH marks AS (
    SELECT pot.id AS pot_id, pot.code, mark.up_to_id, mark.taken_in, mark.given_out,
        mark.transfers, mark.latest_at,
        lag(mark.up_to_id, 1, 0) OVER (PARTITION BY pot.id ORDER BY mark.up_to_id) AS after
    FROM points_account AS pot
    CROSS JOIN LATERAL (
        SELECT up_to_id, taken_in, given_out, transfers, latest_at FROM points_potcheckpoint
        WHERE pot_id = pot.id
        UNION ALL SELECT 9223372036854775807, NULL, NULL, NULL, NULL
    ) AS mark
    WHERE pot.kind = 'pot'
)
SELECT code, up_to_id, taken_in, given_out, marks.transfers, marks.latest_at,
    sum(taken.points) OVER book, sum(given.points) OVER book,
    sum(taken.transfers + given.transfers) OVER book,
    max(greatest(taken.latest_at, given.latest_at)) OVER book
FROM marks
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount), 0) AS points, count(*) AS transfers, max(at) AS latest_at
    FROM points_transfer WHERE target_id = pot_id AND id > after AND id <= up_to_id
) AS taken
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount), 0) AS points, count(*) AS transfers, max(at) AS latest_at
    FROM points_transfer WHERE source_id = pot_id AND id > after AND id <= up_to_id
) AS given
WINDOW book AS (PARTITION BY code ORDER BY up_to_id)
ORDER BY code, up_to_id
"""


@dataclass(frozen=True, slots=True)
class Derived:
    """What every pot holds by its transfers alone, and the checkpoints that say otherwise."""

    sums: dict[str, int]
    wrong: dict[str, int]


def pot_sums(moment: datetime | None = None) -> dict[str, int]:
    """Give what every pot holds, now or as of a moment."""
    known, tail = ("latest_at <= %(moment)s", "at <= %(moment)s") if moment else ("true", "true")
    with connection.cursor() as cursor:
        cursor.execute(SUMS.format(known=known, tail=tail), {"moment": moment})
        return {code: int(held) for code, held in cursor.fetchall()}


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
    with connection.cursor() as cursor:
        cursor.execute(CHECKPOINT, {"last": last})
        made = int(cursor.rowcount)
    log.info("pots_checkpointed", up_to=last, made=made, by=by.actor_name)
    return made


@transaction.atomic
def forget_checkpoints(*, by: Actor) -> int:
    """Drop every checkpoint; the transfers say the same, only slower."""
    dropped, _each = PotCheckpoint.objects.all().delete()
    log.info("pot_checkpoints_forgotten", dropped=dropped, by=by.actor_name)
    return dropped


def derive_pots() -> Derived:
    """Add up every pot from its transfers alone and hold its checkpoints against that."""
    sums: dict[str, int] = {}
    wrong: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(DERIVED)
        for code, up_to_id, *told in cursor.fetchall():
            kept, found = told[:4], told[4:]
            if kept[0] is None:
                sums[code] = int(found[0] - found[1])
            elif kept != found:
                difference = (kept[0] - kept[1]) - (found[0] - found[1])
                wrong[f"wrong_checkpoint:{code}:{up_to_id}"] = max(1, abs(int(difference)))
    return Derived(sums, wrong)

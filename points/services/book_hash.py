"""One hash over every transfer in order, worked out in the database chunk by chunk."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from seoul_health.core import clock

IDS_PER_CHUNK = 10_000
# Longer than any transaction may last: no transfer older than this can still appear.
NOTHING_PENDING_AFTER = timedelta(minutes=10)

CHUNKS = """
SELECT sha256(string_agg(convert_to(concat_ws('|', id, key, source_id, target_id, amount, reason,
    business_date, "case", coalesce(reversal_of_id, 0), extract(epoch FROM at)), 'UTF8'),
    '\\x0a'::bytea ORDER BY id))
FROM points_transfer WHERE id <= %s GROUP BY id / %s ORDER BY id / %s
"""
LAST = "SELECT coalesce(max(id), 0) FROM points_transfer WHERE at < %s"
EVERY_ID = 2**62


@dataclass(frozen=True, slots=True)
class Seal:
    """The hash of the book up to a transfer after which nothing can be slipped in before."""

    last_id: int
    root: str


@dataclass(frozen=True, slots=True)
class BookHash:
    root: str
    seal: Seal
    changed: bool


def hash_book(earlier: Seal | None, *, settled_for: timedelta | None = None) -> BookHash:
    """Hash the whole book, and see whether the part sealed before is still the same."""
    pause = NOTHING_PENDING_AFTER if settled_for is None else settled_for
    with connection.cursor() as cursor:
        cursor.execute(LAST, [clock.now() - pause])
        last_id = cursor.fetchone()[0]
    changed = earlier is not None and root_up_to(earlier.last_id) != earlier.root
    return BookHash(root_up_to(EVERY_ID), Seal(last_id, root_up_to(last_id)), changed)


def root_up_to(last_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(CHUNKS, [last_id, IDS_PER_CHUNK, IDS_PER_CHUNK])
        return root_of(bytes(row[0]) for row in cursor)


def root_of(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()

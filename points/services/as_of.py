"""What an account held at a past moment, and from when on the answer can no longer change.

A transfer belongs to the moment it is dated with, when its statement began. As of a moment an
account holds every transfer dated then or before. A transaction that is open may still commit one
dated in the past; once all that began before a moment have ended, the moment is final.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from points.models import Account
from points.services import pots
from points.services.book_hash import NOTHING_PENDING_AFTER
from seoul_health.core import clock

# The sessions of another role hide when they began; the pause stands in for what is not seen.
OLDEST_OPEN = """
SELECT min(xact_start) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# One statement, so that the balance and what was moved since are of one snapshot.
HELD_AT = """
SELECT account.balance
    - coalesce((SELECT sum(amount) FROM points_transfer
        WHERE target_id = account.id AND at > %(moment)s), 0)
    + coalesce((SELECT sum(amount) FROM points_transfer
        WHERE source_id = account.id AND at > %(moment)s), 0)
FROM points_account AS account WHERE account.id = %(account)s
"""


@dataclass(frozen=True, slots=True)
class CityAt:
    """Everything the book held at a moment: all purses together, and every pot."""

    moment: datetime
    is_final: bool
    purses: int
    pots: dict[str, int]


def is_final(moment: datetime) -> bool:
    """Tell whether no transfer dated at a moment or before can appear any more.

    Ask before reading: what ends between the two is seen by the reading.
    """
    with connection.cursor() as cursor:
        cursor.execute(OLDEST_OPEN)
        oldest = cursor.fetchone()[0]
    settled = clock.now() - NOTHING_PENDING_AFTER
    return moment < (settled if oldest is None else min(settled, oldest))


def balance_at(account: Account, moment: datetime) -> int:
    """Give what an account held at a moment."""
    if not account.is_purse:
        return pots.pot_sums(moment)[account.code]
    with connection.cursor() as cursor:
        cursor.execute(HELD_AT, {"account": account.pk, "moment": moment})
        return int(cursor.fetchone()[0])


def city_at(moment: datetime) -> CityAt:
    """Give what all purses together and every pot held at a moment.

    Points only move: what the pots are short of is what the purses hold.
    """
    final = is_final(moment)
    held = pots.pot_sums(moment)
    return CityAt(moment, final, -sum(held.values()), held)

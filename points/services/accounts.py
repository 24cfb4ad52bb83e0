from collections.abc import Sequence

from django.db import connection

from participants.models import Participant
from points.models import Account, Pot

OPEN_PURSES = """
INSERT INTO points_account (kind, code, participant_id, balance)
SELECT 'purse', 'purse-' || id, id, 0 FROM participants_participant WHERE id = ANY(%s)
ON CONFLICT DO NOTHING
"""
LOCK_PURSES = """
SELECT participant_id, id FROM points_account WHERE participant_id = ANY(%s)
ORDER BY id FOR NO KEY UPDATE
"""


def steady_plans() -> None:
    """Keep set-based writes on their indexes until the transaction ends.

    A table that has just grown from nothing has no statistics, and one plan built on “a handful
    of rows” takes longer than the whole sweep.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL jit = off")


def purse_of(participant: Participant) -> Account:
    """Give a person's purse; the first to ask opens it."""
    purse = Account.objects.filter(participant=participant).first()
    if purse is None:
        open_purses([participant.pk])
        purse = Account.objects.get(participant=participant)
    return purse


def pot(code: Pot) -> Account:
    return Account.objects.get(code=code)


def open_purses(participant_ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(OPEN_PURSES, [list(participant_ids)])


def lock_purses(participant_ids: Sequence[int]) -> dict[int, int]:
    """Hold the purses of these people, opening the missing ones; give purse by person.

    Whoever is about to judge what a limit still allows holds the purse first.
    """
    if not participant_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(LOCK_PURSES, [list(participant_ids)])
        held: dict[int, int] = dict(cursor.fetchall())
        missing = [one for one in participant_ids if one not in held]
        if missing:
            open_purses(missing)
            cursor.execute(LOCK_PURSES, [list(missing)])
            held |= dict(cursor.fetchall())
    return held

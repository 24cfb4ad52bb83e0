"""Numbers that come from database sequences or chance; gaps in them mean nothing."""

import secrets
from typing import Literal

from django.db import connection

from seoul_health.core import clock

Sequence = Literal["participants_number", "participants_arrival"]
# No 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V: read over the phone they are the same.
SIGNS = "34679ACDEFGHJKMNPQRTWXY"
LENGTH = 5


def draw_from(sequence: Sequence) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [sequence])
        return int(cursor.fetchone()[0])


def new_participant_number() -> str:
    return f"P-{clock.today():%y%m}-{draw_from('participants_number'):07d}"


def new_receipt_no() -> str:
    """Make a receipt number like A-2611-7KQ4M3, whose last sign checks the others."""
    body = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    return f"A-{clock.today():%y%m}-{body}{check_sign(body)}"


def check_sign(body: str) -> str:
    """Weigh every place by an odd prime, so that one wrong or two swapped signs show."""
    weights = (3, 5, 7, 11, 13)
    total = sum(
        weight * SIGNS.index(sign) for weight, sign in zip(weights, body, strict=True)
    )
    return SIGNS[total % len(SIGNS)]

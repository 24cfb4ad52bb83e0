"""Numbers that come from database sequences; gaps in them mean nothing."""

from typing import Literal

from django.db import connection

from seoul_health.core import clock

Sequence = Literal["participants_number", "participants_arrival"]
# Neither 0/O, 1/I/L, 2/Z, 5/S, 8/B nor U/V: said over the phone they are the same.
SIGNS = "34679ACDEFGHJKMNPQRTWXY"
WEIGHTS = (3, 5, 7, 11, 13)
# Spreads neighbours over the whole range and, sharing no factor with it, never meets one twice.
STRIDE = 2_654_435


def draw_from(sequence: Sequence) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [sequence])
        return int(cursor.fetchone()[0])


def new_participant_number() -> str:
    return f"P-{clock.today():%y%m}-{draw_from('participants_number'):07d}"


def new_receipt_no() -> str:
    return receipt_no_of(draw_from("participants_arrival"))


def receipt_no_of(arrival: int) -> str:
    """Make a receipt number like A-2611-7KQ4M3, whose last sign checks the others."""
    return f"A-{clock.today():%y%m}-{receipt_signs(arrival)}"


def receipt_signs(number: int) -> str:
    """Write a number as signs, different for any six million in a row."""
    rest, signs = number * STRIDE % len(SIGNS) ** len(WEIGHTS), ""
    for _ in WEIGHTS:
        rest, place = divmod(rest, len(SIGNS))
        signs += SIGNS[place]
    return signs + check_sign(signs)


def check_sign(signs: str) -> str:
    """Weigh every place differently, so that one wrong sign or two swapped ones show."""
    total = sum(weight * SIGNS.index(sign) for weight, sign in zip(WEIGHTS, signs, strict=True))
    return SIGNS[total % len(SIGNS)]

"""Points are spent oldest first, and what is old enough expires."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Lot(NamedTuple):
    earned_on: date
    amount: int


def lots_left(lots: Iterable[Lot], spent: int) -> list[Lot]:
    """Take what was spent out of the oldest lots and give the rest."""
    left = []
    for lot in sorted(lots):
        taken = min(lot.amount, spent)
        spent -= taken
        if lot.amount > taken:
            left.append(Lot(lot.earned_on, lot.amount - taken))
    if spent:
        raise ValueError("More was spent than was ever earned.")
    return left


def lots_used(lots: Iterable[Lot], spent_before: int, amount: int) -> list[Lot]:
    """Give the parts of lots that one more spend takes, oldest first."""
    used = []
    for lot in lots_left(lots, spent_before):
        taken = min(lot.amount, amount)
        if taken:
            used.append(Lot(lot.earned_on, taken))
        amount -= taken
    if amount:
        raise ValueError("More is spent than is left.")
    return used


def expiring(lots: Iterable[Lot], spent: int, *, cutoff: date) -> int:
    """Give what is left of everything earned on or before the cutoff."""
    return sum(lot.amount for lot in lots_left(lots, spent) if lot.earned_on <= cutoff)

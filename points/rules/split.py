"""Share an amount by weights without losing or inventing a single won."""

from collections.abc import Mapping
from typing import TypeVar

Party = TypeVar("Party")


def split_amount(amount: int, weights: Mapping[Party, int]) -> dict[Party, int]:
    """Split by largest remainder; equal remainders go to the party named first."""
    whole = sum(weights.values())
    if whole <= 0 or min(weights.values()) < 0:
        raise ValueError("A split needs weights that are not negative, and one that is positive.")
    sign = -1 if amount < 0 else 1
    size = abs(amount)
    shares = {party: size * weight // whole for party, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda party: -(size * weights[party] % whole))
    for party in by_remainder[: size - sum(shares.values())]:
        shares[party] += 1
    return {party: sign * share for party, share in shares.items()}

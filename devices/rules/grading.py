"""The grade a watch can have at best, by what failed."""

from collections.abc import Iterable

BEST = "A"


def grade_of(failed: Iterable[str]) -> str:
    """Give the worst of the grades that what failed allows; nothing failed is the best one."""
    return max(failed, default=BEST)

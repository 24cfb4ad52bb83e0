"""How long to leave a silent partner alone: longer each time, never too long, never in step."""

from datetime import timedelta

LEAST, MOST = 0.5, 1.0


def pause_after(tries: int, *, first: timedelta, longest: timedelta, luck: float) -> timedelta:
    """Double the pause with every try up to a ceiling; luck, from 0 to 1, spreads the callers."""
    whole = min(first * (1 << min(tries, 20)), longest)
    return whole * (LEAST + (MOST - LEAST) * luck)

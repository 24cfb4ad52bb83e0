"""What a process may keep for a moment: rows that everybody reads and that hardly ever change."""

import time
from collections.abc import Callable, Hashable
from functools import wraps
from typing import TypeVar

from django.conf import settings

Answer = TypeVar("Answer")


def remembered(read: Callable[..., Answer]) -> Callable[..., Answer]:
    """Give the last answer again for REMEMBER_SECONDS; what is kept is shared, so only read it.

    Errors are not kept. Two threads may both read when an answer has become old: that is cheaper
    than letting one wait for the other.
    """
    kept: dict[Hashable, tuple[float, Answer]] = {}

    @wraps(read)
    def answer(*asked: Hashable) -> Answer:
        now = time.monotonic()
        until, known = kept.get(asked, (0.0, None))
        if now < until and known is not None:
            return known
        fresh = read(*asked)
        kept[asked] = (now + settings.REMEMBER_SECONDS, fresh)
        return fresh

    return answer

import time
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from seoul_health.core.access import client_ip

log = structlog.get_logger("throttle")
SECONDS = {"sec": 1, "min": 60, "hour": 3600}


class CallerThrottle(BaseThrottle):
    """So many calls per window and caller: the account first, the address for guests.

    When the counter's store is away callers pass: it protects capacity, not money.
    """

    scope = "caller"

    def allow_request(self, request: Request, view: Any) -> bool:
        scope = getattr(view, "throttle_scope", self.scope)
        text, _, unit = settings.THROTTLE_RATES[scope].partition("/")
        window = SECONDS[unit]
        self.left = window - time.time() % window
        key = f"throttle:{scope}:{self.caller(request)}:{int(time.time() // window)}"
        return self.count(key, window) <= int(text)

    def caller(self, request: Request) -> str:
        name = getattr(request.user, "actor_name", None)
        return name or f"guest:{client_ip(request)}"

    def count(self, key: str, window: int) -> int:
        try:
            return tally(key, window + 1)
        except Exception as exc:
            # Any failure of the store counts as the first call; see the class.
            log.warning("throttle_store_away", error=type(exc).__name__)
            return 1

    def wait(self) -> float:
        return self.left


def tally(key: str, seconds: int) -> int:
    """Count one more in whatever store there is."""
    in_one_call = getattr(cache, "tally", None)
    if in_one_call:
        return int(in_one_call(key, seconds))
    return 1 if cache.add(key, 1, seconds) else int(cache.incr(key))

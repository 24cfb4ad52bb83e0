"""Who is looking at a complaint just now. A courtesy, not a lock: nothing depends on it."""

import time

from django.core.cache import cache

from seoul_health.core.models import StaffUser

FADES_AFTER = 45


def look(receipt_no: str, by: StaffUser) -> list[str]:
    """Say that somebody is looking, and who else is."""
    key = f"desk:looking:{receipt_no}"
    now = time.time()
    seen: dict[int, tuple[str, float]] = cache.get(key) or {}
    seen = {pk: (name, at) for pk, (name, at) in seen.items() if now - at < FADES_AFTER}
    seen[by.pk] = (name_of(by), now)
    cache.set(key, seen, FADES_AFTER)
    return [name for pk, (name, _at) in seen.items() if pk != by.pk]


def name_of(user: StaffUser) -> str:
    return f"{user.last_name}{user.first_name}" or user.username

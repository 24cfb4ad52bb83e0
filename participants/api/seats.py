"""How many seats are left, coarsely and cheaply: counted at most every ten seconds."""

from collections.abc import Iterable

import structlog
from django.core.cache import cache
from django.db.models import Count

from participants.models import Application, Quota, RecruitmentRound

log = structlog.get_logger("seats")
SECONDS = 10
TAKING = (
    Application.Status.SUBMITTED,
    Application.Status.UNDER_REVIEW,
    Application.Status.ON_HOLD,
    Application.Status.APPROVED,
    Application.Status.SELECTED,
    Application.Status.CONFIRMED,
)
PLENTY, SOME, FEW, NONE = "plenty", "some", "few", "none"


def left(quota: Quota, taken: int) -> str:
    """Say it in one of four words: a number would be wrong before it is read."""
    free = quota.seats - taken
    if free <= 0:
        return NONE
    share = free / quota.seats
    return PLENTY if share > 0.3 else SOME if share > 0.1 else FEW


def taken_in(rounds: Iterable[RecruitmentRound]) -> dict[int, int]:
    """Give the seats taken or spoken for, by quota."""
    found: dict[int, int] = {}
    for row in rounds:
        found |= remembered(row)
    return found


def remembered(row: RecruitmentRound) -> dict[int, int]:
    key = f"seats:{row.pk}"
    try:
        known = cache.get(key)
        if known is None:
            known = count(row)
            cache.set(key, known, SECONDS)
    except Exception as exc:
        # Whatever keeps the store away, the answer is only slower without it.
        log.warning("seats_store_away", error=type(exc).__name__)
        known = count(row)
    return dict(known)


def count(row: RecruitmentRound) -> dict[int, int]:
    taking = Application.objects.filter(quota__lane__round=row, status__in=TAKING)
    return dict(taking.order_by().values_list("quota").annotate(Count("pk")))

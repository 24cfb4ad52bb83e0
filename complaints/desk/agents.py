"""Who works at the desk, who is there just now, and how much each has."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import Count, Min, Q, QuerySet

from complaints.models import Complaint
from complaints.models.complaints import NEAR_BREACH, RUNNING, STOPPED
from seoul_health.core import clock
from seoul_health.core.models import RoleGrant, StaffUser

from .presence import name_of

FADES_AFTER = 120
REMEMBERED = 12 * 60 * 60
DESK_ROLES = ("agent", "supervisor")


def agents_of_the_desk() -> QuerySet[StaffUser]:
    """Everybody who may be given complaints today."""
    granted = RoleGrant.objects.live(clock.today()).filter(role__in=DESK_ROLES).values("user")
    return StaffUser.objects.filter(is_active=True, pk__in=granted).order_by("username")


def here(agent: StaffUser) -> None:
    """Note that an agent is at the desk. A courtesy: nothing depends on it."""
    cache.set(f"desk:here:{agent.pk}", time.time(), REMEMBERED)


def last_seen(agents: Iterable[StaffUser]) -> dict[int, float]:
    keys = {f"desk:here:{agent.pk}": agent.pk for agent in agents}
    return {keys[key]: at for key, at in cache.get_many(list(keys)).items()}


@dataclass(frozen=True, slots=True)
class Load:
    """One agent's complaints by how they stand."""

    agent: StaffUser | None
    open: int = 0
    near: int = 0
    breached: int = 0
    stopped: int = 0
    reopened: int = 0
    answered: int = 0
    oldest: datetime | None = None
    seen_at: datetime | None = None
    is_here: bool = False

    @property
    def name(self) -> str:
        return name_of(self.agent) if self.agent else ""

    @property
    def key(self) -> str:
        return self.agent.username if self.agent else ""


def loads_of(rows: QuerySet[Complaint], now: datetime) -> list[Load]:
    """Count every agent's complaints in two passes; who has none stands there with zeros."""
    agents = list(agents_of_the_desk())
    counted, answered = counts_of(rows, now), answered_today(rows, now)
    missing = (set(counted) | set(answered)) - {agent.pk for agent in agents} - {None}
    agents += StaffUser.objects.filter(pk__in=missing).order_by("username")
    seen = last_seen(agents)
    return [load_of(agent, counted, answered, seen.get(agent.pk), now) for agent in agents]


def counts_of(rows: QuerySet[Complaint], now: datetime) -> dict[int | None, dict[str, object]]:
    running = Q(status__in=RUNNING)
    found = (
        rows.filter(status__in=[*RUNNING, *STOPPED], handler__isnull=False)
        .values("handler")
        .order_by("handler")
        .annotate(
            open=Count("pk"),
            near=Count("pk", filter=running & Q(due_at__gt=now, due_at__lte=now + NEAR_BREACH)),
            breached=Count("pk", filter=running & Q(due_at__lte=now)),
            stopped=Count("pk", filter=Q(status__in=STOPPED)),
            reopened=Count("pk", filter=running & Q(reopen_count__gt=0)),
            oldest=Min("received_at"),
        )
    )
    return {row.pop("handler"): row for row in found}


def answered_today(rows: QuerySet[Complaint], now: datetime) -> dict[int | None, int]:
    today = clock.day_starts(clock.seoul_day(now))
    found = rows.filter(answered_at__gte=today).values_list("handler").order_by("handler")
    return dict(found.annotate(count=Count("pk")))


def load_of(
    agent: StaffUser,
    counted: dict[int | None, dict[str, object]],
    answered: dict[int | None, int],
    seen: float | None,
    now: datetime,
) -> Load:
    return Load(
        agent=agent,
        answered=answered.get(agent.pk, 0),
        seen_at=datetime.fromtimestamp(seen, clock.KST) if seen else None,
        is_here=seen is not None and time.time() - seen < FADES_AFTER,
        **counted.get(agent.pk, {}),  # type: ignore[arg-type]  # named by the annotations above
    )

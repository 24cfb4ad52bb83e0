from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint
from complaints.models.complaints import NEAR_BREACH, RUNNING, STOPPED, WAITING, WATCHED
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

from .base import DeskView
from .words import due_of

MOST_ROWS = 50
TABS: dict[str, str | Promise] = {
    "mine": _("Mine"),
    "near": _("Near breach"),
    "breached": _("Breached"),
    "reopened": _("Reopened"),
    "waiting": _("Waiting"),
}


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    label: str
    count: int
    current: bool


def rows_of(tab: str, user: StaffUser, now: datetime) -> QuerySet[Complaint]:
    seen = Complaint.objects.visible_to(user)
    if tab == "near":
        return seen.near_breach(now)
    if tab == "breached":
        return seen.breached(now)
    if tab == "reopened":
        return seen.reopened()
    if tab == "waiting":
        return seen.waiting()
    return seen.mine(user)


def counts_of(user: StaffUser, now: datetime) -> dict[str, int]:
    """Count every tab in one pass over the open complaints."""
    running, watched = Q(status__in=RUNNING), Q(status__in=WATCHED)
    return (
        Complaint.objects.visible_to(user)
        .filter(status__in=[*WATCHED, *STOPPED])
        .aggregate(
            mine=Count("pk", filter=Q(handler=user)),
            near=Count("pk", filter=watched & Q(due_at__gt=now, due_at__lte=now + NEAR_BREACH)),
            breached=Count("pk", filter=watched & Q(due_at__lte=now)),
            reopened=Count("pk", filter=running & Q(reopen_count__gt=0)),
            waiting=Count("pk", filter=Q(status__in=WAITING, handler=None)),
        )
    )


def queue_context(view: DeskView, tab: str) -> dict[str, Any]:
    """Give one tab of the queue; whose complaints it shows is written down."""
    now = clock.now()
    tab = tab if tab in TABS else "mine"
    counts = counts_of(view.staff, now)
    found = rows_of(tab, view.staff, now).select_related("category", "participant", "handler")
    rows = list(found[:MOST_ROWS])
    numbers = [row.participant.number for row in rows if row.participant]
    view.write_down_new(numbers, what="queue")
    return {
        "tab": tab,
        "tabs": [Tab(key, str(name), counts[key], key == tab) for key, name in TABS.items()],
        "rows": [(row, due_of(row, now)) for row in rows],
        "is_cut": len(rows) == MOST_ROWS,
        "now": now,
    }


class QueueView(DeskView):
    """GET /desk/queue/?tab=… — one tab of the queue."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("queue.html", queue_context(self, request.GET.get("tab", "mine")))

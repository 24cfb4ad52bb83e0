"""What has changed at the desk, asked every few seconds by everybody: so it costs next to nothing.

One pass over the open complaints serves all agents for a moment; each gets a digest of what
their own screen shows, and their page fetches a part again only when its digest is another one.
"""

import hashlib
import json
from collections import defaultdict
from datetime import datetime

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from complaints.models import Complaint
from complaints.models.complaints import NEAR_BREACH, RUNNING, STOPPED, WAITING, WATCHED
from seoul_health.core import clock
from seoul_health.core.desk import DeskPage
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope

from . import presence
from .agents import here
from .queue import TABS

SHARED_FOR = 4
# The words "2 h left" go stale by themselves: every queue is drawn anew after this long.
WORDS_LAST = 300
Digests = dict[str, tuple[int, int]]


def tabs_of(row: tuple[object, ...], now: datetime) -> list[str]:
    """Name the tabs a complaint stands in; "mine" carries the agent's number."""
    _pk, status, handler, due_at, _version, reopened = row[:6]
    assert isinstance(due_at, datetime), "watched complaints are due some time"
    tabs = [f"mine:{handler}"] if handler and status in {*RUNNING, *STOPPED} else []
    if status in WATCHED and now < due_at <= now + NEAR_BREACH:
        tabs.append("near")
    if status in WATCHED and due_at <= now:
        tabs.append("breached")
    if status in RUNNING and reopened:
        tabs.append("reopened")
    if status in WAITING and handler is None:
        tabs.append("waiting")
    return tabs


def take_digests(now: datetime) -> Digests:
    """Give, tab by tab, how many complaints stand in it and what they look like in sum."""
    fields = ("pk", "status", "handler", "due_at", "version", "reopen_count")
    rows = Complaint.objects.filter(status__in=[*WATCHED, *STOPPED], due_at__isnull=False)
    counts: dict[str, int] = defaultdict(int)
    sums: dict[str, int] = defaultdict(int)
    for row in rows.values_list(*fields, "participant__district"):
        # Numbers only: the hash of a text differs from process to process.
        mark = hash((row[0], row[4], int(row[3].timestamp())))
        for tab in tabs_of(row, now):
            scopes = [tab] if tab.startswith("mine:") else [f"{tab}:", f"{tab}:{row[6] or '-'}"]
            for key in scopes:
                counts[key] += 1
                sums[key] ^= mark
    return {key: (counts[key], sums[key]) for key in counts}


def digests() -> Digests:
    """Give the digests everybody shares for a few seconds."""
    found: Digests | None = cache.get("desk:digests")
    if found is None:
        found = take_digests(clock.now())
        cache.set("desk:digests", found, SHARED_FOR)
    return found


def standing(user: StaffUser, tab: str) -> tuple[dict[str, int], str]:
    """Count every tab as this agent sees it, and give the digest of the one on the screen."""
    found = digests()
    is_city = user.scope == Scope.CITY or user.is_superuser
    scope = "" if is_city else user.district or "-"
    keys = {key: f"{key}:{user.pk}" if key == "mine" else f"{key}:{scope}" for key in TABS}
    counts = {key: found.get(name, (0, 0))[0] for key, name in keys.items()}
    words = int(clock.now().timestamp()) // WORDS_LAST
    return counts, digest([found.get(keys[tab]), words])


def digest(values: object) -> str:
    return hashlib.blake2b(json.dumps(values).encode(), digest_size=8).hexdigest()


class PulseView(DeskPage):
    """GET /desk/pulse/?tab=…&case=… — digests of what is on the screen; 304 while they stand."""

    desk = "desk"
    home = "desk:home"
    permission = "complaints.use_desk"

    def get(self, request: HttpRequest) -> HttpResponse:
        tab = request.GET.get("tab", "")
        here(self.staff)
        counts, rows = standing(self.staff, tab if tab in TABS else "mine")
        answer: dict[str, object] = {"counts": counts, "queue": rows}
        if receipt_no := request.GET.get("case", "")[:16]:
            answer |= self.case(receipt_no)
        mark = f'"{digest(answer)}"'
        if request.headers.get("If-None-Match") == mark:
            response = HttpResponse(status=304)
        else:
            response = HttpResponse(json.dumps(answer), content_type="application/json")
        response["ETag"] = mark
        return response

    def case(self, receipt_no: str) -> dict[str, object]:
        """Say at which version the opened complaint is, and who else looks at it."""
        seen = Complaint.objects.visible_to(self.staff).filter(receipt_no=receipt_no)
        version = seen.values_list("version", flat=True).first()
        if version is None:
            return {}
        return {"version": version, "others": presence.look(receipt_no, self.staff)}

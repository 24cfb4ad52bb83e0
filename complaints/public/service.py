"""How the service is, for everybody: without signing in, without a script."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from complaints.models import Incident
from complaints.services.public_status import HISTORY, read_status, shown
from seoul_health.core import clock

WORDS: dict[str, tuple[str | Lazy, str]] = {
    "ok": (gettext_lazy("Everything works"), "ok"),
    "minor": (gettext_lazy("Slight disturbance"), "info"),
    "partial": (gettext_lazy("Partly down"), "warn"),
    "major": (gettext_lazy("Down"), "danger"),
}
PART_WORDS: dict[str, str | Lazy] = {"ok": gettext_lazy("Works")}
TONES = {
    "investigating": "danger",
    "identified": "warn",
    "monitoring": "info",
    "resolved": "ok",
}
PROMISE_TONES = {"kept": "ok", "missed": "danger"}


def worded(row: Incident) -> dict[str, Any]:
    """Lay out what was said and promised about one incident."""
    promises = list(row.promises.all())
    return {
        "row": row,
        "tone": TONES[row.status],
        "updates": [(each, TONES[each.status]) for each in row.updates.all()],
        "promises": [
            (each, PROMISE_TONES[each.status])
            for each in promises
            if each.status != each.Status.OPEN
        ],
        "next": [each for each in promises if each.status == each.Status.OPEN],
    }


@cache_control(public=True, max_age=10)
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """GET /status/ — what works, what does not, when the next word comes, and the history."""
    seen = read_status()
    word, tone = WORDS[seen.state]
    context = {
        "title": _("How the service is"),
        "word": word,
        "tone": tone,
        "parts": [
            (part.label, PART_WORDS.get(part.state, WORDS[part.state][0]), WORDS[part.state][1])
            for part in seen.parts
        ],
        "open": [worded(row) for row in seen.open],
        "past": [worded(row) for row in seen.past],
        "record": seen.record,
        "notices": seen.notices,
        "days": HISTORY.days,
        "as_of": seen.as_of,
        "changed_at": seen.changed_at,
    }
    return render(request, "public/service.html", context)


@cache_control(public=True, max_age=10)
@require_safe
def incident(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """GET /status/{id}/ — everything that was said and promised about one incident."""
    row = shown().filter(public_id=public_id).first()
    if row is None:
        raise Http404
    context = {"title": row.title, "one": worded(row), "as_of": clock.now()}
    return render(request, "public/service_incident.html", context)

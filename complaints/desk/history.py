"""Everything about one person in one line of time, in the middle of the desk."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from complaints.services import timeline
from seoul_health.core import clock
from seoul_health.core.desk import is_fragment

from .base import DeskView
from .people import person_context
from .queue import queue_context


class HistoryView(DeskView):
    """GET /desk/people/{number}/history/?only=…&before=… — the whole history, masked."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        person, only = self.person(number), request.GET.get("only", "")
        kinds = timeline.kinds_for(self.staff)
        if only not in {"", *(kind.key for kind in kinds)}:
            return HttpResponse(_("There is no such part of the history."), status=400)
        before = moment_of(request.GET.get("before", ""))
        if before is None and request.GET.get("before"):
            return HttpResponse(_("This is not a moment."), status=400)
        self.write_down([person.number], action="view", what=f"history:{only or 'all'}")
        page = timeline.history(person, by=self.staff, before=before, only=only)
        icons = {kind.key: kind.icon for kind in kinds}
        context = {
            "history_of": person,
            "entries": [(entry, icons[entry.kind]) for entry in page.entries],
            "before": page.before.isoformat() if page.before else "",
            "kinds": kinds,
            "only": only,
            "as_of": clock.now(),
        }
        if before is not None:
            return self.show("history_entries.html", context)
        context |= person_context(self, person)
        if is_fragment(request):
            return self.show("history_with_person.html", context)
        return self.page({**queue_context(self, request.GET.get("tab", "mine")), **context})


def moment_of(text: str) -> datetime | None:
    """Read a moment with its time zone; anything else is none."""
    try:
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None

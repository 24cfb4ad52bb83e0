"""What everybody may know: how the service is, what was promised, and whether it was kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, QuerySet

from complaints.models import (
    Component,
    Incident,
    IncidentUpdate,
    Notice,
    Promise,
    Severity,
)
from complaints.models.incidents import OPEN
from complaints.services import promises, publishing
from complaints.services.promises import Record
from seoul_health.core import clock
from seoul_health.core.memory import remembered

HISTORY = timedelta(days=90)
MOST = 100
GRAVITY = {Severity.MINOR: 1, Severity.PARTIAL: 2, Severity.MAJOR: 3}
STATES = ("ok", "minor", "partial", "major")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the service and how it is now."""

    code: str
    state: str

    @property
    def label(self) -> str:
        """Name the part in the language of whoever asks: what is remembered is for everybody."""
        return str(Component(self.code).label)


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """The service as a citizen may see it at a moment."""

    as_of: datetime
    state: str
    parts: tuple[Part, ...]
    open: tuple[Incident, ...]
    past: tuple[Incident, ...]
    record: Record
    notices: tuple[Notice, ...]
    changed_at: datetime | None


@remembered
def read_status() -> PublicStatus:
    """Give the state of every part, what is open, and ninety days of history."""
    now = clock.now()
    since = now - HISTORY
    rows = list(shown().filter(status__in=OPEN)[:MOST])
    ended = shown().filter(status=Incident.Status.RESOLVED, resolved_at__gte=since)
    past = tuple(ended.order_by("-started_at", "-pk")[:MOST])
    parts = tuple(part(code, rows) for code in Component.values)
    said = [each.at for row in (*rows, *past) for each in row.updates.all()]
    return PublicStatus(
        as_of=now,
        state=max((one.state for one in parts), key=STATES.index),
        parts=parts,
        open=tuple(rows),
        past=past,
        record=promises.record_since(since),
        notices=tuple(publishing.shown_now(Notice.Placement.BANNER)),
        changed_at=max(said, default=None),
    )


def shown() -> QuerySet[Incident]:
    """Public incidents with what was said and promised."""
    said = IncidentUpdate.objects.filter(is_public=True).order_by("-at", "-pk")
    promised = Promise.objects.order_by("due_at", "pk")
    return (
        Incident.objects.public()
        .prefetch_related(Prefetch("updates", said), Prefetch("promises", promised))
        .order_by("-started_at", "-pk")
    )


def part(code: str, rows: list[Incident]) -> Part:
    """Take the gravest of what is open about a part; what is being watched counts as slight."""
    grave = [
        1 if row.status == Incident.Status.MONITORING else GRAVITY[Severity(row.severity)]
        for row in rows
        if code in row.components
    ]
    return Part(code, STATES[max(grave, default=0)])

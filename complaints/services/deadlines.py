from collections.abc import Sequence
from datetime import datetime

from complaints.models import ClockEvent, Complaint, Holiday, Kind
from complaints.rules import clock as statutory_clock
from complaints.rules.calendar import WorkCalendar
from complaints.rules.clock import Deadline, EventKind
from complaints.rules.holidays import work_calendar
from complaints.rules.periods import PERIODS, Period, statutory
from seoul_health.core import clock


def current_calendar() -> WorkCalendar:
    """Make the calendar from the law's holidays and the city's corrections."""
    rows = list(Holiday.objects.all())
    added = {row.day: row.name for row in rows if row.change == Holiday.Change.ADDED}
    removed = {row.day for row in rows if row.change == Holiday.Change.REMOVED}
    return work_calendar(added=added, removed=removed)


def period_of(complaint: Complaint) -> Period:
    return period_of_kind(complaint.kind, complaint.published_days)


def period_of_kind(kind: str, published_days: int | None) -> Period:
    if kind == Kind.STATUTORY:
        return statutory(published_days or 0)
    return PERIODS[kind]


def moves_of(complaint: Complaint) -> list[statutory_clock.ClockEvent]:
    """Give what has moved the clock since it last started."""
    kinds = [kind.value for kind in EventKind]
    events = complaint.clock_events.filter(kind__in=kinds, at__gte=complaint.clock_from)
    return [
        statutory_clock.ClockEvent(EventKind(event.kind), event.at, event.amount)
        for event in events.order_by("at", "pk")
    ]


def deadline_of(
    complaint: Complaint,
    *,
    calendar: WorkCalendar | None = None,
    events: Sequence[statutory_clock.ClockEvent] | None = None,
    start: datetime | None = None,
) -> Deadline:
    """Derive the due time from what happened; of an unreceived complaint, as if received."""
    return statutory_clock.due(
        start or complaint.clock_from,
        period_of(complaint),
        moves_of(complaint) if events is None else events,
        calendar or current_calendar(),
        as_of=clock.now(),
    )


def extensions_of(complaint: Complaint) -> int:
    """Count the extensions since the clock last started."""
    return complaint.clock_events.filter(
        kind=ClockEvent.Kind.EXTENDED, at__gte=complaint.clock_from
    ).count()

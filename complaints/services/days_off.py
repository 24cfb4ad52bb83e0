"""Days declared off, or working days after all: the calendar and every clock that stands on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from complaints.errors import HolidayKnown, HolidayOutOfReach
from complaints.models import ClockEvent, Complaint, Holiday, HolidayChange
from complaints.models.complaints import STOPPED, WATCHED
from complaints.rules import clock as statutory_clock
from complaints.rules.calendar import WorkCalendar
from complaints.rules.clock import EventKind
from complaints.rules.periods import Period, Unit
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.clock import KST, day_ends, day_starts
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

from .deadlines import current_calendar, period_of_kind

BATCH = 5_000
REACH_BACK, REACH_AHEAD = timedelta(days=366), timedelta(days=731)
Change, Status = HolidayChange.Change, HolidayChange.Status
FIELDS = ("pk", "kind", "published_days", "due_at", "received_at", "reopened_at")
# One statement moves the due times and writes the events that say from what to what.
MOVE = """
WITH computed AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(dues)s::timestamptz[]) AS row (id, due_at)
), before AS (
    SELECT complaint.id, complaint.due_at FROM complaints_complaint complaint
    JOIN computed USING (id) WHERE complaint.due_at <> computed.due_at
), moved AS (
    UPDATE complaints_complaint complaint
    SET due_at = computed.due_at, version = complaint.version + 1, warned = ''
    FROM computed JOIN before USING (id) WHERE complaint.id = computed.id
    RETURNING complaint.id, before.due_at AS was, complaint.due_at
)
INSERT INTO complaints_clockevent (complaint_id, kind, at, amount, reason, has_consent, actor,
    due_before, due_after, holiday_change_id)
SELECT id, 'holiday', %(now)s, NULL, %(reason)s, false, %(actor)s, was, due_at, %(change)s
FROM moved ORDER BY id
"""


class Clocked(Protocol):
    """What of a complaint the computation needs; whole rows would cost several times as much."""

    pk: int
    kind: str
    published_days: int | None
    due_at: datetime
    received_at: datetime
    reopened_at: datetime | None


@transaction.atomic
def declare(day: date, *, change: str, name: str, reason: str, by: StaffUser) -> HolidayChange:
    """Change the calendar at once; the clocks are computed anew by a job."""
    if not (name.strip() and reason.strip()):
        raise ReasonNeeded
    today = clock.today()
    if not today - REACH_BACK <= day <= today + REACH_AHEAD:
        raise HolidayOutOfReach
    correct(day, change=change, name=name.strip())
    declared = HolidayChange.objects.create(
        day=day, change=change, name=name.strip(), reason=reason.strip(), declared_by=by
    )
    audit.record("declared", declared, by=by, why=reason.strip(), day=str(day), change=change)
    enqueue("complaints.recompute_deadlines")
    return declared


def correct(day: date, *, change: str, name: str) -> None:
    """Write a correction, or take it back; one that changes nothing is refused."""
    was = current_calendar().why_off(day)
    if change == Change.DROPPED:
        if not Holiday.objects.filter(day=day).delete()[0]:
            raise HolidayKnown(day=day)
        return
    Holiday.objects.update_or_create(day=day, defaults={"change": change, "name": name})
    is_off = current_calendar().why_off(day)
    if bool(was) == bool(is_off):
        raise HolidayKnown(day=day)


def recompute_all(*, by: Actor) -> int:
    """Go on with every change whose due times are not all computed yet; give how many moved."""
    moved = 0
    for pk in HolidayChange.objects.filter(status=Status.COMPUTING).values_list("pk", flat=True):
        while (step := recompute_some(pk, by=by)) is not None:
            moved += step
    return moved


@transaction.atomic
def recompute_some(pk: int, *, by: Actor) -> int | None:
    """Compute one batch anew and remember how far it came; nothing when all is done."""
    rows = HolidayChange.objects.select_for_update(skip_locked=True)
    change = rows.filter(pk=pk, status=Status.COMPUTING).first()
    if change is None:
        return None
    touched = touched_by(change.day).filter(pk__gt=change.after_complaint).order_by("pk")
    complaints = list(touched.select_for_update().values_list(*FIELDS, named=True)[:BATCH])
    if not complaints:
        change.move(Status.DONE, by=by, finished_at=clock.now())
        return None
    moved = write(change, complaints, computed(complaints, current_calendar()), by=by)
    HolidayChange.objects.filter(pk=pk).update(
        after_complaint=complaints[-1].pk,
        examined=change.examined + len(complaints),
        moved=change.moved + moved,
    )
    return moved


def touched_by(day: date) -> QuerySet[Complaint]:
    """Open complaints whose period, or whose standstill, the day falls into."""
    begun = Q(reopened_at=None, received_at__lt=day_ends(day)) | Q(reopened_at__lt=day_ends(day))
    reached = Q(due_at__gte=day_starts(day)) | Q(status__in=STOPPED)
    return Complaint.objects.filter(begun, reached, status__in=[*WATCHED, *STOPPED])


def computed(complaints: Sequence[Clocked], calendar: WorkCalendar) -> list[datetime]:
    """Give every complaint's due time on this calendar."""
    moves, now, plain = moves_by_complaint(complaints), clock.now(), Plain(calendar)
    dues = []
    for row in complaints:
        start = row.reopened_at or row.received_at
        period = period_of_kind(row.kind, row.published_days)
        events = [event for event in moves.get(row.pk, ()) if event.at >= start]
        if events:
            due = statutory_clock.due(start, period, events, calendar, as_of=now)
            dues.append(due.due_at)
        else:
            dues.append(plain.due(start, period))
    return dues


@dataclass(frozen=True, slots=True)
class Plain:
    """Due times of clocks that nothing ever moved: the same day gives the same due time."""

    calendar: WorkCalendar
    known: dict[tuple[date, int], datetime] = field(default_factory=dict)

    def due(self, start: datetime, period: Period) -> datetime:
        if period.unit is Unit.HOURS:
            return self.calendar.add(start, period.working_time(period.length))
        key = (start.astimezone(KST).date(), period.length)
        if key not in self.known:
            self.known[key] = statutory_clock.due(start, period, [], self.calendar).due_at
        return self.known[key]


def moves_by_complaint(
    complaints: Iterable[Clocked],
) -> dict[int, list[statutory_clock.ClockEvent]]:
    """Read in one query what has moved these clocks."""
    numbers = [row.pk for row in complaints]
    rows = ClockEvent.objects.filter(complaint__in=numbers, kind__in=list(EventKind))
    found: dict[int, list[statutory_clock.ClockEvent]] = {}
    values = rows.order_by("at", "pk").values_list("complaint", "kind", "at", "amount")
    for complaint, kind, at, amount in values:
        event = statutory_clock.ClockEvent(EventKind(kind), at, amount)
        found.setdefault(complaint, []).append(event)
    return found


def write(
    change: HolidayChange, complaints: Sequence[Clocked], dues: Sequence[datetime], *, by: Actor
) -> int:
    """Move the due times that are not what they were; give how many."""
    differing = [
        (row.pk, due) for row, due in zip(complaints, dues, strict=True) if row.due_at != due
    ]
    values: dict[str, Any] = {
        "ids": [pk for pk, _due in differing],
        "dues": [due_at for _pk, due_at in differing],
        "now": clock.now(),
        "reason": f"{change.day} {change.name}"[:500],
        "actor": by.actor_name,
        "change": change.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVE, values)
        return int(cursor.rowcount)

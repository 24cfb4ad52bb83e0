"""Site inspections of grievances: up to fourteen working days that are not counted (영 §17)."""

from django.db import transaction

from complaints.errors import InspectionExtendedOnce, NothingAsked, OnlyGrievances
from complaints.models import ClockEvent, Complaint, Kind, Message
from complaints.rules.clock import ClockEvent as Move
from complaints.rules.clock import EventKind
from seoul_health.core import audit, clock
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser

from .delays import due_after
from .steps import hold, mark, say, touch


@transaction.atomic
def start_inspection(complaint: Complaint, *, text: str, version: int, by: StaffUser) -> None:
    """Go and look; the citizen is told, and the clock stands still meanwhile."""
    if complaint.kind != Kind.GRIEVANCE:
        raise OnlyGrievances
    hold(complaint, version=version)
    now, before = clock.now(), complaint.due_at
    say(
        complaint,
        Message.Author.STAFF,
        text,
        by=by,
        purpose=Message.Purpose.INSPECTION,
        agent=by,
    )
    due_at = due_after(complaint, Move(EventKind.INSPECTION_STARTED, now))
    complaint.move(Complaint.Status.INSPECTING, by=by, due_at=due_at, version=complaint.version + 1)
    mark(
        complaint,
        ClockEvent.Kind.INSPECTION_STARTED,
        due_before=before,
        due_after=due_at,
        by=by,
        reason=text,
        at=now,
    )


@transaction.atomic
def extend_inspection(complaint: Complaint, *, reason: str, version: int, by: StaffUser) -> None:
    """Inspect up to seven working days longer, once."""
    if not reason.strip():
        raise ReasonNeeded
    hold(complaint, version=version)
    if complaint.status != Complaint.Status.INSPECTING:
        raise NothingAsked(complaint=complaint)
    since = latest(complaint, ClockEvent.Kind.INSPECTION_STARTED)
    longer = ClockEvent.Kind.INSPECTION_EXTENDED
    if complaint.clock_events.filter(kind=longer, at__gte=since.at).exists():
        raise InspectionExtendedOnce
    now, before = clock.now(), complaint.due_at
    due_at = due_after(complaint, Move(EventKind.INSPECTION_EXTENDED, now))
    say(
        complaint,
        Message.Author.STAFF,
        reason,
        by=by,
        purpose=Message.Purpose.INSPECTION,
        agent=by,
    )
    touch(complaint, due_at=due_at, warned=Complaint.Warned.NO)
    mark(complaint, longer, due_before=before, due_after=due_at, by=by, reason=reason, at=now)
    audit.record("inspected_longer", complaint, by=by, why=reason)


@transaction.atomic
def end_inspection(complaint: Complaint, *, by: StaffUser, found: str) -> None:
    """Come back from the site; what was found is kept as a note and the clock runs again."""
    hold(complaint)
    if complaint.status != Complaint.Status.INSPECTING:
        raise NothingAsked(complaint=complaint)
    say(complaint, Message.Author.NOTE, found, by=by)
    now, before = clock.now(), complaint.due_at
    due_at = due_after(complaint, Move(EventKind.INSPECTION_ENDED, now))
    complaint.move(
        Complaint.Status.IN_PROGRESS,
        by=by,
        due_at=due_at,
        warned=Complaint.Warned.NO,
        version=complaint.version + 1,
    )
    mark(
        complaint,
        ClockEvent.Kind.INSPECTION_ENDED,
        due_before=before,
        due_after=due_at,
        by=by,
        at=now,
    )


def latest(complaint: Complaint, kind: str) -> ClockEvent:
    return complaint.clock_events.filter(kind=kind).order_by("-at", "-pk")[0]

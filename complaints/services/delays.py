"""What makes a citizen wait longer: supplements and extensions, each with its notice."""

from datetime import datetime

from django.db import transaction

from complaints.errors import (
    ClockNotRunning,
    ConsentNeeded,
    ExtendedTwice,
    LongerThanThePeriod,
    TooLateToExtend,
)
from complaints.models import ClockEvent, Complaint, Message
from complaints.models.complaints import RUNNING
from complaints.rules.clock import ClockEvent as Move
from complaints.rules.clock import EventKind
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser

from . import demands
from .deadlines import deadline_of, extensions_of, moves_of, period_of
from .steps import hold, mark, say, touch

EXTENSIONS = 2


@transaction.atomic
def ask_supplement(
    complaint: Complaint,
    *,
    text: str,
    version: int,
    by: StaffUser,
    days: int = demands.USUAL_DAYS,
) -> None:
    """Ask the citizen for what is missing; the clock stands still until it arrives."""
    hold(complaint, version=version)
    now, before = clock.now(), complaint.due_at
    told = say(
        complaint,
        Message.Author.STAFF,
        text,
        by=by,
        purpose=Message.Purpose.SUPPLEMENT,
        agent=by,
    )
    due_at = due_after(complaint, Move(EventKind.SUPPLEMENT_SENT, now))
    complaint.move(
        Complaint.Status.SUPPLEMENT_REQUESTED,
        by=by,
        due_at=due_at,
        version=complaint.version + 1,
    )
    mark(
        complaint,
        ClockEvent.Kind.SUPPLEMENT_SENT,
        due_before=before,
        due_after=due_at,
        by=by,
        reason=text,
        at=now,
    )
    demands.demand(complaint, told, days=days)


@transaction.atomic
def supplement_arrived(complaint: Complaint, *, by: Actor) -> None:
    """Let the clock run again: what was missing is here."""
    hold(complaint)
    now, before = clock.now(), complaint.due_at
    due_at = due_after(complaint, Move(EventKind.SUPPLEMENT_ARRIVED, now))
    complaint.move(
        Complaint.Status.IN_PROGRESS,
        by=by,
        due_at=due_at,
        warned=Complaint.Warned.NO,
        version=complaint.version + 1,
    )
    mark(
        complaint,
        ClockEvent.Kind.SUPPLEMENT_ARRIVED,
        due_before=before,
        due_after=due_at,
        by=by,
        at=now,
    )
    demands.end_open(complaint)


@transaction.atomic
def extend(
    complaint: Complaint,
    *,
    reason: str,
    version: int,
    by: StaffUser,
    amount: int | None = None,
    has_consent: bool = False,
) -> None:
    """Extend once by at most the period itself; a second time only with consent (영 §21)."""
    if not reason.strip():
        raise ReasonNeeded
    hold(complaint, version=version)
    check_extension(complaint, amount=amount, has_consent=has_consent)
    now, before = clock.now(), complaint.due_at
    due_at = due_after(complaint, Move(EventKind.EXTENDED, now, amount))
    say(
        complaint,
        Message.Author.STAFF,
        reason,
        by=by,
        purpose=Message.Purpose.EXTENSION,
        agent=by,
    )
    touch(complaint, due_at=due_at, warned=Complaint.Warned.NO)
    event = mark(
        complaint,
        ClockEvent.Kind.EXTENDED,
        due_before=before,
        due_after=due_at,
        by=by,
        reason=reason,
        at=now,
        amount=amount,
        has_consent=has_consent,
    )
    audit.record("extended", complaint, by=by, why=reason, clock_event=event.pk)


def check_extension(complaint: Complaint, *, amount: int | None, has_consent: bool) -> None:
    if complaint.status not in RUNNING:
        raise ClockNotRunning(complaint=complaint)
    earlier = extensions_of(complaint)
    if earlier >= EXTENSIONS:
        raise ExtendedTwice(complaint=complaint)
    if earlier and not has_consent:
        raise ConsentNeeded
    if amount is not None and not 0 < amount <= period_of(complaint).length:
        raise LongerThanThePeriod


def due_after(complaint: Complaint, move: Move) -> datetime:
    """Work out the due time one more event leads to; one that changes nothing came too late."""
    deadline = deadline_of(complaint, events=[*moves_of(complaint), move])
    if move in deadline.ignored and move.kind is EventKind.EXTENDED:
        raise TooLateToExtend(complaint=complaint)
    return deadline.due_at

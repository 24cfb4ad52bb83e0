"""What a citizen may do with a complaint of their own."""

from django.db import transaction

from complaints.errors import ComplaintClosed, NotAnsweredYet, TextNeeded
from complaints.models import ClockEvent, Complaint, Merge, Message
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.tasks import enqueue

from .deadlines import deadline_of
from .delays import supplement_arrived
from .families import leave
from .merging import hold_with_lead
from .steps import hold, mark, say, touch


@transaction.atomic
def write(complaint: Complaint, text: str, *, by: Actor) -> Message:
    """Add a message; one that was asked for as a supplement lets the clock run again.

    What a merged complaint's citizen writes changes the lead too: whoever answers must read it.
    """
    merged = hold_with_lead(complaint)
    if not complaint.is_open:
        raise ComplaintClosed(complaint=complaint)
    said = say(complaint, Message.Author.CITIZEN, text, by=by)
    if complaint.status == Complaint.Status.SUPPLEMENT_REQUESTED:
        supplement_arrived(complaint, by=by)
    else:
        touch(complaint)
    if merged is not None:
        touch(merged.lead)
    return said


@transaction.atomic
def withdraw(complaint: Complaint, *, by: Actor, why: str = "") -> None:
    """Take a complaint back (취하); possible until it is answered."""
    hold(complaint)
    complaint.move(Complaint.Status.WITHDRAWN, by=by, why=why, version=complaint.version + 1)
    leave(complaint, Merge.Outcome.WITHDRAWN)
    if Merge.objects.into(complaint).exists():
        enqueue("complaints.tend_merges")


@transaction.atomic
def rate(complaint: Complaint, score: int, *, by: Actor, comment: str = "") -> None:
    """Say how satisfying the answer was."""
    hold(complaint)
    if complaint.status != Complaint.Status.ANSWERED:
        raise NotAnsweredYet(complaint=complaint)
    if comment.strip():
        say(complaint, Message.Author.CITIZEN, comment, by=by)
    touch(complaint, satisfaction=score)
    audit.record("rated", complaint, by=by, score=score)


@transaction.atomic
def rate_and_reopen(complaint: Complaint, score: int, *, comment: str, by: Actor) -> None:
    """Ask for a further answer (추가답변): back into the queue, with the whole period anew."""
    if not comment.strip():
        raise TextNeeded
    rate(complaint, score, by=by, comment=comment)
    now, before = clock.now(), complaint.due_at
    due_at = deadline_of(complaint, events=[], start=now).due_at
    complaint.move(
        Complaint.Status.REOPENED,
        by=by,
        handler=None,
        reopened_at=now,
        reopen_count=complaint.reopen_count + 1,
        due_at=due_at,
        warned=Complaint.Warned.NO,
        version=complaint.version + 1,
    )
    mark(
        complaint,
        ClockEvent.Kind.REOPENED,
        due_before=before,
        due_after=due_at,
        by=by,
        reason=comment,
        at=now,
    )

from django.db import transaction

from complaints.errors import ApprovalNeeded, RefusalIncomplete
from complaints.models import Complaint, Kind, Message, ReplyTemplate
from seoul_health.core import clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import StaffUser

from . import families
from .steps import hold, say, touch


@transaction.atomic
def assign(complaint: Complaint, *, to: StaffUser, by: Actor, why: str = "") -> None:
    """Make one agent responsible for a complaint."""
    hold(complaint)
    complaint.move(
        Complaint.Status.ASSIGNED, by=by, why=why, handler=to, version=complaint.version + 1
    )


@transaction.atomic
def start(complaint: Complaint, *, by: Actor) -> None:
    """Begin, or go on, working on a complaint."""
    hold(complaint)
    complaint.move(Complaint.Status.IN_PROGRESS, by=by, version=complaint.version + 1)


@transaction.atomic
def take(complaint: Complaint, *, by: StaffUser) -> None:
    """Take a complaint on and begin at once."""
    assign(complaint, to=by, by=by)
    start(complaint, by=by)


@transaction.atomic
def take_next(*, by: StaffUser) -> Complaint | None:
    """Give the most urgent waiting complaint to one agent, never to two."""
    waiting = Complaint.objects.visible_to(by).waiting()
    complaint = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if complaint is not None:
        take(complaint, by=by)
    return complaint


@transaction.atomic
def add_note(complaint: Complaint, text: str, *, by: Actor) -> Message:
    """Leave a note that only staff see."""
    hold(complaint)
    note = say(complaint, Message.Author.NOTE, text, by=by)
    touch(complaint)
    return note


@transaction.atomic
def answer(
    complaint: Complaint,
    *,
    text: str,
    version: int,
    by: StaffUser,
    template: ReplyTemplate | None = None,
) -> Message:
    """Answer a complaint, naming department, agent and contact; the clock ends."""
    hold(complaint, version=version)
    check_alone(complaint)
    told = say(
        complaint,
        Message.Author.STAFF,
        text,
        by=by,
        purpose=Message.Purpose.ANSWER,
        template=template,
        agent=by,
    )
    conclude(complaint, by=by)
    return told


@transaction.atomic
def refuse(
    complaint: Complaint,
    *,
    text: str,
    reason: str,
    remedy: str,
    version: int,
    by: StaffUser,
) -> Message:
    """Refuse what was asked, with the reason and the remedy the law demands (법 §27)."""
    if not (reason.strip() and remedy.strip()):
        raise RefusalIncomplete
    hold(complaint, version=version)
    check_alone(complaint)
    told = say(
        complaint,
        Message.Author.STAFF,
        text,
        by=by,
        purpose=Message.Purpose.REFUSAL,
        reason=reason.strip(),
        remedy=remedy.strip(),
        agent=by,
    )
    conclude(complaint, by=by, why=reason.strip())
    return told


def check_alone(complaint: Complaint) -> None:
    """Refuse to decide a statutory procedure without a second person."""
    if complaint.kind == Kind.STATUTORY:
        raise ApprovalNeeded


def conclude(complaint: Complaint, *, by: StaffUser, why: str = "") -> None:
    complaint.move(
        Complaint.Status.ANSWERED,
        by=by,
        why=why,
        handler=by,
        answered_at=clock.now(),
        version=complaint.version + 1,
    )
    families.answered(complaint, by=by)

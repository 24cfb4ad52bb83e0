"""What every step on a complaint shares: the lock, the version, the clock event, the message."""

from datetime import datetime

from complaints.errors import AgentUnnamed, OutdatedVersion, TextNeeded
from complaints.models import ClockEvent, Complaint, Message
from complaints.models.catalogue import ReplyTemplate
from seoul_health.core import clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import StaffUser

from .telling import tell


def hold(complaint: Complaint, *, version: int | None = None) -> None:
    """Lock a complaint and see it as it is now; refuse whoever has read an older version."""
    complaint.refresh_from_db(from_queryset=Complaint.objects.select_for_update(of=("self",)))
    if version is not None and version != complaint.version:
        raise OutdatedVersion(complaint=complaint, mine=version, theirs=complaint.version)


def touch(complaint: Complaint, **stamps: object) -> None:
    """Count a change that leaves the status as it is; the row is held."""
    stamps["version"] = complaint.version + 1
    Complaint.objects.filter(pk=complaint.pk).update(**stamps)
    for name, value in stamps.items():
        setattr(complaint, name, value)


def mark(
    complaint: Complaint,
    kind: str,
    *,
    due_before: datetime | None,
    due_after: datetime,
    by: Actor,
    reason: str = "",
    at: datetime | None = None,
    amount: int | None = None,
    has_consent: bool = False,
) -> ClockEvent:
    """Write down what moved the clock, with the due time before and after."""
    return ClockEvent.objects.create(
        complaint=complaint,
        kind=kind,
        at=at or clock.now(),
        amount=amount,
        reason=reason[:500],
        has_consent=has_consent,
        actor=by.actor_name,
        due_before=due_before,
        due_after=due_after,
    )


def signature_of(agent: StaffUser) -> dict[str, str]:
    """Name department, agent and contact as the law wants them on every notice (영 §31)."""
    # Korean names are written family name first, without a space.
    name = f"{agent.last_name}{agent.first_name}".strip()
    if not (name and agent.department and agent.office_phone):
        raise AgentUnnamed
    return {
        "department": agent.department,
        "signed_by": name,
        "contact": agent.office_phone,
    }


def say(
    complaint: Complaint,
    author: str,
    text: str,
    *,
    by: Actor,
    purpose: str = Message.Purpose.TEXT,
    template: ReplyTemplate | None = None,
    reason: str = "",
    remedy: str = "",
    agent: StaffUser | None = None,
) -> Message:
    """Add a message; nothing that was said is ever changed."""
    if not text.strip():
        raise TextNeeded
    said = Message.objects.create(
        complaint=complaint,
        author=author,
        purpose=purpose,
        text=text.strip(),
        template=template,
        reason=reason,
        remedy=remedy,
        actor=by.actor_name,
        at=clock.now(),
        **(signature_of(agent) if agent else {}),
    )
    tell(said)
    return said

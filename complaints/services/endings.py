"""Ends without an answer: passed on, closed as repeated, not processed; each told with why."""

from collections.abc import Collection

from django.db import transaction

from complaints.errors import (
    LeadsOthers,
    NeverStatutory,
    NotTheSame,
    NotThreeTimes,
    RecipientNeeded,
)
from complaints.models import Complaint, Kind, Merge, Message, RepeatClosure, Transferral
from complaints.rules.intake import TransferTo, transfer_by
from seoul_health.core import clock
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser

from .deadlines import current_calendar
from .steps import hold, say

RESULTS_NEEDED = 2
MOST_EARLIER = 20


@transaction.atomic
def transfer_out(
    complaint: Complaint,
    *,
    recipient: str,
    name: str,
    contact: str,
    reason: str,
    text: str,
    version: int,
    by: StaffUser,
) -> Transferral:
    """Pass a complaint on to whoever is competent, and tell the citizen where it went (영 §13)."""
    if not (name.strip() and reason.strip()):
        raise RecipientNeeded
    hold(complaint, version=version)
    now = clock.now()
    send_by = transfer_by(complaint.clock_from, TransferTo(recipient), current_calendar())
    end(complaint, Complaint.Status.TRANSFERRED, text=text, reason=reason, by=by)
    return Transferral.objects.create(
        complaint=complaint,
        recipient=recipient,
        name=name.strip(),
        contact=contact.strip(),
        reason=reason.strip()[:500],
        sent_by=by.actor_name,
        sent_at=now,
        send_by=send_by,
    )


@transaction.atomic
def close_repeat(
    complaint: Complaint,
    *,
    earlier: Collection[str],
    sameness: str,
    text: str,
    version: int,
    by: StaffUser,
) -> RepeatClosure:
    """Close a third same complaint, after two results were told; never a statutory one (법 §23)."""
    if not sameness.strip():
        raise ReasonNeeded
    hold(complaint, version=version)
    if complaint.kind == Kind.STATUTORY:
        raise NeverStatutory
    answered = check_same(complaint, set(earlier) - {complaint.receipt_no})
    if len(answered) < RESULTS_NEEDED:
        raise NotThreeTimes(answered=len(answered))
    end(complaint, Complaint.Status.CLOSED_REPEAT, text=text, reason=sameness, by=by)
    return RepeatClosure.objects.create(
        complaint=complaint,
        first=answered[0],
        second=answered[1],
        sameness=sameness.strip()[:500],
        closed_by=by.actor_name,
    )


def check_same(complaint: Complaint, numbers: Collection[str]) -> list[Complaint]:
    """Give the named complaints that were answered; refuse somebody else's and other matters."""
    found = Complaint.objects.filter(receipt_no__in=numbers).order_by("arrived_at", "pk")
    rows = list(found[:MOST_EARLIER])
    for other in rows:
        if other.category_id != complaint.category_id or not is_same_person(complaint, other):
            raise NotTheSame(other=other)
    told = {Message.Purpose.ANSWER, Message.Purpose.REFUSAL}
    return [
        row
        for row in rows
        if row.arrived_at < complaint.arrived_at
        and row.status == Complaint.Status.ANSWERED
        and row.messages.filter(purpose__in=told).exists()
    ]


def is_same_person(one: Complaint, other: Complaint) -> bool:
    """Compare the people of two complaints; guests by the phone they gave."""
    if one.participant_id or other.participant_id:
        return one.participant_id == other.participant_id
    return bool(one.guest_phone) and digits(one.guest_phone) == digits(other.guest_phone)


def digits(phone: str | None) -> str:
    return "".join(filter(str.isdigit, phone or ""))


def earlier_same(complaint: Complaint) -> list[Complaint]:
    """Suggest earlier answered complaints of the same participant and category."""
    if complaint.participant_id is None:
        return []
    rows = Complaint.objects.filter(
        participant=complaint.participant_id,
        category=complaint.category_id,
        status=Complaint.Status.ANSWERED,
        arrived_at__lt=complaint.arrived_at,
    )
    return list(rows.order_by("-arrived_at", "-pk")[:MOST_EARLIER])


@transaction.atomic
def exempt(complaint: Complaint, *, ground: str, text: str, version: int, by: StaffUser) -> Message:
    """Say that a complaint is not processed, and on which ground of the law (법 §21)."""
    if not ground.strip():
        raise ReasonNeeded
    hold(complaint, version=version)
    return end(complaint, Complaint.Status.EXEMPT, text=text, reason=ground, by=by)


PURPOSES = {
    Complaint.Status.TRANSFERRED: Message.Purpose.TRANSFER,
    Complaint.Status.CLOSED_REPEAT: Message.Purpose.CLOSURE,
    Complaint.Status.EXEMPT: Message.Purpose.EXEMPTION,
}


def end(
    complaint: Complaint, to: Complaint.Status, *, text: str, reason: str, by: StaffUser
) -> Message:
    """Tell the citizen why there will be no answer, and end; others' lead cannot end like that."""
    if Merge.objects.into(complaint).exists():
        raise LeadsOthers(complaint=complaint)
    told = say(
        complaint,
        Message.Author.STAFF,
        text,
        by=by,
        purpose=PURPOSES[to],
        reason=reason.strip(),
        agent=by,
    )
    complaint.move(to, by=by, why=reason.strip(), version=complaint.version + 1)
    return told

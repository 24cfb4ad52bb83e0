"""Answers that a second person reads before they go out (결재)."""

from django.db import transaction

from complaints.errors import RefusalIncomplete, TextNeeded
from complaints.models import AnswerDraft, Complaint, Message
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser

from .desk import conclude
from .steps import hold, say, signature_of

Status, Purpose = AnswerDraft.Status, AnswerDraft.Purpose


@transaction.atomic
def propose(
    complaint: Complaint,
    *,
    text: str,
    version: int,
    by: StaffUser,
    reason: str = "",
    remedy: str = "",
) -> AnswerDraft:
    """Lay an answer before a second person; with a reason and a remedy it is a refusal."""
    if not text.strip():
        raise TextNeeded
    if bool(reason.strip()) != bool(remedy.strip()):
        raise RefusalIncomplete
    signature_of(by)
    hold(complaint, version=version)
    complaint.move(Complaint.Status.APPROVAL, by=by, version=complaint.version + 1)
    return AnswerDraft.objects.create(
        complaint=complaint,
        purpose=Purpose.REFUSAL if reason.strip() else Purpose.ANSWER,
        text=text.strip(),
        reason=reason.strip(),
        remedy=remedy.strip(),
        requested_by=by,
    )


@transaction.atomic
def approve(draft: AnswerDraft, *, version: int, by: StaffUser) -> Message:
    """Send the answer, signed by whoever wrote it; the clock ends."""
    author = draft.requested_by
    hold(draft.complaint, version=version)
    draft.move(Status.APPROVED, by=by, **draft.decided(by))
    told = say(
        draft.complaint,
        Message.Author.STAFF,
        draft.text,
        by=by,
        purpose=draft.purpose,
        reason=draft.reason,
        remedy=draft.remedy,
        agent=author,
    )
    conclude(draft.complaint, by=author, why=draft.reason)
    return told


@transaction.atomic
def send_back(draft: AnswerDraft, *, remark: str, by: StaffUser) -> None:
    """Say what is to be changed; the complaint goes back to its agent."""
    if not remark.strip():
        raise ReasonNeeded
    hold(draft.complaint)
    remark = remark.strip()[:500]
    draft.move(Status.SENT_BACK, by=by, why=remark, remark=remark, **draft.decided(by))
    say(draft.complaint, Message.Author.NOTE, remark, by=by)
    to = Complaint.Status.IN_PROGRESS
    draft.complaint.move(to, by=by, why=remark, version=draft.complaint.version + 1)


@transaction.atomic
def take_back(draft: AnswerDraft, *, by: StaffUser) -> None:
    """Take an own draft back to write it anew."""
    hold(draft.complaint)
    draft.move(Status.DROPPED, by=by)
    to = Complaint.Status.IN_PROGRESS
    draft.complaint.move(to, by=by, version=draft.complaint.version + 1)

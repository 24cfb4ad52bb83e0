"""Questions to other departments: the clock runs on, and the reply comes before it is due."""

from datetime import datetime

from django.db import transaction

from complaints.errors import (
    ConsultationExtendedOnce,
    NothingAsked,
    ReplyAfterTheDueTime,
    TextNeeded,
)
from complaints.models import Complaint, Consultation
from seoul_health.core import audit, clock
from seoul_health.core.clock import KST
from seoul_health.core.models import StaffUser

from .steps import hold, touch


@transaction.atomic
def consult(
    complaint: Complaint,
    *,
    department: str,
    question: str,
    reply_by: datetime,
    version: int,
    by: StaffUser,
) -> Consultation:
    """Ask another department, which must reply inside the period (법 §20)."""
    if not (department.strip() and question.strip()):
        raise TextNeeded
    hold(complaint, version=version)
    check_reply_date(complaint, reply_by)
    complaint.move(
        Complaint.Status.CONSULTING, by=by, why=department, version=complaint.version + 1
    )
    return Consultation.objects.create(
        complaint=complaint,
        department=department.strip(),
        question=question.strip(),
        asked_by=by.actor_name,
        reply_by=reply_by,
    )


@transaction.atomic
def extend_reply(complaint: Complaint, *, reply_by: datetime, by: StaffUser) -> None:
    """Move the reply date once, still inside the period."""
    hold(complaint)
    asked = open_consultation(complaint)
    if asked.is_extended:
        raise ConsultationExtendedOnce
    check_reply_date(complaint, reply_by)
    Consultation.objects.filter(pk=asked.pk).update(reply_by=reply_by, is_extended=True)
    touch(complaint)
    audit.record("reply_date_moved", complaint, by=by, department=asked.department)


@transaction.atomic
def note_reply(complaint: Complaint, *, reply: str, by: StaffUser) -> None:
    """Write down what the department said and go on working."""
    if not reply.strip():
        raise TextNeeded
    hold(complaint)
    asked = open_consultation(complaint)
    Consultation.objects.filter(pk=asked.pk).update(reply=reply.strip(), replied_at=clock.now())
    complaint.move(
        Complaint.Status.IN_PROGRESS, by=by, why=asked.department, version=complaint.version + 1
    )


def open_consultation(complaint: Complaint) -> Consultation:
    found = complaint.consultations.open().first()
    if found is None or complaint.status != Complaint.Status.CONSULTING:
        raise NothingAsked(complaint=complaint)
    return found


def check_reply_date(complaint: Complaint, reply_by: datetime) -> None:
    """Hold the reply date between now and the due time; a late complaint may still ask."""
    due_at = complaint.due_at
    assert due_at is not None, "only received complaints are worked on"
    now = clock.now()
    if reply_by <= now or (reply_by > max(due_at, now) and due_at > now):
        raise ReplyAfterTheDueTime(due=f"{due_at.astimezone(KST):%Y-%m-%d %H:%M}")

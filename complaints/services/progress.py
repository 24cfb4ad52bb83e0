"""Notices of progress: after thirty days, and every thirty days again (영 §23)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.errors import AgentUnnamed
from complaints.models import Complaint, Message
from complaints.models.complaints import STOPPED, WATCHED
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.clock import KST
from seoul_health.core.models import StaffUser

from .steps import hold, say, touch

EVERY = timedelta(days=30)
BATCH = 200


def waiting_long(now: datetime) -> QuerySet[Complaint]:
    """Open for thirty days, and not told of the progress within the last thirty."""
    told = Message.objects.filter(
        complaint=OuterRef("pk"), purpose=Message.Purpose.PROGRESS, at__gt=now - EVERY
    )
    rows = Complaint.objects.filter(
        status__in=[*WATCHED, *STOPPED], received_at__lte=now - EVERY
    ).exclude(reopened_at__gt=now - EVERY)
    return rows.exclude(Exists(told)).order_by("received_at", "pk")


def tell_progress(*, by: Actor) -> int:
    """Tell those who wait long how it stands; what nobody can sign stays on the board of duties."""
    told = 0
    rows = signable(waiting_long(clock.now()))
    for pk in rows.values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            free = waiting_long(clock.now()).select_for_update(of=("self",), skip_locked=True)
            complaint = free.filter(pk=pk).first()
            if complaint is not None and complaint.handler is not None:
                told += tell_one(complaint, by=by)
    return told


def signable(rows: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """Those whose agent can sign a notice: the others must not stand in their way."""
    named = rows.exclude(handler__last_name="", handler__first_name="")
    return named.filter(handler__department__gt="", handler__office_phone__gt="")


def tell_one(complaint: Complaint, *, by: Actor) -> bool:
    """Write the notice in its agent's name; an agent without name or phone cannot sign it."""
    agent = complaint.handler
    assert agent is not None, "the caller chose complaints with an agent"
    try:
        notify_progress(complaint, text=standing(complaint), agent=agent, by=by)
    except AgentUnnamed:
        return False
    return True


@transaction.atomic
def notify_progress(complaint: Complaint, *, text: str, agent: StaffUser, by: Actor) -> Message:
    """Tell the citizen how a complaint stands, after thirty days or because they asked."""
    hold(complaint)
    told = say(
        complaint,
        Message.Author.STAFF,
        text,
        by=by,
        purpose=Message.Purpose.PROGRESS,
        agent=agent,
    )
    touch(complaint)
    audit.record("progress_told", complaint, by=by)
    return told


def standing(complaint: Complaint) -> str:
    """Say in Korean, as citizens read it, where a complaint stands and until when."""
    assert complaint.due_at is not None, "only received complaints are worked on"
    with translation.override("ko"):
        if complaint.due_at <= clock.now():
            says = _(
                "Your complaint {receipt_no} is “{state}”. We are sorry: it should have been "
                "answered by {due}. If you have questions, please call the number below."
            )
        else:
            says = _(
                "Your complaint {receipt_no} is “{state}”. We answer it by {due}. "
                "If you have questions, please call the number below."
            )
        return says.format(
            receipt_no=complaint.receipt_no,
            state=complaint.get_status_display(),
            due=f"{complaint.due_at.astimezone(KST):%Y-%m-%d %H:%M}",
        )

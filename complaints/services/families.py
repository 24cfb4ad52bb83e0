"""What becomes of merged complaints when one of them is answered, withdrawn or closed."""

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from complaints.models import Complaint, Merge, Message
from complaints.models.complaints import RUNNING, STOPPED
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.tasks import enqueue

from .merging import end, go_back, hold_all
from .steps import hold, touch
from .telling import tell

Status = Complaint.Status
ANSWERS = (Message.Purpose.ANSWER, Message.Purpose.REFUSAL)
BATCH = 500


def answered(complaint: Complaint, *, by: Actor) -> None:
    """Note that a held complaint was answered: those merged into it are to hear the same."""
    leave(complaint, Merge.Outcome.ALONE)
    told = complaint.messages.filter(purpose__in=ANSWERS).order_by("-pk").first()
    waiting = Merge.objects.into(complaint).filter(answer=None)
    if told and waiting.update(answer=told):
        enqueue("complaints.answer_merged")


def leave(complaint: Complaint, outcome: str) -> None:
    """End the merge of a held complaint that went its own way."""
    live = Merge.objects.live().filter(child=complaint)
    live.update(outcome=outcome, ended_at=clock.now())


def answer_merged(*, by: Actor) -> int:
    """Give the answer of the lead to every merged complaint that waits for it."""
    waiting = Merge.objects.to_answer().values_list("child", flat=True)[:BATCH]
    return sum(answer_one(pk, by=by) for pk in list(waiting))


@transaction.atomic
def answer_one(pk: int, *, by: Actor) -> bool:
    """Answer one merged complaint under its own number; somebody else's lock is left alone."""
    free = Complaint.objects.select_for_update(skip_locked=True, of=("self",))
    child = free.filter(pk=pk, status=Status.MERGED).first()
    rows = Merge.objects.to_answer().select_related("lead", "answer")
    row = rows.filter(child=pk).first() if child else None
    if child is None or row is None or row.answer is None:
        return False
    repeat(row.answer, child, row.lead)
    child.move(
        Status.ANSWERED,
        by=by,
        handler=row.lead.handler,
        answered_at=clock.now(),
        version=child.version + 1,
    )
    end(row, Merge.Outcome.ANSWERED)
    return True


def repeat(told: Message, child: Complaint, lead: Complaint) -> Message:
    """Say to one citizen what was said to another, under the number that is theirs."""
    said = Message.objects.create(
        complaint=child,
        author=told.author,
        purpose=told.purpose,
        text=told.text.replace(lead.receipt_no, child.receipt_no),
        reason=told.reason,
        remedy=told.remedy,
        template=told.template,
        actor=told.actor,
        department=told.department,
        signed_by=told.signed_by,
        contact=told.contact,
    )
    tell(said)
    return said


@transaction.atomic
def hand_on(lead: Complaint, *, by: Actor) -> Complaint | None:
    """Give the complaints of a lead that is gone another lead: the one that is due first."""
    rows = list(Merge.objects.into(lead).select_related("child", "was_with"))
    hold_all([lead, *(row.child for row in rows)])
    live = set(Merge.objects.into(lead).values_list("pk", flat=True))
    rows = [row for row in rows if row.pk in live]
    if lead.status in {*RUNNING, *STOPPED, Status.ANSWERED} or not rows:
        return None
    rows.sort(key=lambda row: (row.child.due_at or row.merged_at, row.child.pk))
    first, *others = rows
    Merge.objects.live().filter(pk__in=[row.pk for row in rows]).update(
        outcome=Merge.Outcome.HANDED_ON, ended_at=clock.now()
    )
    go_back(first.child, first, by=by, why=lead.receipt_no)
    Merge.objects.bulk_create(under(first.child, row, by) for row in others)
    touch(first.child)
    audit.record("took_over", first.child, by=by, count=len(others), receipt_no=lead.receipt_no)
    return first.child


def under(lead: Complaint, row: Merge, by: Actor) -> Merge:
    return Merge(
        lead=lead,
        child=row.child,
        purpose=row.purpose,
        merged_by=by.actor_name,
        was_status=row.was_status,
        was_with=row.was_with,
    )


def tend_merges(*, by: Actor) -> dict[str, int]:
    """Find what a killed step left: merged complaints whose lead is answered or gone."""
    return {
        "given": sum(answered_late(lead, by=by) for lead in leads_that(Status.ANSWERED)),
        "handed_on": sum(hand_on(lead, by=by) is not None for lead in leads_that(*Complaint.EXITS)),
        "answered": answer_merged(by=by),
    }


def leads_that(*statuses: str) -> list[Complaint]:
    waiting = Merge.objects.live().filter(lead=OuterRef("pk"), answer=None)
    return list(Complaint.objects.filter(Exists(waiting), status__in=statuses).order_by("pk"))


@transaction.atomic
def answered_late(lead: Complaint, *, by: Actor) -> int:
    """Pass on an answer that was given by a way that forgot the others."""
    hold(lead)
    told = lead.messages.filter(purpose__in=ANSWERS).order_by("-pk").first()
    waiting = Merge.objects.into(lead).filter(answer=None)
    return waiting.update(answer=told) if told and lead.status == Status.ANSWERED else 0


def wrote_since(lead: Complaint) -> set[int]:
    """Name the merged complaints whose citizens have written after the merge."""
    rows = Merge.objects.into(lead).filter(
        child__messages__author=Message.Author.CITIZEN, child__messages__at__gt=F("merged_at")
    )
    return set(rows.values_list("child", flat=True))

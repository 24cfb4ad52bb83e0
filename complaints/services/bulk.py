"""One step on up to 500 complaints, worked off by a job.

Rows are the queue: every complaint is taken in a transaction of its own, so that a killed worker
leaves nothing half done and the next one goes on where it stopped. A complaint that cannot take
the step says why and keeps nobody else from it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from complaints.errors import (
    AgentCannotWork,
    CannotLead,
    NothingChosen,
    OutdatedVersion,
    TextNeeded,
    TooManyChosen,
)
from complaints.models import BulkItem, BulkJob, Complaint, ReplyTemplate
from complaints.models.complaints import RUNNING, STOPPED
from points.services import evidence
from seoul_health.core import audit, clock
from seoul_health.core.errors import DomainError
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

from . import desk, merging
from .replies import fill
from .steps import hold, signature_of, touch

MOST = 500
Kind = BulkJob.Kind
Outcome = BulkItem.Outcome
TO_TAKE = {Complaint.Status.RECEIVED, Complaint.Status.ASSIGNED, Complaint.Status.REOPENED}
# Their clock or another desk holds them; only the agent changes.
HELD_UP = {*STOPPED, Complaint.Status.CONSULTING}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with every chosen complaint."""

    kind: str
    agent: StaffUser | None = None
    template: ReplyTemplate | None = None
    lead: Complaint | None = None
    text: str = ""


@transaction.atomic
def start(order: Order, complaints: Sequence[Complaint], *, by: StaffUser) -> BulkJob:
    """Write down what is to be done; a job does it."""
    chosen = [row for row in complaints if row != order.lead]
    if not chosen:
        raise NothingChosen
    if len(chosen) > MOST:
        raise TooManyChosen(limit=MOST)
    check_order(order, chosen, by=by)
    job = BulkJob.objects.create(
        kind=order.kind,
        agent=order.agent,
        template=order.template,
        lead=order.lead,
        text=order.text.strip(),
        count=len(chosen),
        started_by=by,
    )
    BulkItem.objects.bulk_create(
        BulkItem(job=job, complaint=row, version=row.version)
        # In the order `hold_all` locks complaints: storing an item locks its complaint too.
        for row in sorted(chosen, key=lambda row: row.pk)
    )
    audit.record("planned", job, by=by, kind=job.kind, count=job.count)
    enqueue("complaints.work_off_bulk")
    return job


def check_order(order: Order, chosen: Sequence[Complaint], *, by: StaffUser) -> None:
    """Refuse at once what would be refused for every complaint."""
    if order.kind == Kind.ASSIGN:
        check_agent(order.agent)
    elif not order.text.strip():
        raise TextNeeded
    if order.kind in {Kind.ANSWER, Kind.MERGE}:
        signature_of(by)
    if order.kind == Kind.MERGE:
        assert order.lead is not None, "a merge has its lead"
        if order.lead.status not in {*RUNNING, *STOPPED}:
            raise CannotLead(complaint=order.lead, state=order.lead.get_status_display())
        merging.check_group(order.lead, chosen)


def check_agent(agent: StaffUser | None) -> None:
    if agent is None or not agent.is_active:
        raise AgentCannotWork
    if not agent.has_perm("complaints.answer_complaint"):
        raise AgentCannotWork


@transaction.atomic
def stop(job: BulkJob, *, by: StaffUser) -> None:
    """Leave alone what has not been begun; what is done stays done."""
    job.move(BulkJob.Status.STOPPED, by=by, finished_at=clock.now())
    job.items.filter(outcome=Outcome.PENDING).update(outcome=Outcome.DROPPED)


def work_off_all() -> int:
    """Work off every running step; what a killed worker left is taken up again."""
    return sum(work_off(job) for job in BulkJob.objects.running())


def work_off(job: BulkJob) -> int:
    done = 0
    while (step := work_off_one(job)) is not None:
        done += step
    finish(job)
    return done


@transaction.atomic
def work_off_one(job: BulkJob) -> int | None:
    """Take the next complaint of a step; None when none is free."""
    pending = job.items.filter(outcome=Outcome.PENDING, job__status=BulkJob.Status.RUNNING)
    free = pending.select_for_update(skip_locked=True, of=("self",))
    item = free.select_related("complaint").order_by("pk").first()
    if item is None:
        return None
    try:
        with transaction.atomic():
            STEPS[job.kind](job, item)
    except DomainError as refusal:
        item.outcome, item.why = Outcome.REFUSED, str(refusal)[:300]
    else:
        item.outcome = Outcome.DONE
    item.save(update_fields=["outcome", "why"])
    return int(item.outcome == Outcome.DONE)


@transaction.atomic
def finish(job: BulkJob) -> None:
    """End a step of which nothing is left; another worker's last complaint keeps it open."""
    locked = BulkJob.objects.select_for_update().get(pk=job.pk)
    if locked.status != BulkJob.Status.RUNNING:
        return
    if not locked.items.filter(outcome=Outcome.PENDING).exists():
        locked.move(BulkJob.Status.DONE, by=locked.started_by, finished_at=clock.now())


def assign(job: BulkJob, item: BulkItem) -> None:
    assert job.agent is not None, "a bulk assignment names the agent"
    reassign(item.complaint, to=job.agent, by=job.started_by)


@transaction.atomic
def reassign(complaint: Complaint, *, to: StaffUser, by: StaffUser) -> None:
    """Make another agent who sees it responsible, also while the clock stands still."""
    hold(complaint)
    if not Complaint.objects.visible_to(to).filter(pk=complaint.pk).exists():
        raise AgentCannotWork
    if complaint.status not in HELD_UP:
        desk.assign(complaint, to=to, by=by)
        return
    touch(complaint, handler=to)
    audit.record("reassigned", complaint, by=by, to=to.actor_name)


def note(job: BulkJob, item: BulkItem) -> None:
    desk.add_note(item.complaint, job.text, by=job.started_by)


def answer(job: BulkJob, item: BulkItem) -> None:
    """Answer one complaint as it was read; its own values stand in the text."""
    complaint, by = item.complaint, job.started_by
    hold(complaint)
    if complaint.version != item.version:
        raise OutdatedVersion(complaint=complaint, mine=item.version, theirs=complaint.version)
    if complaint.status in TO_TAKE:
        desk.take(complaint, by=by)
    desk.answer(
        complaint,
        text=words_for(job, complaint),
        version=complaint.version,
        by=by,
        template=job.template,
    )


def words_for(job: BulkJob, complaint: Complaint) -> str:
    told = ""
    if "{evidence}" in job.text and complaint.participant and complaint.about_date:
        told = evidence.panel(complaint.participant, complaint.about_date).citizen_text
    return fill(ReplyTemplate(text=job.text), complaint, evidence=told, by=job.started_by)


def merge(job: BulkJob, item: BulkItem) -> None:
    assert job.lead is not None, "a bulk merge names the lead"
    merging.hold_all([job.lead, item.complaint])
    merging.join(item.complaint, job.lead, purpose=job.text[:200], by=job.started_by)


STEPS: Mapping[str, Callable[[BulkJob, BulkItem], None]] = {
    Kind.ASSIGN: assign,
    Kind.NOTE: note,
    Kind.ANSWER: answer,
    Kind.MERGE: merge,
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step has come."""

    count: int
    done: int
    refused: int
    dropped: int

    @property
    def worked(self) -> int:
        return self.done + self.refused + self.dropped

    @property
    def percent(self) -> int:
        return 100 * self.worked // max(1, self.count)


def progress_of(job: BulkJob) -> Progress:
    return progress_of_all([job])[0]


def progress_of_all(jobs: Sequence[BulkJob]) -> list[Progress]:
    """Count what became of the complaints of several steps in one pass."""
    rows = BulkItem.objects.filter(job__in=jobs).values_list("job", "outcome")
    found = {row[:2]: row[2] for row in rows.order_by("job").annotate(count=Count("pk"))}
    ends = (Outcome.DONE, Outcome.REFUSED, Outcome.DROPPED)
    return [Progress(job.count, *(found.get((job.pk, end), 0) for end in ends)) for job in jobs]

"""Approving many applications at once: one person proposes a list, another one approves it.

The list is frozen with its digest when it is proposed. After approval it is worked off in
chunks, each in a transaction of its own, so that a killed worker leaves nothing half done; every
item is judged again, and those that fail by then are left out with the reason.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from participants.errors import BatchVoid, NobodyToApprove, SamePerson
from participants.models import (
    Application,
    ApprovalBatch,
    BatchItem,
    Decision,
    EligibilityRule,
    Lane,
    Participant,
    Quota,
    RecruitmentRound,
)
from participants.services import notices
from participants.services.decisions import facts_of, freeze, seen
from participants.services.judging import judge, rule_in_force, rule_of
from participants.services.reviewing import TO_REVIEW
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import AuditEvent, StaffUser
from seoul_health.core.tasks import enqueue

Status = ApprovalBatch.Status
Outcome = BatchItem.Outcome
MOST = 5_000
CHUNK = 200


@transaction.atomic
def propose(
    round_: RecruitmentRound, *, lane: Lane | None = None, basis: str = "", by: StaffUser
) -> ApprovalBatch:
    """Freeze the list of those who meet every condition today."""
    rule = rule_of(round_)
    listed = [
        row for row in eligible(round_, lane, basis) if not judge(row, rule, with_papers=True)
    ]
    if not listed:
        raise NobodyToApprove
    batch = ApprovalBatch.objects.create(
        round=round_,
        lane=lane,
        basis=basis,
        rule=rule,
        count=len(listed),
        list_hash=digest_of(rule, [row.receipt_no for row in listed]),
        proposed_by=by,
    )
    BatchItem.objects.bulk_create(
        [BatchItem(batch=batch, application=row) for row in listed], batch_size=1_000
    )
    audit.record("proposed", batch, by=by, count=batch.count, list_hash=batch.list_hash)
    return batch


def eligible(round_: RecruitmentRound, lane: Lane | None, basis: str) -> QuerySet[Application]:
    """Find what can be approved without looking: no paper to read, no group to check."""
    waiting = BatchItem.objects.filter(application=OuterRef("pk"), outcome=Outcome.PENDING)
    rows = Application.objects.filter(
        ~Exists(waiting),
        Q(quota=None) | Q(quota__group=Quota.Group.GENERAL),
        round=round_,
        status__in=TO_REVIEW,
        claim=None,
    )
    rows = rows.filter(lane=lane) if lane else rows
    rows = rows.filter(basis=basis) if basis else rows
    # A resident is taken at the register's word; who lives elsewhere has sent a paper to read.
    residents = rows.filter(basis="resident", participant__is_resident=True)
    return with_facts(residents).order_by("sequence")[:MOST]


def with_facts(rows: QuerySet[Application]) -> QuerySet[Application]:
    whole = rows.select_related("round", "quota", "participant__profile")
    return whole.prefetch_related("evidence")


def digest_of(rule: EligibilityRule, receipts: Sequence[str]) -> str:
    text = "\n".join([f"rule {rule.pk}", *receipts])
    return hashlib.sha256(text.encode()).hexdigest()


def list_of(batch: ApprovalBatch) -> list[str]:
    items = batch.items.order_by("pk")
    return list(items.values_list("application__receipt_no", flat=True))


def approve_batch(batch: ApprovalBatch, *, by: StaffUser) -> None:
    """Agree to a list somebody else proposed; a list that changed becomes void instead."""
    if batch.proposed_by_id == by.pk:
        raise SamePerson
    if not is_as_proposed(batch):
        void(batch, by=by)
        raise BatchVoid
    with transaction.atomic():
        batch.move(Status.APPROVED, by=by, decided_by=by, decided_at=clock.now())
        enqueue("participants.work_off_batches")


def is_as_proposed(batch: ApprovalBatch) -> bool:
    """Tell whether list and rule are still the ones that were proposed."""
    rule = rule_in_force(batch.round)
    return rule == batch.rule and digest_of(batch.rule, list_of(batch)) == batch.list_hash


@transaction.atomic
def reject_batch(batch: ApprovalBatch, *, by: StaffUser, why: str) -> None:
    """Refuse somebody else's list; its applications wait for the desk as before."""
    if batch.proposed_by_id == by.pk:
        raise SamePerson
    batch.move(Status.REJECTED, by=by, why=why, decided_by=by, decided_at=clock.now())
    batch.items.filter(outcome=Outcome.PENDING).update(outcome=Outcome.RELEASED)


@transaction.atomic
def void(batch: ApprovalBatch, *, by: StaffUser, why: str = "") -> None:
    """Take a list back that nobody has approved."""
    batch.move(Status.VOID, by=by, why=why, decided_by=by, decided_at=clock.now())
    batch.items.filter(outcome=Outcome.PENDING).update(outcome=Outcome.RELEASED)


def progress_of(batch: ApprovalBatch) -> list[tuple[str, int]]:
    """Count a batch by what became of its applications."""
    counts = dict(batch.items.values_list("outcome").annotate(count=Count("pk")))
    return [(str(label), counts[name]) for name, label in Outcome.choices if name in counts]


def work_off_all() -> int:
    """Work off every approved batch; what a killed worker left is taken up again."""
    return sum(work_off(batch) for batch in ApprovalBatch.objects.unfinished())


def work_off(batch: ApprovalBatch) -> int:
    approved = 0
    while (done := work_off_chunk(batch)) is not None:
        approved += done
    return approved


@transaction.atomic
def work_off_chunk(batch: ApprovalBatch) -> int | None:
    """Decide the next items; nothing is left when this gives None."""
    pending = batch.items.filter(outcome=Outcome.PENDING).order_by("pk")
    items = list(pending.select_for_update(skip_locked=True)[:CHUNK])
    if not items:
        if not pending.exists():
            unfinished = ApprovalBatch.objects.filter(pk=batch.pk, finished_at=None)
            unfinished.update(finished_at=clock.now())
        return None
    rows = Application.objects.filter(pk__in=[item.application_id for item in items])
    locked = with_facts(rows).select_for_update(of=("self",)).order_by("pk")
    faults = {row.pk: fault_of(row, batch.rule) for row in locked}
    passed = [row for row in locked if not faults[row.pk]]
    approve_rows(passed, batch)
    for item in items:
        item.reason = faults[item.application_id][:300]
        item.outcome = Outcome.LEFT_OUT if item.reason else Outcome.APPROVED
    BatchItem.objects.bulk_update(items, ["outcome", "reason"])
    return len(passed)


def fault_of(application: Application, rule: EligibilityRule) -> str:
    """Say why an item is left out now, if it is."""
    if application.status not in TO_REVIEW:
        return str(application.get_status_display())
    return " ".join(str(failure) for failure in judge(application, rule, with_papers=True))


def approve_rows(rows: list[Application], batch: ApprovalBatch) -> None:
    """Approve a chunk as one set: the rows, their decisions, papers, audit and messages."""
    approver, now = batch.decided_by, clock.now()
    assert approver is not None, "only an approved batch is worked off"
    pks = [row.pk for row in rows]
    moved = Application.objects.filter(pk__in=pks, status__in=TO_REVIEW).update(
        status=Application.Status.APPROVED,
        decided_at=now,
        rule=batch.rule,
        reason="",
        reason_code=None,
        failed_rules=[],
    )
    assert moved == len(rows), "locked rows cannot change under us"
    Decision.objects.bulk_create(decision_of(row, batch, approver, now) for row in rows)
    freeze(pks, at=now)
    people = Participant.objects.filter(applications__in=pks, verified_at=None)
    people.update(verified_at=now)
    AuditEvent.objects.bulk_create(event_of(row, batch, approver) for row in rows)
    notices.plan("application_approved", [message_to(row) for row in rows])


def decision_of(
    row: Application, batch: ApprovalBatch, approver: StaffUser, now: datetime
) -> Decision:
    return Decision(
        **facts_of(row, batch.rule),
        outcome=Decision.Outcome.APPROVED,
        evidence=[seen(paper) for paper in row.evidence.all()],
        decided_by=approver.actor_name,
        decided_at=now,
    )


def event_of(row: Application, batch: ApprovalBatch, by: Actor) -> AuditEvent:
    return AuditEvent(
        verb=Application.Status.APPROVED,
        subject=audit.subject_of(row),
        actor=by.actor_name,
        detail={"why": str(batch), "before": row.status},
    )


def message_to(row: Application) -> notices.Planned:
    about = {"round": row.round.name, "receipt_no": row.receipt_no}
    return notices.Planned(row.participant_id, str(row.pk), about)

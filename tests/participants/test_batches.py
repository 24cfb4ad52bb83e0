import pytest
from django.db import IntegrityError, transaction

from participants.errors import BatchVoid, NobodyToApprove, SamePerson
from participants.models import (
    Application,
    ApprovalBatch,
    BatchItem,
    Decision,
    Notification,
    Participant,
)
from participants.services import applications, batches
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.recruiting import open_lane, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposer(make_staff):
    return make_staff("recruitment_officer")


@pytest.fixture
def approver(make_staff):
    return make_staff("recruitment_officer")


@pytest.fixture
def lane():
    return open_lane(seats=50)


@pytest.fixture
def residents(make_participant, lane):
    people = [make_participant(is_resident=True, verified=False) for _ in range(5)]
    return [submitted(person, lane) for person in people]


@pytest.fixture
def batch(residents, lane, proposer):
    return batches.propose(lane.round, basis="resident", by=proposer)


def outcomes():
    return list(BatchItem.objects.order_by("pk").values_list("outcome", flat=True))


def test_a_list_holds_those_whom_nobody_needs_to_look_at(
    residents, lane, make_participant, proposer
):
    submitted(make_participant(is_resident=None), lane)
    submitted(make_participant(is_resident=True), lane, basis="worker")

    batch = batches.propose(lane.round, by=proposer)

    assert (batch.count, batch.status) == (5, "proposed")
    assert batches.list_of(batch) == [row.receipt_no for row in residents]
    assert set(Application.objects.values_list("status", flat=True)) == {"submitted"}


def test_an_approved_list_is_worked_off_as_one(batch, approver, residents, queued):
    batches.approve_batch(batch, by=approver)

    assert batches.work_off_all() == 5
    assert set(Application.objects.values_list("status", "rule")) == {("approved", batch.rule_id)}
    assert outcomes() == ["approved"] * 5
    assert ApprovalBatch.objects.get().finished_at is not None
    decisions = Decision.objects.all()
    assert {(one.outcome, one.decided_by, one.age) for one in decisions} == {
        ("approved", approver.actor_name, 46)
    }
    assert Participant.objects.filter(verified_at=None).count() == 0
    assert Notification.objects.filter(key__startswith="application_approved:").count() == 5
    assert AuditEvent.objects.filter(verb="approved", actor=approver.actor_name).count() == 6
    assert batches.work_off_all() == 0


def test_a_chunk_is_a_few_statements_however_long(batch, approver, django_assert_max_num_queries):
    batches.approve_batch(batch, by=approver)

    with django_assert_max_num_queries(25 + 4 * 5):
        batches.work_off_chunk(batch)


def test_nobody_approves_their_own_list(batch, proposer):
    with pytest.raises(SamePerson):
        batches.approve_batch(batch, by=proposer)
    with pytest.raises(SamePerson):
        batches.reject_batch(batch, by=proposer, why="혼자서는 안 됩니다.")

    assert ApprovalBatch.objects.get().status == "proposed"
    assert batches.work_off_all() == 0


def test_the_database_wants_two_people(batch, proposer):
    with pytest.raises(IntegrityError, match="two_people_approve_a_batch"):
        ApprovalBatch.objects.update(status="approved", decided_by=proposer, decided_at=clock.now())


def test_items_that_fail_by_now_are_left_out_with_the_reason(batch, approver, residents):
    applications.withdraw(residents[0], by=residents[0].participant)
    Participant.objects.filter(pk=residents[1].participant_id).update(is_resident=False)
    applications.reject(residents[2], by=JOB, reason="중복 신청입니다.")
    batches.approve_batch(batch, by=approver)

    assert batches.work_off_all() == 2
    assert outcomes() == ["left_out"] * 3 + ["approved"] * 2
    assert all(BatchItem.objects.filter(outcome="left_out").values_list("reason", flat=True))
    assert Application.objects.get(pk=residents[1].pk).status == "submitted"


def test_a_changed_list_becomes_void(batch, approver, make_participant, lane):
    late = submitted(make_participant(is_resident=True), lane)
    BatchItem.objects.create(batch=batch, application=late)

    with pytest.raises(BatchVoid):
        batches.approve_batch(batch, by=approver)

    assert ApprovalBatch.objects.get().status == "void"
    assert set(outcomes()) == {"released"}
    assert set(Application.objects.values_list("status", flat=True)) == {"submitted"}


def test_the_database_keeps_list_and_terms(batch):
    for change, name in [
        (lambda: BatchItem.objects.first().delete(), "the_list_of_a_batch_stays"),
        (lambda: ApprovalBatch.objects.update(count=4), "a_batch_stays_as_proposed"),
        (lambda: ApprovalBatch.objects.update(list_hash="0" * 64), "a_batch_stays_as_proposed"),
        (lambda: ApprovalBatch.objects.update(finished_at=clock.now()), "only_an_approved_batch"),
        (lambda: ApprovalBatch.objects.update(status="void"), "a_decided_batch_says_who_and_when"),
    ]:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            change()


def test_an_application_waits_in_one_list_only(batch, lane, proposer, residents):
    with pytest.raises(NobodyToApprove):
        batches.propose(lane.round, by=proposer)
    with pytest.raises(IntegrityError, match="an_application_is_once_in_a_batch"):
        BatchItem.objects.create(batch=batch, application=residents[0])


def test_one_pending_list_per_application_is_the_database_s_word(batch, lane, proposer, approver):
    batches.reject_batch(batch, by=approver, why="다시 확인해 주세요.")
    again = batches.propose(lane.round, by=proposer)
    third = ApprovalBatch.objects.create(
        round=lane.round, rule=again.rule, count=1, list_hash="x", proposed_by=proposer
    )

    with pytest.raises(IntegrityError, match="an_application_waits_in_one_batch"):
        BatchItem.objects.create(batch=third, application=Application.objects.first())


def test_what_was_decided_is_not_decided_again(batch, approver, proposer):
    batches.void(batch, by=proposer, why="잘못 골랐습니다.")

    with pytest.raises(IllegalMove):
        batches.approve_batch(batch, by=approver)

    assert batches.work_off_all() == 0

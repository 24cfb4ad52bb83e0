"""One step on many complaints."""

import pytest

from complaints.errors import (
    AgentCannotWork,
    AgentUnnamed,
    CannotLead,
    NothingChosen,
    OtherPurpose,
    TextNeeded,
    TooFewToMerge,
    TooManyChosen,
)
from complaints.models import BulkItem, BulkJob, Complaint, Merge, Message
from complaints.services import bulk, citizens, delays, desk
from complaints.services.bulk import MOST, Order, Progress, progress_of
from complaints.tasks import work_off_bulk
from seoul_health.core.errors import IllegalMove
from tests.complaints.builders import category, receive_one
from tests.complaints.groups import PURPOSE, crowd

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(make_participant):
    return crowd(make_participant)


def test_many_are_given_to_one_agent(group, agent, colleague, queued):
    job = bulk.start(Order("assign", agent=colleague), group, by=agent)
    assert bulk.work_off(job) == 5

    assert set(Complaint.objects.values_list("status", "handler")) == {("assigned", colleague.pk)}
    assert BulkJob.objects.get().status == "done"
    assert progress_of(job) == Progress(count=5, done=5, refused=0, dropped=0)


def test_a_step_wakes_the_job_and_the_job_does_it(
    group, agent, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        bulk.start(Order("note", text="확인 중"), group, by=agent)
    assert ("complaints.work_off_bulk",) in queued

    work_off_bulk()
    work_off_bulk()
    assert Message.objects.filter(author="note", text="확인 중").count() == 5


def test_everybody_is_answered_with_the_own_values(group, agent, queued):
    job = bulk.start(Order("answer", text="{receipt_no} 건 처리했습니다."), group, by=agent)
    bulk.work_off(job)

    for complaint in group:
        told = complaint.messages.get(purpose="answer")
        assert told.text == f"{complaint.receipt_no} 건 처리했습니다."
        assert told.signed_by == "이상담"
    assert set(Complaint.objects.values_list("status", flat=True)) == {"answered"}


def test_one_that_cannot_take_the_step_says_why_and_stops_nobody(group, agent, queued):
    citizens.withdraw(group[2], by=group[2].participant)
    job = bulk.start(Order("answer", text="답"), group, by=agent)
    bulk.work_off(job)

    refused = BulkItem.objects.get(outcome="refused")
    assert refused.complaint == group[2]
    assert refused.why == str(IllegalMove(what=group[2], to=Complaint.Status.ANSWERED.label))
    assert progress_of(job) == Progress(count=5, done=4, refused=1, dropped=0)
    assert Message.objects.filter(purpose="answer").count() == 4


def test_what_was_written_after_the_choice_is_not_answered_over(group, agent, queued):
    job = bulk.start(Order("answer", text="답"), group, by=agent)
    citizens.write(group[0], "잠깐만요.", by=group[0].participant)
    bulk.work_off(job)

    assert BulkItem.objects.get(outcome="refused").complaint == group[0]
    assert not group[0].messages.filter(purpose="answer").exists()


def test_many_are_merged_into_one(group, agent, queued):
    job = bulk.start(Order("merge", lead=group[0], text=PURPOSE), group, by=agent)
    bulk.work_off(job)

    assert job.count == 4
    assert {row.child for row in Merge.objects.into(group[0])} == set(group[1:])


def test_what_stands_still_gets_another_agent_and_keeps_its_state(taken, agent, colleague, queued):
    delays.ask_supplement(taken, text="사진?", version=taken.version, by=agent)
    bulk.work_off(bulk.start(Order("assign", agent=colleague), [taken], by=agent))

    taken.refresh_from_db()
    assert (taken.status, taken.handler) == ("supplement_requested", colleague)


def test_a_killed_worker_leaves_the_rest_to_the_next(group, agent, queued, monkeypatch):
    job = bulk.start(Order("note", text="확인 중"), group, by=agent)
    for _ in range(2):
        bulk.work_off_one(job)

    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    monkeypatch.setitem(bulk.STEPS, "note", die)
    with pytest.raises(Killed):
        bulk.work_off_one(job)
    monkeypatch.undo()
    assert progress_of(job).worked == 2
    assert bulk.work_off(job) == 3
    assert Message.objects.filter(author="note").count() == 5


def test_a_stopped_step_leaves_the_rest_alone(group, agent, queued):
    job = bulk.start(Order("note", text="확인 중"), group, by=agent)
    bulk.work_off_one(job)
    bulk.stop(job, by=agent)
    assert bulk.work_off(BulkJob.objects.get()) == 0

    assert progress_of(job) == Progress(count=5, done=1, refused=0, dropped=4)
    with pytest.raises(IllegalMove):
        bulk.stop(BulkJob.objects.get(), by=agent)


def test_500_are_taken_and_501_are_not(walker, agent, queued):
    many = [Complaint(pk=number) for number in range(1, MOST + 2)]
    with pytest.raises(TooManyChosen):
        bulk.start(Order("note", text="확인 중"), many, by=agent)

    assert not BulkJob.objects.exists()


def test_500_begin_with_few_queries(walker, agent, queued, django_assert_max_num_queries):
    pattern = receive_one(walker)
    rows = []
    for number in range(MOST):
        row = Complaint.objects.get(pk=pattern.pk)
        row.pk, row.receipt_no = None, f"C-2611-{number:06d}"
        rows.append(row)
    many = Complaint.objects.bulk_create(rows)
    with django_assert_max_num_queries(8):
        job = bulk.start(Order("note", text="확인 중"), many, by=agent)

    assert job.items.count() == MOST


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        (Order("note", text=" "), TextNeeded),
        (Order("answer"), TextNeeded),
        (Order("assign"), AgentCannotWork),
    ],
    ids=["an empty note", "an empty answer", "nobody to give to"],
)
def test_a_step_that_is_not_complete_does_not_begin(group, agent, order, refusal):
    with pytest.raises(refusal):
        bulk.start(order, group, by=agent)
    assert not BulkJob.objects.exists()


def test_nothing_chosen_is_no_step(agent):
    with pytest.raises(NothingChosen):
        bulk.start(Order("note", text="확인 중"), [], by=agent)


def test_only_agents_who_work_here_are_given_complaints(group, agent, make_staff):
    gone = make_staff("agent", is_active=False)
    other = make_staff("finance_officer")
    for somebody in (gone, other):
        with pytest.raises(AgentCannotWork):
            bulk.start(Order("assign", agent=somebody), group, by=agent)

    assert not BulkJob.objects.exists()


def test_nobody_is_given_a_complaint_they_cannot_open(make_participant, agent, make_staff, queued):
    group = [receive_one(make_participant(district=place)) for place in ("강남구", "종로구")]
    local = make_staff("agent", scope="district", district="강남구")
    bulk.work_off(bulk.start(Order("assign", agent=local), group, by=agent))

    assert list(Complaint.objects.filter(handler=local)) == group[:1]
    assert BulkItem.objects.get(outcome="refused").complaint == group[1]


def test_complaints_are_taken_in_the_order_in_which_they_are_locked(group, agent, queued):
    bulk.start(Order("note", text="확인 중"), group[::-1], by=agent)

    rows = BulkItem.objects.order_by("pk").values_list("complaint", flat=True)
    assert list(rows) == sorted(row.pk for row in group)


def test_an_unnamed_agent_does_not_begin_to_answer(group, make_staff):
    with pytest.raises(AgentUnnamed):
        bulk.start(Order("answer", text="답"), group, by=make_staff("agent"))
    assert not BulkJob.objects.exists()


def test_a_merge_of_many_keeps_the_rules_of_merging(group, make_participant, walker, agent):
    with pytest.raises(TooFewToMerge):
        bulk.start(Order("merge", lead=group[0], text=PURPOSE), group[1:3], by=agent)
    other = receive_one(walker, code="sign_in")
    with pytest.raises(OtherPurpose):
        bulk.start(Order("merge", lead=group[0], text=PURPOSE), [*group[1:], other], by=agent)
    citizens.withdraw(group[0], by=group[0].participant)
    with pytest.raises(CannotLead):
        bulk.start(Order("merge", lead=group[0], text=PURPOSE), group[1:], by=agent)

    assert not BulkJob.objects.exists()


def test_an_agents_name_is_no_field_of_the_text(complaint, agent, queued):
    assert category().code == "points_missing"
    job = bulk.start(Order("answer", text="{nobody} {agent}"), [complaint], by=agent)
    bulk.work_off(job)

    assert Message.objects.get(purpose="answer").text == "{nobody} 이상담"


def test_a_taken_complaint_of_a_colleague_is_answered_by_whoever_asks(taken, colleague, queued):
    assert taken.status == "in_progress"
    job = bulk.start(Order("answer", text="답"), [taken], by=colleague)
    bulk.work_off(job)

    taken.refresh_from_db()
    assert (taken.status, taken.handler) == ("answered", colleague)
    assert desk.take_next(by=colleague) is None

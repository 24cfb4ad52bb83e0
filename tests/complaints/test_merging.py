import pytest
import time_machine

from complaints.errors import (
    AlreadyMerged,
    CannotLead,
    LeadsOthers,
    MergedWithItself,
    NotMerged,
    OtherPurpose,
    OutdatedVersion,
    TooFewToMerge,
)
from complaints.models import Complaint, Merge, Message
from complaints.rules.merging import Obstacle, Voice, obstacle
from complaints.services import citizens, desk, families, merging, reminders
from complaints.services.intake import Guest, receive
from participants.models import Notification
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.models import AuditEvent
from tests.complaints.builders import MONDAY, at, receive_one
from tests.complaints.groups import PURPOSE, crowd, merged
from tests.conftest import JOB

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(make_participant):
    return crowd(make_participant)


@pytest.fixture
def lead(group, agent):
    desk.take(group[0], by=agent)
    return merged(group, by=agent)


def children_of(lead: Complaint) -> list[Complaint]:
    rows = Merge.objects.filter(lead=lead).order_by("pk").select_related("child")
    return [row.child for row in rows]


def answer(lead: Complaint, agent, text: str = "고쳤습니다.") -> None:
    lead.refresh_from_db()
    desk.answer(lead, text=text, version=lead.version, by=agent)


@pytest.mark.parametrize(
    ("people", "categories", "found"),
    [
        ("abcde", "11111", None),
        ("abcdef", "111111", None),
        ("abcd", "1111", Obstacle.TOO_FEW),
        ("aabbcc", "111111", Obstacle.TOO_FEW),
        ("aa", "11", None),
        ("abcde", "11112", Obstacle.OTHER_PURPOSE),
        ("aa", "12", Obstacle.OTHER_PURPOSE),
        ("a", "1", Obstacle.ALONE),
        ("", "", Obstacle.ALONE),
    ],
)
def test_five_people_or_one_persons_doubles_may_be_merged(people, categories, found):
    group = [Voice(person, int(of)) for person, of in zip(people, categories, strict=True)]

    assert obstacle(group) == found


def test_merged_complaints_keep_number_clock_and_receipt(group, lead):
    for before in group[1:]:
        now = Complaint.objects.get(pk=before.pk)

        assert now.status == "merged"
        assert (now.receipt_no, now.due_at, now.received_at) == (
            before.receipt_no,
            before.due_at,
            before.received_at,
        )


def test_every_merged_citizen_is_told_under_the_own_number(group, lead):
    for child in group[1:]:
        told = child.messages.get()

        assert child.receipt_no in told.text
        assert lead.receipt_no not in told.text
        assert told.department == "건강관리과"


def test_the_answer_of_the_lead_reaches_every_citizen_once(lead, agent, queued):
    answer(lead, agent, f"{lead.receipt_no} 건은 처리되었습니다.")
    assert families.answer_merged(by=JOB) == 4
    assert families.answer_merged(by=JOB) == 0

    for child in children_of(lead):
        told = child.messages.get(purpose="answer")
        assert told.text == f"{child.receipt_no} 건은 처리되었습니다."
        assert (told.signed_by, told.actor) == ("이상담", agent.actor_name)
        assert (child.status, child.handler) == ("answered", agent)
    assert set(Merge.objects.values_list("outcome", flat=True)) == {"answered"}


def test_every_merged_citizen_is_notified_of_the_answer(group, lead, agent, queued):
    answer(lead, agent)
    families.answer_merged(by=JOB)

    told = Notification.objects.filter(key__startswith="complaint_notice:message:")
    assert sorted(told.values_list("participant", flat=True)) == sorted(
        row.participant_id for row in group
    )


def test_answering_the_lead_wakes_the_job(lead, agent, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer(lead, agent)

    assert ("complaints.answer_merged",) in queued


def test_a_refusal_reaches_the_others_with_reason_and_remedy(lead, agent, queued):
    lead.refresh_from_db()
    desk.refuse(lead, text="불가", reason="기준", remedy="이의신청", version=lead.version, by=agent)
    families.answer_merged(by=JOB)

    told = Message.objects.filter(purpose="refusal").exclude(complaint=lead)
    assert set(told.values_list("reason", "remedy")) == {("기준", "이의신청")}
    assert told.count() == 4


def test_a_reopened_child_goes_its_own_way(lead, agent, queued):
    answer(lead, agent)
    families.answer_merged(by=JOB)
    child = children_of(lead)[0]
    citizens.rate_and_reopen(child, 1, comment="저는 아직 안 됩니다.", by=child.participant)
    desk.take(child, by=agent)
    answer(child, agent, "다시 확인했습니다.")

    lead.refresh_from_db()
    assert (child.status, lead.status, lead.reopen_count) == ("answered", "answered", 0)
    assert {row.status for row in children_of(lead)} == {"answered"}
    assert child.messages.filter(purpose="answer").count() == 2


def test_a_reopened_lead_leaves_the_others_answered(lead, agent, queued):
    answer(lead, agent)
    families.answer_merged(by=JOB)
    lead.refresh_from_db()
    citizens.rate_and_reopen(lead, 1, comment="아직입니다.", by=lead.participant)

    assert {row.status for row in children_of(lead)} == {"answered"}


def test_others_get_the_answer_even_when_the_lead_is_reopened_first(lead, agent, queued):
    answer(lead, agent)
    lead.refresh_from_db()
    citizens.rate_and_reopen(lead, 1, comment="아직입니다.", by=lead.participant)
    families.answer_merged(by=JOB)

    assert {row.status for row in children_of(lead)} == {"answered"}


def test_an_unmerged_complaint_is_back_where_it_was(group, agent, colleague, queued):
    desk.take(group[0], by=agent)
    desk.take(group[1], by=colleague)
    due_at = group[1].due_at
    lead = merged(group, by=agent)
    child = Complaint.objects.get(pk=group[1].pk)
    merging.unmerge(child, why="다른 문제", by=agent)

    child.refresh_from_db()
    assert (child.status, child.handler, child.due_at) == ("in_progress", colleague, due_at)
    answer(lead, agent)
    families.answer_merged(by=JOB)
    child.refresh_from_db()
    assert child.status == "in_progress"


def test_an_unmerged_complaint_of_nobody_waits_again(lead, agent):
    child = children_of(lead)[0]
    merging.unmerge(child, why="다른 문제", by=agent)

    child.refresh_from_db()
    assert (child.status, child.handler) == ("received", None)
    assert child in Complaint.objects.waiting()


def test_it_can_be_merged_again_after_it_was_taken_out(lead, agent):
    child = children_of(lead)[0]
    merging.unmerge(child, why="다른 문제", by=agent)
    merging.merge(lead, [child], purpose=PURPOSE, by=agent)

    assert Merge.objects.filter(child=child).count() == 2
    assert Merge.objects.live().filter(child=child).count() == 1


def test_what_a_merged_citizen_writes_must_be_read_before_the_answer(lead, agent):
    lead.refresh_from_db()
    read, child = lead.version, children_of(lead)[0]
    citizens.write(child, "사진을 보냅니다.", by=child.participant)

    with pytest.raises(OutdatedVersion):
        desk.answer(lead, text="답", version=read, by=agent)
    assert families.wrote_since(lead) == {child.pk}
    assert not Message.objects.filter(purpose="answer").exists()


def test_a_citizen_takes_a_merged_complaint_back_alone(lead, agent, queued):
    child = children_of(lead)[0]
    citizens.withdraw(child, by=child.participant)
    answer(lead, agent)
    families.answer_merged(by=JOB)

    assert Complaint.objects.get(pk=child.pk).status == "withdrawn"
    assert Merge.objects.get(child=child).outcome == "withdrawn"
    assert Complaint.objects.filter(status="answered").count() == 4


def test_a_withdrawn_lead_hands_the_others_on(make_participant, agent, queued):
    group = crowd(make_participant, 4, at=MONDAY)
    first = receive_one(make_participant(), at=at(2026, 11, 20))
    lead = merged([*group, first], by=agent)
    citizens.withdraw(lead, by=lead.participant)
    families.tend_merges(by=JOB)

    first.refresh_from_db()
    assert first.status == "received"
    assert {row.child for row in Merge.objects.into(first)} == set(group[1:])
    assert Merge.objects.into(lead).count() == 0
    assert families.tend_merges(by=JOB) == {"given": 0, "handed_on": 0, "answered": 0}


def test_a_gone_lead_leaves_alone_who_was_given_another_meanwhile(
    make_participant, agent, queued, monkeypatch
):
    lead, first, *rest = crowd(make_participant, 6)
    other = crowd(make_participant)
    merged([lead, first, *rest], by=agent)
    citizens.withdraw(lead, by=lead.participant)
    hold_all = families.hold_all

    def too_late(complaints):
        monkeypatch.setattr(families, "hold_all", hold_all)
        merging.unmerge(Complaint.objects.get(pk=first.pk), why="다른 건", by=agent)
        merged([*other, Complaint.objects.get(pk=first.pk)], by=agent)
        hold_all(complaints)

    monkeypatch.setattr(families, "hold_all", too_late)
    families.hand_on(Complaint.objects.get(pk=lead.pk), by=JOB)

    assert Merge.objects.live().get(child=first).lead == other[0]
    assert Complaint.objects.get(pk=first.pk).status == "merged"


def test_a_lead_answered_by_another_way_is_found(lead, agent, queued):
    answer(lead, agent)
    Merge.objects.update(answer=None)

    assert families.tend_merges(by=JOB) == {"given": 4, "handed_on": 0, "answered": 4}


def test_a_merged_complaint_can_be_answered_alone(lead, agent, queued):
    child = children_of(lead)[0]
    answer(child, agent, "먼저 답합니다.")
    answer(lead, agent)
    families.answer_merged(by=JOB)

    assert child.messages.filter(purpose="answer").count() == 1
    assert Merge.objects.get(child=child).outcome == "alone"


def test_a_merged_complaint_still_falls_due(lead):
    child = children_of(lead)[0]
    late = child.due_at + (child.due_at - child.received_at)
    with time_machine.travel(late, tick=False):
        assert child in Complaint.objects.breached(late)
        reminders.warn_of_due(by=JOB)

    child.refresh_from_db()
    assert child.warned == "overdue"


def test_a_merged_complaint_is_in_nobodys_queue(lead, agent):
    assert list(Complaint.objects.mine(agent)) == [lead]
    assert not Complaint.objects.waiting().exists()
    assert desk.take_next(by=agent) is None


def test_a_merged_complaint_cannot_be_taken_or_received_again(lead, agent):
    child = children_of(lead)[0]
    with pytest.raises(IllegalMove):
        desk.take(child, by=agent)
    with pytest.raises(IllegalMove):
        receive(child, by=JOB)

    child.refresh_from_db()
    assert child.status == "merged"


def refused(error, lead, children, agent, **terms):
    before = list(Complaint.objects.order_by("pk").values("status", "version"))
    merges, events = Merge.objects.count(), AuditEvent.objects.count()
    with pytest.raises(error):
        merging.merge(lead, children, by=agent, **({"purpose": PURPOSE} | terms))
    assert list(Complaint.objects.order_by("pk").values("status", "version")) == before
    assert (Merge.objects.count(), AuditEvent.objects.count()) == (merges, events)


def test_four_people_are_too_few(group, agent):
    refused(TooFewToMerge, group[0], group[1:4], agent)


def test_the_sixth_joins_five(lead, make_participant, agent):
    sixth = receive_one(make_participant())
    merging.merge(lead, [sixth], purpose=PURPOSE, by=agent)

    assert Merge.objects.into(lead).count() == 5


def test_one_persons_doubles_may_be_merged(walker, agent):
    first, second = receive_one(walker), receive_one(walker)
    merging.merge(first, [second], purpose="중복 접수", by=agent)

    second.refresh_from_db()
    assert second.status == "merged"


def test_guests_are_told_apart_by_their_phone(agent):
    same = [Guest("홍길동", "010-1111-2222"), Guest("홍 길동", "01011112222")]
    first, second = [receive_one(None, guest=guest) for guest in same]
    other = receive_one(None, guest=Guest("홍길동", "010-3333-4444"))

    refused(TooFewToMerge, first, [second, other], agent)
    merging.merge(first, [second], purpose="중복 접수", by=agent)
    assert Complaint.objects.get(pk=second.pk).status == "merged"


def test_another_category_is_another_purpose(group, walker, agent):
    other = receive_one(walker, code="sign_in")

    refused(OtherPurpose, group[0], [*group[1:], other], agent)


def test_a_merge_needs_its_reason(group, agent):
    refused(ReasonNeeded, group[0], group[1:], agent, purpose="  ")


def test_a_merge_looks_at_the_version_that_was_read(group, agent):
    refused(OutdatedVersion, group[0], group[1:], agent, version=group[0].version + 1)


def test_a_complaint_is_not_merged_into_itself(group, agent):
    refused(MergedWithItself, group[0], group, agent)


def test_what_is_merged_is_not_merged_again(lead, make_participant, agent):
    others = crowd(make_participant, 5)

    refused(AlreadyMerged, others[0], [*others[1:], children_of(lead)[0]], agent)


def test_no_chains_of_leads(lead, make_participant, agent):
    others = crowd(make_participant, 5)

    refused(LeadsOthers, others[0], [*others[1:], lead], agent)
    refused(CannotLead, children_of(lead)[0], others, agent)


def test_a_closed_complaint_does_not_lead(group, agent):
    citizens.withdraw(group[0], by=group[0].participant)

    refused(CannotLead, group[0], group[1:], agent)


def test_what_waits_for_the_citizen_is_not_merged(group, agent):
    desk.take(group[4], by=agent)
    Complaint.objects.filter(pk=group[4].pk).update(status="supplement_requested")

    refused(IllegalMove, group[0], group[1:], agent)


def test_only_what_is_merged_can_be_taken_out(group, agent):
    with pytest.raises(NotMerged):
        merging.unmerge(group[0], why="왜", by=agent)
    with pytest.raises(ReasonNeeded):
        merging.unmerge(group[0], why=" ", by=agent)

import pytest
import time_machine

from complaints.errors import (
    ApprovalNeeded,
    ConsultationExtendedOnce,
    DemandedOnce,
    DemandExtendedTwice,
    DemandStillRuns,
    DemandTooLong,
    InspectionExtendedOnce,
    NeverStatutory,
    NotTheSame,
    NotThreeTimes,
    OnlyGrievances,
    OutdatedVersion,
    RecipientNeeded,
    ReplyAfterTheDueTime,
)
from complaints.models import (
    AnswerDraft,
    ClockEvent,
    Complaint,
    Consultation,
    Message,
    RepeatClosure,
    SupplementDemand,
    Transferral,
)
from complaints.services import (
    approval,
    citizens,
    consulting,
    delays,
    demands,
    desk,
    endings,
    inspections,
)
from complaints.services.deadlines import deadline_of
from participants.models import Notification
from seoul_health.core.errors import IllegalMove, ReasonNeeded, SamePerson
from seoul_health.core.models import AuditEvent
from tests.complaints.builders import MONDAY, at, receive_one

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


def inspect(complaint, by):
    inspections.start_inspection(
        complaint, text="현장을 확인하겠습니다.", version=complaint.version, by=by
    )


def test_an_inspection_stops_the_clock_and_tells_the_citizen(taken, agent, monday):
    due = taken.due_at
    inspect(taken, agent)
    monday.move_to(at(2026, 11, 25))
    inspections.end_inspection(taken, found="현장 확인 완료", by=agent)

    assert (taken.status, due, taken.due_at) == (
        "in_progress",
        at(2026, 12, 1, 18),
        at(2026, 12, 4, 18),
    )
    assert Message.objects.filter(purpose="inspection", department="건강관리과").count() == 1
    assert taken.due_at == deadline_of(taken).due_at


def test_an_inspection_longer_than_fourteen_days_lets_the_clock_run(taken, agent, monday):
    inspect(taken, agent)
    monday.move_to(at(2026, 12, 31))
    inspections.end_inspection(taken, found="확인", by=agent)

    assert taken.due_at == at(2026, 12, 21, 18)


def test_an_inspection_is_extended_once(taken, agent):
    inspect(taken, agent)
    inspections.extend_inspection(taken, reason="장비 고장", version=taken.version, by=agent)

    with pytest.raises(InspectionExtendedOnce):
        inspections.extend_inspection(taken, reason="또", version=taken.version, by=agent)

    assert ClockEvent.objects.filter(kind="inspection_extended").count() == 1


def test_only_grievances_are_inspected(walker, agent):
    question = receive_one(walker, code="application")
    desk.take(question, by=agent)

    with pytest.raises(OnlyGrievances):
        inspect(question, agent)

    assert Complaint.objects.get().status == "in_progress"
    assert not Message.objects.exists()


def ask(complaint, by, days=7):
    delays.ask_supplement(
        complaint, text="사진을 보내 주세요", version=complaint.version, by=by, days=days
    )


def test_a_demand_says_until_when_and_ends_when_it_is_met(taken, agent):
    ask(taken, agent)
    citizens.write(taken, "보냅니다", by=taken.participant)

    only = SupplementDemand.objects.get()
    assert (only.number, str(only.until)) == (1, "2026-11-30")
    assert only.ended_at == MONDAY


def test_a_citizen_is_given_more_time_twice(taken, agent):
    ask(taken, agent)
    demands.extend_demand(taken, until=at(2026, 12, 5).date(), by=agent)
    demands.extend_demand(taken, until=at(2026, 12, 10).date(), by=agent)

    with pytest.raises(DemandExtendedTwice):
        demands.extend_demand(taken, until=at(2026, 12, 20).date(), by=agent)

    assert str(SupplementDemand.objects.get().until) == "2026-12-10"


def again(complaint, by, days=10):
    demands.demand_again(
        complaint, text="다시 요청드립니다", days=days, version=complaint.version, by=by
    )


def give_back(complaint, by):
    return demands.return_unsupplied(
        complaint, text="반려합니다", reason="미보완", version=complaint.version, by=by
    )


def test_a_complaint_is_returned_only_after_a_second_demand(taken, agent, monday):
    ask(taken, agent)
    with pytest.raises(DemandStillRuns):
        again(taken, agent)
    monday.move_to(at(2026, 12, 1))
    with pytest.raises(DemandedOnce):
        give_back(taken, agent)
    again(taken, agent)
    with pytest.raises(DemandStillRuns):
        give_back(taken, agent)
    monday.move_to(at(2026, 12, 12))
    give_back(taken, agent)

    assert Complaint.objects.get().status == "returned"
    assert Message.objects.get(purpose="return").reason == "미보완"
    assert not SupplementDemand.objects.filter(ended_at=None).exists()


def test_a_second_demand_gives_ten_days_at_most(taken, agent, monday):
    ask(taken, agent)
    monday.move_to(at(2026, 12, 1))

    with pytest.raises(DemandTooLong):
        again(taken, agent, days=11)

    assert SupplementDemand.objects.count() == 1


def consult(complaint, by, until):
    return consulting.consult(
        complaint,
        department="정보시스템과",
        question="로그를 확인해 주십시오.",
        reply_by=until,
        version=complaint.version,
        by=by,
    )


def test_another_department_replies_inside_the_period(taken, agent):
    due = taken.due_at
    with pytest.raises(ReplyAfterTheDueTime):
        consult(taken, agent, at(2026, 12, 2, 18))
    assert Complaint.objects.get().status == "in_progress"

    consult(taken, agent, at(2026, 11, 27, 18))
    consulting.note_reply(taken, reply="서버 오류입니다.", by=agent)

    assert (taken.status, taken.due_at) == ("in_progress", due)
    assert Consultation.objects.get().replied_at == MONDAY


def test_a_reply_date_moves_once(taken, agent):
    consult(taken, agent, at(2026, 11, 26, 18))
    consulting.extend_reply(taken, reply_by=at(2026, 11, 27, 18), by=agent)

    with pytest.raises(ConsultationExtendedOnce):
        consulting.extend_reply(taken, reply_by=at(2026, 11, 30, 18), by=agent)

    assert Consultation.objects.get().reply_by == at(2026, 11, 27, 18)


def transfer(complaint, by, **terms):
    wanted = {
        "recipient": "other_agency",
        "name": "국민건강보험공단",
        "contact": "1577-1000",
        "reason": "소관 사무가 아님",
        "text": "소관 기관으로 이송하였습니다.",
    }
    return endings.transfer_out(complaint, version=complaint.version, by=by, **(wanted | terms))


def test_a_transfer_tells_the_citizen_where_and_why(taken, agent):
    sent = transfer(taken, agent)

    assert (sent.send_by, sent.is_late) == (at(2026, 11, 24, 10), False)
    assert Complaint.objects.get().status == "transferred"
    assert Message.objects.get(purpose="transfer").reason == "소관 사무가 아님"
    assert Notification.objects.filter(key__startswith="complaint_notice:").count() == 1


def test_a_transfer_after_eight_working_hours_is_late(taken, agent, monday):
    monday.move_to(at(2026, 11, 24, 10, 1))

    assert transfer(taken, agent).is_late is True


def test_a_transfer_needs_a_name(taken, agent):
    with pytest.raises(RecipientNeeded):
        transfer(taken, agent, name=" ")

    assert not Transferral.objects.exists()
    assert Complaint.objects.get().status == "in_progress"


def test_what_is_not_processed_says_on_which_ground(taken, agent):
    with pytest.raises(ReasonNeeded):
        endings.exempt(taken, ground="", text="처리 제외", version=taken.version, by=agent)
    endings.exempt(taken, ground="재판 계속 중", text="안내", version=taken.version, by=agent)

    assert Complaint.objects.get().status == "exempt"
    assert Message.objects.get().reason == "재판 계속 중"


def answered(participant, agent, when, **terms):
    complaint = receive_one(participant, at=when, **terms)
    desk.take(complaint, by=agent)
    desk.answer(complaint, text="답변", version=complaint.version, by=agent)
    return complaint


def close(complaint, earlier, by):
    return endings.close_repeat(
        complaint,
        earlier=[one.receipt_no for one in earlier],
        sameness="같은 날짜, 같은 요구",
        text="종결 안내",
        version=complaint.version,
        by=by,
    )


def test_the_third_same_complaint_closes_after_two_results(walker, agent):
    first, second = (answered(walker, agent, at(2026, 11, day)) for day in (2, 9))
    third = receive_one(walker, at=at(2026, 11, 16))
    with pytest.raises(NotThreeTimes):
        close(third, [first], agent)
    close(third, [first, second], agent)

    assert Complaint.objects.get(pk=third.pk).status == "closed_repeat"
    kept = RepeatClosure.objects.get()
    assert (kept.first, kept.second) == (first, second)


def test_earlier_answered_ones_are_suggested(walker, agent):
    first, second = (answered(walker, agent, at(2026, 11, day)) for day in (2, 9))
    receive_one(walker, code="suggestion")

    assert endings.earlier_same(receive_one(walker)) == [second, first]


def test_an_unanswered_one_is_no_result(walker, agent):
    first = answered(walker, agent, at(2026, 11, 2))
    open_one = receive_one(walker, at=at(2026, 11, 9))
    third = receive_one(walker, at=at(2026, 11, 16))

    with pytest.raises(NotThreeTimes):
        close(third, [first, open_one], agent)

    assert Complaint.objects.get(pk=third.pk).status == "received"


def test_somebody_elses_complaint_is_not_the_same(walker, make_participant, agent):
    first = answered(walker, agent, at(2026, 11, 2))
    others = answered(make_participant(), agent, at(2026, 11, 9))
    third = receive_one(walker, at=at(2026, 11, 16))

    with pytest.raises(NotTheSame):
        close(third, [first, others], agent)

    assert not RepeatClosure.objects.exists()


def statutory(participant, when=MONDAY):
    return receive_one(participant, at=when, kind="statutory")


@pytest.fixture
def procedure(walker):
    """A category whose procedure has seven published days."""
    from complaints.models import Category

    Category.objects.filter(code="points_missing").update(published_days=7)
    return walker


def test_a_statutory_one_is_never_closed_as_repeated(procedure, agent, supervisor):
    rows = [statutory(procedure, at(2026, 11, day)) for day in (2, 9, 16)]
    for each in rows[:2]:
        desk.take(each, by=agent)
        draft = approval.propose(each, text="결정", version=each.version, by=agent)
        approval.approve(draft, version=draft.complaint.version, by=supervisor)

    with pytest.raises(NeverStatutory):
        close(rows[2], rows[:2], agent)

    assert Complaint.objects.get(pk=rows[2].pk).status == "received"


def test_a_statutory_one_is_not_answered_alone(procedure, agent):
    complaint = statutory(procedure)
    desk.take(complaint, by=agent)

    with pytest.raises(ApprovalNeeded):
        desk.answer(complaint, text="결정", version=complaint.version, by=agent)

    assert Complaint.objects.get().status == "in_progress"


def test_an_approved_answer_is_signed_by_its_author(taken, agent, supervisor):
    draft = approval.propose(taken, text="초안", version=taken.version, by=agent)
    told = approval.approve(draft, version=taken.version, by=supervisor)

    assert (told.text, told.signed_by) == ("초안", "이상담")
    row = Complaint.objects.get()
    assert (row.status, row.handler) == ("answered", agent)


def test_nobody_approves_their_own_draft(taken, agent):
    draft = approval.propose(taken, text="초안", version=taken.version, by=agent)

    with pytest.raises(SamePerson):
        approval.approve(draft, version=taken.version, by=agent)

    assert Complaint.objects.get().status == "approval"
    assert not Message.objects.exists()


def test_a_draft_is_not_approved_unread(taken, agent, supervisor):
    draft = approval.propose(taken, text="초안", version=taken.version, by=agent)
    read = taken.version
    citizens.write(taken, "추가로 말씀드립니다", by=taken.participant)

    with pytest.raises(OutdatedVersion):
        approval.approve(draft, version=read, by=supervisor)

    assert AnswerDraft.objects.get().status == "requested"


def test_a_draft_comes_back_with_a_remark(taken, agent, supervisor):
    draft = approval.propose(taken, text="초안", version=taken.version, by=agent)
    with pytest.raises(ReasonNeeded):
        approval.send_back(draft, remark=" ", by=supervisor)
    approval.send_back(draft, remark="근거 조문 추가", by=supervisor)

    assert Complaint.objects.get().status == "in_progress"
    assert Message.objects.get().author == "note"


def test_a_withdrawn_complaints_draft_goes_nowhere(taken, agent, supervisor):
    draft = approval.propose(taken, text="초안", version=taken.version, by=agent)
    citizens.withdraw(taken, by=taken.participant)

    with pytest.raises(IllegalMove):
        approval.approve(draft, version=taken.version, by=supervisor)

    assert not AuditEvent.objects.filter(verb="approved").exists()
    assert Complaint.objects.get().status == "withdrawn"


def test_each_notice_is_told_once(taken, agent):
    desk.answer(taken, text="답변", version=taken.version, by=agent)

    told = Notification.objects.filter(key__startswith="complaint_")
    assert sorted(row.key.split(":")[0] for row in told) == [
        "complaint_notice",
        "complaint_received",
    ]

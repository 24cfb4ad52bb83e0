import pytest
import time_machine

from complaints.errors import (
    AgentUnnamed,
    ClockNotRunning,
    ComplaintClosed,
    ConsentNeeded,
    ExtendedTwice,
    NotAnsweredYet,
    OutdatedVersion,
    RefusalIncomplete,
    TextNeeded,
    TooLateToExtend,
)
from complaints.models import ClockEvent, Complaint, Message
from complaints.services import citizens, delays, desk
from complaints.tasks import warn_of_due
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.models import AuditEvent
from tests.complaints.builders import MONDAY, at, receive_one

pytestmark = pytest.mark.django_db


def answer(complaint, by, text="확인하였습니다."):
    return desk.answer(complaint, text=text, version=complaint.version, by=by)


def test_the_most_urgent_comes_next(walker, agent):
    receive_one(walker, code="suggestion")
    urgent = receive_one(walker, code="sync_failure")

    assert desk.take_next(by=agent) == urgent
    assert Complaint.objects.get(pk=urgent.pk).status == "in_progress"
    assert Complaint.objects.get(pk=urgent.pk).handler == agent


def test_an_empty_queue_gives_nothing(agent):
    assert desk.take_next(by=agent) is None


def test_an_agent_of_a_district_is_given_only_its_people(make_staff, complaint):
    elsewhere = make_staff("agent", scope="district", district="강남구")

    assert desk.take_next(by=elsewhere) is None


def test_an_answer_names_department_agent_and_contact(taken, agent):
    said = answer(taken, agent)

    assert (said.department, said.signed_by, said.contact) == (
        "건강관리과",
        "이상담",
        "02-1811-9988",
    )
    assert Complaint.objects.get().status == "answered"


def test_an_unnamed_agent_cannot_answer(taken, make_staff):
    with pytest.raises(AgentUnnamed):
        answer(taken, make_staff("agent"))

    assert Complaint.objects.get().status == "in_progress"
    assert not Message.objects.exists()


def test_an_answer_to_an_older_version_is_refused(taken, agent, colleague):
    read = taken.version
    desk.add_note(taken, "전화 연결 안 됨", by=colleague)

    with pytest.raises(OutdatedVersion):
        desk.answer(taken, text="…", version=read, by=agent)

    assert Complaint.objects.get().status == "in_progress"


@pytest.mark.parametrize(("reason", "remedy"), [("", "이의신청"), ("사유", "  ")])
def test_a_refusal_needs_reason_and_remedy(taken, agent, reason, remedy):
    with pytest.raises(RefusalIncomplete):
        desk.refuse(
            taken, text="불가", reason=reason, remedy=remedy, version=taken.version, by=agent
        )

    assert not Message.objects.exists()


def test_a_refusal_keeps_reason_and_remedy(taken, agent):
    said = desk.refuse(
        taken,
        text="불가",
        reason="기간 경과",
        remedy="60일 이내 이의신청",
        version=taken.version,
        by=agent,
    )

    assert (said.purpose, said.reason, said.remedy) == (
        "refusal",
        "기간 경과",
        "60일 이내 이의신청",
    )


def test_an_empty_answer_is_refused(taken, agent):
    with pytest.raises(TextNeeded):
        answer(taken, agent, text="  ")


def test_the_clock_stands_still_while_a_supplement_is_awaited(taken, agent):
    with time_machine.travel(at(2026, 11, 24), tick=False):
        delays.ask_supplement(taken, text="화면을 보내 주세요", version=taken.version, by=agent)
    with time_machine.travel(at(2026, 11, 26), tick=False):
        citizens.write(taken, "여기 있습니다", by=taken.participant)

    assert Complaint.objects.get().status == "in_progress"
    assert Complaint.objects.get().due_at == at(2026, 12, 4, 18)
    kinds = list(ClockEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["received", "supplement_sent", "supplement_arrived"]


def test_an_extension_doubles_the_period_once(taken, agent):
    with time_machine.travel(at(2026, 11, 25), tick=False):
        delays.extend(taken, reason="현장 확인 필요", version=taken.version, by=agent)
    event = ClockEvent.objects.get(kind="extended")

    assert Complaint.objects.get().due_at == at(2026, 12, 10, 18)
    assert (event.due_before, event.due_after) == (at(2026, 12, 1, 18), at(2026, 12, 10, 18))
    assert Message.objects.get().purpose == "extension"


def test_an_extension_needs_a_reason(taken, agent):
    with pytest.raises(ReasonNeeded):
        delays.extend(taken, reason=" ", version=taken.version, by=agent)


@time_machine.travel(MONDAY, tick=False)
def test_a_second_extension_needs_consent_and_there_is_no_third(taken, agent):
    delays.extend(taken, reason="사유", version=taken.version, by=agent)
    with pytest.raises(ConsentNeeded):
        delays.extend(taken, reason="사유", version=taken.version, by=agent)
    delays.extend(taken, reason="사유", version=taken.version, by=agent, has_consent=True)

    with pytest.raises(ExtendedTwice):
        delays.extend(taken, reason="사유", version=taken.version, by=agent, has_consent=True)

    assert ClockEvent.objects.filter(kind="extended").count() == 2


def test_an_overdue_complaint_cannot_be_extended(taken, agent):
    with time_machine.travel(at(2026, 12, 2), tick=False), pytest.raises(TooLateToExtend):
        delays.extend(taken, reason="사유", version=taken.version, by=agent)

    assert Complaint.objects.get().due_at == at(2026, 12, 1, 18)


@time_machine.travel(MONDAY, tick=False)
def test_a_clock_that_stands_still_is_not_extended(taken, agent):
    delays.ask_supplement(taken, text="보완", version=taken.version, by=agent)

    with pytest.raises(ClockNotRunning):
        delays.extend(taken, reason="사유", version=taken.version, by=agent)


def test_a_dissatisfied_citizen_gets_the_whole_period_anew(taken, agent):
    answer(taken, agent)
    with time_machine.travel(at(2026, 12, 7), tick=False):
        citizens.rate_and_reopen(taken, 1, comment="해결되지 않았습니다", by=taken.participant)
    complaint = Complaint.objects.get()

    assert (complaint.status, complaint.handler, complaint.reopen_count) == ("reopened", None, 1)
    assert complaint.due_at == at(2026, 12, 15, 18)
    assert desk.take_next(by=agent) == complaint


def test_an_unanswered_complaint_cannot_be_rated(taken):
    with pytest.raises(NotAnsweredYet):
        citizens.rate(taken, 5, by=taken.participant)

    assert Complaint.objects.get().satisfaction is None


def test_a_complaint_can_be_taken_back_until_it_is_answered(taken, agent, walker):
    answer(taken, agent)

    with pytest.raises(IllegalMove):
        citizens.withdraw(taken, by=walker)
    with pytest.raises(ComplaintClosed):
        citizens.write(taken, "하나 더", by=walker)

    assert Complaint.objects.get().status == "answered"


def test_due_complaints_are_warned_of_once_and_reminded_once(taken):
    with time_machine.travel(at(2026, 12, 1, 15), tick=False):
        warn_of_due()
        warn_of_due()
    with time_machine.travel(at(2026, 12, 1, 19), tick=False):
        warn_of_due()
        warn_of_due()

    verbs = AuditEvent.objects.filter(verb__startswith="warned").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["warned_near", "warned_overdue"]
    assert Complaint.objects.get().warned == "overdue"

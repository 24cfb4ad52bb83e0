import pytest
import time_machine
from django.utils import translation

from complaints.errors import ContactHasRefusal, ReasonNotTold, TextNeeded
from complaints.models import Complaint, Contact, ContactRefusal, DunningNotice, Message
from complaints.services import (
    contacts,
    delays,
    desk,
    dunning,
    ended_contacts,
    intake,
    progress,
)
from complaints.tasks import remind_departments, tell_progress
from participants.models import Notification
from seoul_health.core.errors import ReasonNeeded
from tests.complaints.builders import MONDAY, at, file_one, receive_one
from tests.conftest import JOB

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


def test_a_late_department_is_reminded_once_a_week(taken, monday):
    remind_departments()
    assert not DunningNotice.objects.exists()
    for day in (2, 2, 4, 9):
        monday.move_to(at(2026, 12, day, 9, 5))
        remind_departments()

    rows = DunningNotice.objects.order_by("number")
    assert [(row.number, row.department) for row in rows] == [(1, "건강관리과"), (2, "건강관리과")]


def test_an_answered_one_is_not_reminded(taken, agent, monday):
    monday.move_to(at(2026, 12, 2))
    desk.answer(taken, text="답변", version=taken.version, by=agent)
    remind_departments()

    assert not DunningNotice.objects.exists()


def test_a_delay_is_explained_once(taken, agent, monday):
    monday.move_to(at(2026, 12, 2))
    remind_departments()
    notice = DunningNotice.objects.get()
    with pytest.raises(TextNeeded):
        dunning.explain(notice, text=" ", by=agent)
    dunning.explain(notice, text="로그 확인 중, 12월 3일 답변", by=agent)
    dunning.explain(notice, text="다른 말", by=agent)

    assert DunningNotice.objects.get().explanation == "로그 확인 중, 12월 3일 답변"


def test_progress_is_told_after_thirty_days_and_again(taken, monday):
    for day in (22, 23, 24):
        monday.move_to(at(2026, 12, day))
        tell_progress()
    assert Message.objects.filter(purpose="progress").count() == 1

    said = Message.objects.get()
    assert (said.signed_by, said.department) == ("이상담", "건강관리과")
    assert taken.receipt_no in said.text


def test_an_unnamed_agent_leaves_the_progress_to_the_board(complaint, make_staff, monday):
    desk.take(complaint, by=make_staff("agent"))
    monday.move_to(at(2026, 12, 24))
    tell_progress()

    assert not Message.objects.exists()


def test_who_cannot_be_signed_for_stands_in_nobodys_way(
    complaint, walker, agent, make_staff, monday, monkeypatch
):
    monkeypatch.setattr(progress, "BATCH", 1)
    desk.take(complaint, by=make_staff("agent"))
    second = receive_one(walker)
    desk.take(second, by=agent)
    monday.move_to(at(2026, 12, 24))
    tell_progress()

    assert Message.objects.get(purpose="progress").complaint == second


def test_progress_promises_no_moment_that_has_passed(taken, monday):
    monday.move_to(at(2026, 12, 24))
    tell_progress()

    said = Message.objects.get(purpose="progress").text
    assert "처리기한(2026-12-01 18:00)이 지났습니다" in said
    assert "까지 답변" not in said


def test_another_sweep_that_was_quicker_is_seen_behind_the_lock(taken, monday):
    monday.move_to(at(2026, 12, 2))
    remind_departments()
    held = list(Complaint.objects.all())

    assert dunning.not_reminded_since(at(2026, 12, 1), held) == []
    assert dunning.not_reminded_since(at(2026, 12, 3), held) == held


def test_a_notice_is_named_in_korean_whatever_language_its_author_reads(taken, agent):
    with translation.override("en"):
        desk.answer(taken, text="확인했습니다.", version=taken.version, by=agent)

    values = Notification.objects.get(template__code="complaint_notice").values
    assert values["what"] == "답변"


def test_a_clock_that_runs_again_warns_again(taken, agent, monday):
    Complaint.objects.filter(pk=taken.pk).update(warned="near")
    delays.ask_supplement(taken, text="사진을 보내 주십시오.", version=taken.version, by=agent)
    delays.supplement_arrived(Complaint.objects.get(), by=agent)

    assert Complaint.objects.get().warned == ""


def test_a_filing_left_lying_gains_no_time(walker, monday):
    complaint = file_one(walker).complaint
    monday.move_to(at(2026, 11, 27))
    intake.receive_arrived(by=JOB)

    complaint.refresh_from_db()
    assert complaint.received_at == at(2026, 11, 24, 10)
    assert complaint.due_at == at(2026, 12, 2, 18)


def test_a_contact_ends_after_its_reason_was_told(walker, agent):
    contact = contacts.open_contact(walker, by=agent)
    with pytest.raises(ReasonNotTold):
        ended_contacts.end_contact(contact, ground="insult", told="", note="욕설", by=agent)
    with pytest.raises(ReasonNeeded):
        ended_contacts.end_contact(contact, ground="insult", told="종료", note="", by=agent)
    assert Contact.objects.get().closed_at is None

    ended_contacts.end_contact(
        contact,
        ground="insult",
        told="욕설이 계속되어 통화를 종료합니다.",
        note="세 차례 경고",
        by=agent,
    )
    assert ContactRefusal.objects.get().participant == walker
    assert Contact.objects.get().closed_at == MONDAY


def test_a_contact_is_ended_once(walker, agent):
    contact = contacts.open_contact(walker, by=agent)
    terms = {"ground": "threat", "told": "종료합니다", "note": "협박", "by": agent}
    ended_contacts.end_contact(contact, **terms)

    with pytest.raises(ContactHasRefusal):
        ended_contacts.end_contact(contact, **terms)

    assert ContactRefusal.objects.count() == 1


def test_a_merged_complaint_is_reminded_of_too(walker, agent, monday):
    complaint = receive_one(walker)
    Complaint.objects.filter(pk=complaint.pk).update(status="merged")
    monday.move_to(at(2026, 12, 2))
    remind_departments()

    assert DunningNotice.objects.get().complaint == complaint

"""The screens of the law: who may open them, what they show, and what each button does."""

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from complaints.models import (
    AnswerDraft,
    Complaint,
    ContactRefusal,
    DunningNotice,
    HolidayChange,
    InboundRecord,
)
from complaints.services import approval, contacts, desk
from complaints.tasks import recompute_deadlines, remind_departments
from seoul_health.core.models import AccessLog
from tests.complaints.builders import MONDAY, at, receive_one

pytestmark = pytest.mark.django_db
PAGES = ["/desk/duties/", "/desk/days-off/", "/desk/inbound/", "/desk/paper/"]
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def as_agent(client, agent):
    client.force_login(agent)
    return client


@pytest.fixture
def as_supervisor(client, supervisor):
    client.force_login(supervisor)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_only_the_desk_comes_in(client, make_staff, page):
    assert client.get(page).status_code == 302
    client.force_login(make_staff("device_officer"))
    assert client.get(page).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_stand_empty(as_supervisor, page):
    assert as_supervisor.get(page).status_code == 200


def law(client, complaint, step, **fields):
    path = f"/desk/complaints/{complaint.receipt_no}/law/{step}/"
    return client.post(path, {"version": complaint.version, **fields}, headers=HTMX)


def test_the_panel_offers_what_is_allowed_now(as_agent, taken):
    page = as_agent.get(f"/desk/complaints/{taken.receipt_no}/law/").content.decode()

    for step in ("propose", "inspect", "consult", "transfer", "close-repeat", "exempt"):
        assert f"/law/{step}/" in page
    assert "/law/inspect-end/" not in page


def test_a_step_is_taken_from_the_panel(as_agent, taken):
    page = law(
        as_agent, taken, "transfer", recipient="other_agency", name="국민건강보험공단",
        reason="소관 아님", text="이송했습니다",
    )  # fmt: skip

    assert page.status_code == 200
    assert Complaint.objects.get().status == "transferred"


def test_a_refused_step_gives_the_words_back(as_agent, taken):
    page = law(
        as_agent, taken, "close-repeat", earlier="C-2611-AAAAAA", sameness="같은 요구입니다",
        text="종결합니다",
    )  # fmt: skip

    assert page.status_code == 422
    assert page["HX-Retarget"] == "#law-slot"
    assert "같은 요구입니다" in page.content.decode()
    assert Complaint.objects.get().status == "in_progress"


def test_an_outdated_step_is_refused(as_agent, taken, colleague):
    read = taken.version
    desk.add_note(taken, "메모", by=colleague)

    page = law(as_agent, taken, "inspect", version=read, text="점검")

    assert page.status_code == 409
    assert Complaint.objects.get().status == "in_progress"


def test_an_unknown_step_is_none(as_agent, taken):
    assert law(as_agent, taken, "forget").status_code == 404


def test_a_complaint_of_another_district_is_none(client, make_staff, taken):
    client.force_login(make_staff("agent", scope="district", district="강남구"))

    assert law(client, taken, "exempt", ground="x", text="x").status_code == 404


def test_a_supervisor_approves_on_the_board(as_supervisor, taken, agent):
    draft = approval.propose(taken, text="초안입니다", version=taken.version, by=agent)
    assert "초안입니다" in as_supervisor.get("/desk/duties/").content.decode()

    path = f"/desk/duties/drafts/{draft.pk}/approve/"
    assert as_supervisor.post(path, {"version": "9" * 5000}).status_code == 409
    assert as_supervisor.post(path, {"version": taken.version}).status_code == 302
    assert Complaint.objects.get().status == "answered"
    assert as_supervisor.post(path, {"version": taken.version + 1}).status_code == 409


def test_an_agent_approves_nothing_and_takes_the_own_draft_back(as_agent, taken, agent):
    draft = approval.propose(taken, text="초안", version=taken.version, by=agent)

    approve = f"/desk/duties/drafts/{draft.pk}/approve/"
    assert as_agent.post(approve, {"version": taken.version}).status_code == 403
    assert as_agent.post(f"/desk/duties/drafts/{draft.pk}/take-back/").status_code == 302
    assert AnswerDraft.objects.get().status == "dropped"


def test_a_reminder_is_printed_and_explained(client, agent, taken, monday):
    monday.move_to(at(2026, 12, 2))
    client.force_login(agent)
    remind_departments()
    notice = DunningNotice.objects.get()
    sheet = client.get(f"/desk/duties/reminders/{notice.pk}.pdf")

    assert (sheet.status_code, sheet.content[:5]) == (200, b"%PDF-")
    assert AccessLog.objects.filter(what="desk:reminder", action="export").count() == 1
    path = f"/desk/duties/reminders/{notice.pk}/explain/"
    assert client.post(path, {"text": ""}).status_code == 422
    assert client.post(path, {"text": "확인 중"}).status_code == 302
    assert DunningNotice.objects.get().explanation == "확인 중"


def test_a_board_of_many_costs_as_many_queries_as_one_of_few(
    client, supervisor, make_participant, django_assert_max_num_queries, monday
):
    for _ in range(6):
        receive_one(make_participant())
    monday.move_to(at(2026, 12, 2))
    client.force_login(supervisor)
    remind_departments()

    with django_assert_max_num_queries(32):
        page = client.get("/desk/duties/?view=overdue")
    assert page.content.decode().count("/desk/complaints/C-") == 6


DAY_OFF = {"day": "2026-11-26", "change": "added", "name": "임시공휴일", "reason": "공고"}


def test_a_day_off_is_looked_at_ahead_and_then_declared(as_supervisor, complaint):
    ahead = as_supervisor.post("/desk/days-off/", DAY_OFF | {"preview": "1"})
    assert ahead.status_code == 200
    assert not HolidayChange.objects.exists()

    declared = as_supervisor.post("/desk/days-off/", DAY_OFF)
    recompute_deadlines()
    change = HolidayChange.objects.get()

    assert declared.headers["Location"] == f"/desk/days-off/{change.pk}/"
    assert complaint.receipt_no in as_supervisor.get(declared.headers["Location"]).content.decode()
    lines = as_supervisor.get(f"/desk/days-off/{change.pk}/changes.csv").content.decode()
    assert "2026-12-01 18:00" in lines
    assert "2026-12-02 18:00" in lines
    assert as_supervisor.post("/desk/days-off/", DAY_OFF).status_code == 422


def test_an_agent_declares_nothing(as_agent):
    assert as_agent.post("/desk/days-off/", DAY_OFF).status_code == 403
    assert not HolidayChange.objects.exists()


FILE = (
    "접수번호,접수일시,제목,내용,분류,신청인,연락처,구분,순번\r\n"
    "0001,2026-11-20 15:00,포인트,없습니다,포인트 미적립,홍길동,01000001234,,\r\n"
    "0001,2026-11-20 16:00,,추가합니다,,,,추가,1\r\n"
    "0002,2026.11.20 오후 3:10,워치,안 켜집니다,모르는 분류,김철수,01000005678,신청,\r\n"
    "0003,2026-11-20,날짜만,내용,포인트 미적립,,,,\r\n"
    "0004,2027-01-01 10:00,미래,내용,포인트 미적립,,,,\r\n"
)


def send(client, text=FILE, **fields):
    file = SimpleUploadedFile("민원.csv", text.encode("cp949"), content_type="text/csv")
    return client.post("/desk/inbound/", {"source": "eungdapso", "file": file, **fields})


def test_a_trial_says_what_would_happen_and_keeps_nothing(as_agent):
    page = send(as_agent, trial="1")

    assert page.status_code == 200
    assert [line for line, _why in page.context["judged"].faults] == [5, 6]
    assert not InboundRecord.objects.exists()
    assert not Complaint.objects.exists()


def test_a_file_is_taken_in_once(as_agent):
    first, again = send(as_agent), send(as_agent)

    judged, repeated = first.context["judged"], again.context["judged"]
    assert (judged.filed, judged.followed, judged.unmapped) == (2, 1, 1)
    assert (repeated.filed, repeated.known) == (0, 3)
    assert Complaint.objects.count() == 2
    assert set(InboundRecord.objects.values_list("reference", flat=True)) == {"0001", "0002"}


def test_a_numbered_row_of_a_filing_is_the_same_filing_under_another_number(as_agent):
    header = "접수번호,접수일시,제목,내용,분류,구분,순번\r\n"
    row = header + "0009,2026-11-20 15:00,포인트,없습니다,포인트 미적립,{}\r\n"
    first, again = (send(as_agent, text=row.format(f"신청,{number}")) for number in (1, 2))
    nowhere = send(as_agent, text=row.format("추가,0"))

    assert (first.context["judged"].filed, again.context["judged"].known) == (1, 1)
    assert [line for line, _why in nowhere.context["judged"].faults] == [2]
    assert list(InboundRecord.objects.values_list("kind", "sequence")) == [("filed", 0)]


def test_records_of_other_districts_are_neither_shown_nor_changed(as_agent, make_staff):
    send(as_agent)
    record = InboundRecord.objects.get(is_unmapped=True)
    as_agent.force_login(make_staff("agent", scope="district", district="강남구"))

    assert not as_agent.get("/desk/inbound/").context["page"].object_list
    path = f"/desk/inbound/{record.pk}/meaning/"
    assert as_agent.post(path, {"category": "watch_faulty"}).status_code == 404
    assert InboundRecord.objects.get(pk=record.pk).is_unmapped


def test_an_unknown_word_is_given_its_meaning(as_agent):
    send(as_agent)
    record = InboundRecord.objects.get(is_unmapped=True)

    path = f"/desk/inbound/{record.pk}/meaning/"
    assert as_agent.post(path, {"category": "nothing"}).status_code == 404
    as_agent.post(path, {"category": "watch_faulty", "remember": "on"})

    assert Complaint.objects.get(pk=record.complaint_id).category.code == "watch_faulty"
    assert as_agent.post(path, {"category": "watch_faulty"}).status_code == 404


def test_a_file_without_its_columns_is_refused(as_agent):
    assert send(as_agent, text="이름,내용\r\n홍,글\r\n").status_code == 422
    assert not InboundRecord.objects.exists()


PAPER = {
    "reference": "종이-1",
    "received_at": "2026-11-20T14:00",
    "category": "points_missing",
    "name": "홍길동",
    "phone": "02-000-0000",
    "title": "포인트",
    "text": "포인트가 없습니다",
}


def test_a_paper_is_filed_as_of_its_own_moment(as_agent):
    first, again = (as_agent.post("/desk/paper/", PAPER) for _ in range(2))

    row = Complaint.objects.get()
    assert (row.channel, row.received_at) == ("paper", at(2026, 11, 20, 14))
    assert row.receipt_no in first.content.decode()
    assert again.context["is_repeat"] is True


def test_a_paper_from_the_future_is_refused(as_agent):
    page = as_agent.post("/desk/paper/", PAPER | {"received_at": "2026-12-20T14:00"})

    assert page.status_code == 422
    assert not Complaint.objects.exists()


def test_a_call_is_ended_after_its_reason(as_agent, agent):
    contact = contacts.open_contact(None, by=agent)
    path = f"/desk/contacts/{contact.public_id}/refuse/"
    terms = {"ground": "insult", "note": "욕설"}

    assert as_agent.post(path, terms, headers=HTMX).status_code == 422
    assert not ContactRefusal.objects.exists()
    assert as_agent.post(path, terms | {"told": "종료합니다"}, headers=HTMX).status_code == 200
    assert ContactRefusal.objects.get().told == "종료합니다"

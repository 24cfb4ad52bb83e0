import json

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from complaints.models import Complaint, Contact, Message, ReplyTemplate
from complaints.services import desk
from complaints.services.intake import Guest
from seoul_health.core.models import AccessLog
from tests.complaints.builders import AGENT, MONDAY, at, receive_one

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def browser(client_of) -> Client:
    return client_of("agent", **AGENT)


@pytest.fixture
def mine(browser, complaint) -> Complaint:
    desk.take(complaint, by=browser.user)
    return complaint


def at_desk(name: str, complaint: Complaint) -> str:
    return reverse(f"desk:{name}", args=[complaint.receipt_no])


def test_the_desk_sends_strangers_to_the_sign_in_page(client):
    assert client.get("/desk/").status_code == 302
    assert client.get("/desk/", headers=FRAGMENT).status_code == 401


def test_the_desk_is_for_agents(client_of):
    assert client_of("finance_officer").get("/desk/").status_code == 403


@pytest.mark.parametrize("tab", ["mine", "near", "breached", "reopened", "waiting", "nonsense"])
def test_every_tab_opens(browser, mine, tab):
    assert browser.get(f"/desk/queue/?tab={tab}", headers=FRAGMENT).status_code == 200


def test_a_case_shows_text_as_text(browser, walker):
    evil = receive_one(walker, title="<script>x", text="<img src=x onerror=alert(1)>{{7*7}}")
    page = browser.get(at_desk("case", evil)).content.decode()

    assert "<script>x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in page


def test_the_person_is_masked_on_the_desk(browser, mine):
    page = browser.get(at_desk("case", mine)).content.decode()

    assert "김*기" in page
    assert "김걷기" not in page
    assert "1234-5678" not in page


def test_whoever_opens_a_case_is_written_down(browser, mine, walker):
    browser.get(at_desk("case", mine), headers=FRAGMENT)

    row = AccessLog.objects.get(action="view")
    assert (row.actor, row.subjects) == (browser.user.actor_name, [walker.number])


def test_a_refreshing_queue_is_written_down_once(browser, mine, walker):
    browser.get("/desk/queue/?tab=mine", headers=FRAGMENT)
    browser.get("/desk/queue/?tab=mine", headers=FRAGMENT)

    assert AccessLog.objects.get(action="list").subjects == [walker.number]


def test_unmasking_needs_a_reason_and_is_written_down(browser, walker):
    address = reverse("desk:unmask", args=[walker.number])
    refused = browser.post(address, {"reason": " "}, headers=FRAGMENT)
    assert refused.status_code == 422
    assert "김걷기" not in refused.content.decode()
    assert not AccessLog.objects.exists()

    shown = browser.post(address, {"reason": "본인 확인"}, headers=FRAGMENT)
    assert "김걷기" in shown.content.decode()
    assert AccessLog.objects.get().reason == "본인 확인"


@pytest.mark.parametrize("words", ["5678", "010-1234-5678", "01012345678", "김걷기"])
def test_a_person_is_found_by_phone_and_name(browser, walker, words):
    found = browser.post("/desk/find/", {"q": words}, headers=FRAGMENT).content.decode()

    assert walker.number in found
    assert "김*기" in found


def test_a_person_is_found_by_numbers(browser, mine, walker):
    for words in (walker.number, mine.receipt_no.lower()):
        found = browser.post("/desk/find/", {"q": words}, headers=FRAGMENT)
        assert walker.number in found.content.decode()


@pytest.mark.parametrize("words", ["%", "__", "\\\\", "a" * 5000, "'; --", "ㄱㄱ", "1"])
def test_odd_words_find_nobody(browser, walker, words):
    found = browser.post("/desk/find/", {"q": words}, headers=FRAGMENT)

    assert found.status_code == 200
    assert walker.number not in found.content.decode()


def test_a_sign_no_text_can_hold_is_refused_everywhere(browser, mine, walker):
    person = reverse("desk:unmask", args=[walker.number])
    sent = [
        ("/desk/find/", {"q": "0000\0"}),
        ("/desk/list/", {"number": "C-\0", "kind": "note", "text": "글"}),
        (at_desk("merge", mine), {"number": "C-\0", "purpose": "같은 일", "version": 1}),
        (person, {"reason": "확인\0"}),
    ]
    for address, values in sent:
        assert browser.post(address, values, headers=FRAGMENT).status_code == 400


def test_a_version_of_endless_digits_is_only_an_old_one(browser, mine):
    answer = browser.post(at_desk("presence", mine), {"version": "9" * 5_000}, headers=FRAGMENT)

    assert answer.status_code == 200


def test_the_next_case_is_opened_and_taken(browser, complaint):
    answer = browser.post("/desk/next/", headers=FRAGMENT)

    assert answer.status_code == 200
    assert Complaint.objects.get().handler == browser.user


def test_an_empty_queue_says_so(browser):
    answer = browser.post("/desk/next/", headers=FRAGMENT)

    assert answer.status_code == 204
    assert "desk-toast" in json.loads(answer["HX-Trigger"])


def test_an_answer_is_sent_from_the_desk(browser, mine):
    template = ReplyTemplate.objects.first()
    sent = {"text": "확인했습니다", "version": mine.version, "template": template.pk}
    answer = browser.post(at_desk("answer", mine), sent, headers=FRAGMENT)

    assert answer.status_code == 200
    assert Complaint.objects.get().status == "answered"
    assert Message.objects.get(purpose="answer").template == template


def test_a_stale_tab_keeps_its_text_and_sees_what_changed(browser, mine, colleague):
    read = mine.version
    desk.add_note(mine, "동료가 먼저 적은 메모", by=colleague)
    answer = browser.post(
        at_desk("answer", mine), {"text": "내가 쓴 답변", "version": read}, headers=FRAGMENT
    )
    page = answer.content.decode()

    assert answer.status_code == 409
    assert "내가 쓴 답변" in page
    assert "동료가 먼저 적은 메모" in page
    assert Complaint.objects.get().status == "in_progress"


def test_a_second_click_on_send_answers_once(browser, mine):
    sent = {"text": "답", "version": mine.version}
    first = browser.post(at_desk("answer", mine), sent, headers=FRAGMENT)
    second = browser.post(at_desk("answer", mine), sent, headers=FRAGMENT)

    assert (first.status_code, second.status_code) == (200, 409)
    assert Message.objects.filter(purpose="answer").count() == 1


def test_a_refusal_without_remedy_is_refused_and_keeps_the_text(browser, mine):
    sent = {"text": "불가합니다", "reason": "기간 경과", "remedy": "", "version": mine.version}
    answer = browser.post(at_desk("refuse", mine), sent, headers=FRAGMENT)

    assert answer.status_code == 422
    assert "기간 경과" in answer.content.decode()
    assert not Message.objects.exists()


@pytest.mark.parametrize("version", ["", "x", "-1", "９", "9" * 40])
def test_a_forged_version_changes_nothing(browser, mine, version):
    sent = {"text": "답", "version": version}
    assert browser.post(at_desk("answer", mine), sent, headers=FRAGMENT).status_code in {409, 422}
    assert Complaint.objects.get().status == "in_progress"


@time_machine.travel(MONDAY, tick=False)
def test_supplement_extension_and_note_are_at_hand(client_of, complaint):
    browser, mine = client_of("agent", **AGENT), complaint
    desk.take(mine, by=browser.user)
    browser.post(at_desk("note", mine), {"text": "메모"}, headers=FRAGMENT)
    mine.refresh_from_db()
    browser.post(
        at_desk("extend", mine), {"reason": "현장 확인", "version": mine.version}, headers=FRAGMENT
    )
    mine.refresh_from_db()
    browser.post(
        at_desk("supplement", mine), {"text": "보완", "version": mine.version}, headers=FRAGMENT
    )

    purposes = list(Message.objects.order_by("pk").values_list("author", "purpose"))
    assert purposes == [("note", "text"), ("staff", "extension"), ("staff", "supplement")]
    assert Complaint.objects.get().status == "supplement_requested"


def test_a_template_is_filled_with_the_cases_values(browser, mine):
    template = ReplyTemplate.objects.get(title="보완 요청 – 날짜와 화면 확인")
    filled = browser.post(at_desk("fill", mine), {"template": template.pk}).content.decode()

    assert mine.receipt_no in filled
    assert "건강관리과 이상담(02-1811-9988)" in filled
    assert "{" not in filled


def test_a_preview_is_signed(browser, mine):
    shown = browser.post(at_desk("preview", mine), {"text": "안녕하십니까"}).content.decode()

    assert "안녕하십니까" in shown
    assert "건강관리과 이상담" in shown


def test_colleagues_see_each_other_looking(browser, client_of, mine):
    browser.post(at_desk("presence", mine), headers=FRAGMENT)
    other = client_of("agent", **(AGENT | {"last_name": "박", "first_name": "동료"}))
    seen = other.post(at_desk("presence", mine), {"version": "1"}, headers=FRAGMENT)

    assert "이상담" in seen.content.decode()
    assert "refresh-cw" in seen.content.decode()


def test_a_call_becomes_a_complaint_at_the_desk(browser, walker):
    browser.post("/desk/contacts/", {"participant": walker.number}, headers=FRAGMENT)
    contact = Contact.objects.get()
    sent = {"category": "points_missing", "title": "포인트", "text": "없어요", "kind": ""}
    address = reverse("desk:promote", args=[contact.public_id])
    slip = browser.post(address, sent | {"about_date": "2026-11-20"}, headers=FRAGMENT)
    complaint = Complaint.objects.get()

    assert complaint.receipt_no in slip.content.decode()
    assert (complaint.channel, complaint.participant) == ("phone", walker)
    assert complaint.status == "received"
    assert Contact.objects.get().complaint == complaint


def test_a_stranger_on_the_phone_gives_name_and_phone(browser):
    browser.post("/desk/contacts/", headers=FRAGMENT)
    address = reverse("desk:promote", args=[Contact.objects.get().public_id])
    sent = {"category": "sign_in", "title": "로그인", "text": "안 돼요"}

    assert browser.post(address, sent, headers=FRAGMENT).status_code == 422
    assert not Complaint.objects.exists()
    named = sent | {"guest_name": "최손님", "guest_phone": "010-9999-0000"}
    assert browser.post(address, named, headers=FRAGMENT).status_code == 200
    assert Complaint.objects.get().guest_name == "최손님"


def test_an_agent_of_a_district_speaks_with_a_stranger_and_nobody_elsewhere_sees_it(client_of):
    local = client_of("agent", **AGENT, scope="district", district="강남구")
    assert local.post("/desk/contacts/", headers=FRAGMENT).status_code == 200
    address = reverse("desk:contact", args=[Contact.objects.get().public_id])

    assert local.get(address, headers=FRAGMENT).status_code == 200
    other = client_of("agent", **AGENT, scope="district", district="관악구")
    assert other.get(address, headers=FRAGMENT).status_code == 404


def test_a_contact_is_closed_once(browser, walker):
    browser.post("/desk/contacts/", {"participant": walker.number}, headers=FRAGMENT)
    address = reverse("desk:close-contact", args=[Contact.objects.get().public_id])
    first = browser.post(address, {"summary": "사용법 안내"}, headers=FRAGMENT)
    second = browser.post(address, {"summary": "다시"}, headers=FRAGMENT)

    assert (first.status_code, second.status_code) == (200, 409)
    assert Contact.objects.get().summary == "사용법 안내"


def test_an_agent_of_a_district_sees_nobody_elses_people(client_of, complaint, walker):
    elsewhere = client_of("agent", scope="district", district="강남구", **AGENT)

    assert elsewhere.get(at_desk("case", complaint)).status_code == 404
    assert elsewhere.get(reverse("desk:person", args=[walker.number])).status_code == 404
    found = elsewhere.post("/desk/find/", {"q": "5678"}, headers=FRAGMENT)
    assert walker.number not in found.content.decode()


def test_the_queue_costs_the_same_for_one_and_for_many(
    browser, walker, django_assert_max_num_queries
):
    for _ in range(6):
        desk.take(receive_one(walker), by=browser.user)

    browser.get("/desk/queue/?tab=mine", headers=FRAGMENT)
    with django_assert_max_num_queries(11):
        browser.get("/desk/queue/?tab=mine", headers=FRAGMENT)


def test_a_case_costs_few_queries(browser, mine, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        browser.get(at_desk("case", mine), headers=FRAGMENT)


def test_no_page_of_the_desk_has_inline_script_or_style(browser, mine):
    page = browser.get(at_desk("case", mine)).content.decode()

    assert " style=" not in page
    assert " onclick=" not in page
    assert "<script>" not in page


def test_a_guest_is_masked_and_shown_in_full_for_a_reason(browser):
    complaint = receive_one(None, channel="web", guest=Guest("최손님", "010-9999-0000"))
    page = browser.get(at_desk("case", complaint)).content.decode()
    assert "최*님" in page
    assert "최손님" not in page

    shown = browser.post(at_desk("guest", complaint), {"reason": "회신"}, headers=FRAGMENT)
    assert "010-9999-0000" in shown.content.decode()
    assert AccessLog.objects.get(action="unmask").subjects == [complaint.receipt_no]


def test_guests_stay_masked_without_a_reason(browser):
    complaint = receive_one(None, channel="web", guest=Guest("최손님", "010-9999-0000"))
    refused = browser.post(at_desk("guest", complaint), headers=FRAGMENT)

    assert refused.status_code == 422
    assert "010-9999-0000" not in refused.content.decode()


def test_evidence_of_a_nonsense_day_is_refused(browser, walker):
    address = reverse("desk:evidence", args=[walker.number])

    assert browser.get(f"{address}?day=foo", headers=FRAGMENT).status_code == 400
    assert browser.get(f"{address}?day=9999-12-31", headers=FRAGMENT).status_code == 400
    assert browser.get(f"{address}?day=2026-11-20", headers=FRAGMENT).status_code == 200


@pytest.mark.parametrize("model", ["complaint", "contact", "category", "replytemplate", "holiday"])
def test_supervisors_open_every_list(client_of, complaint, model):
    supervisor = client_of("supervisor", **AGENT)

    assert supervisor.get(reverse(f"admin:complaints_{model}_changelist")).status_code == 200


def test_a_complaint_is_read_only_in_the_admin(client_of, complaint, walker):
    supervisor = client_of("supervisor", **AGENT)
    page = supervisor.get(reverse("admin:complaints_complaint_change", args=[complaint.pk]))

    assert page.status_code == 200
    assert AccessLog.objects.get(action="view").subjects == [walker.number]


def test_a_holiday_kept_by_a_supervisor_moves_new_deadlines(client_of, walker):
    supervisor = client_of("supervisor", **AGENT)
    sent = {"day": "2026-11-25", "name": "임시공휴일", "change": "added", "reason": "공고"}
    supervisor.post(reverse("desk:days-off"), sent)

    assert receive_one(walker).due_at == at(2026, 12, 2, 18)
    assert supervisor.get(reverse("admin:complaints_holiday_add")).status_code == 403


def test_an_answered_complaint_only_takes_notes(browser, mine):
    desk.answer(mine, text="답", version=mine.version, by=browser.user)
    page = browser.get(at_desk("case", mine), headers=FRAGMENT).content.decode()

    assert 'data-panel="note"' in page
    assert 'data-panel="answer"' not in page

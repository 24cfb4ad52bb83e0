import json

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from complaints.errors import ApprovalNeeded, NotInUse, OutdatedVersion
from complaints.models import Complaint, KnowledgeArticle, Macro, Message
from complaints.services import desk, editions, macros
from seoul_health.core.db import violated
from seoul_health.core.models import AccessLog, AuditEvent
from tests.complaints.builders import AGENT

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def browser(client_of):
    return client_of("agent", **AGENT)


@pytest.fixture
def head(client_of):
    return client_of("supervisor", username="head", **AGENT)


def macro(code="walk_zero", **values) -> Macro:
    return Macro.objects.get(code=code, is_active=True, **values)


def test_a_macro_takes_on_notes_and_answers_in_one_stroke(complaint, agent):
    macros.run(macro("sync_again"), complaint, version=complaint.version, text="답변", by=agent)

    complaint.refresh_from_db()
    assert (complaint.status, complaint.handler) == ("answered", agent)
    assert list(complaint.messages.order_by("pk").values_list("author", "purpose")) == [
        ("note", "text"),
        ("staff", "answer"),
    ]
    run = AuditEvent.objects.get(verb="macro_run")
    assert run.detail == {"macro": "sync_again", "version": 1}


def test_a_refused_letter_undoes_the_whole_macro(complaint, agent):
    Complaint.objects.update(kind="statutory", published_days=7)

    with pytest.raises(ApprovalNeeded):
        macros.run(macro("sync_again"), complaint, version=complaint.version, text="답", by=agent)

    complaint.refresh_from_db()
    assert (complaint.status, complaint.handler, Message.objects.count()) == ("received", None, 0)


def test_a_macro_does_nothing_to_a_complaint_that_changed(complaint, agent, colleague):
    read = complaint.version
    desk.add_note(complaint, "동료의 메모", by=colleague)

    with pytest.raises(OutdatedVersion):
        macros.run(macro(), complaint, version=read, text="답변", by=agent)

    complaint.refresh_from_db()
    assert (complaint.status, Message.objects.count()) == ("received", 1)


def test_a_macro_can_ask_for_a_supplement(complaint, agent):
    macros.run(macro("ask_day"), complaint, version=complaint.version, text="날짜?", by=agent)

    assert Complaint.objects.get().status == "supplement_requested"


def test_a_macro_can_extend_the_period(complaint, agent):
    due = complaint.due_at

    macros.run(macro("needs_time"), complaint, version=complaint.version, text="사유", by=agent)

    assert Complaint.objects.get().due_at > due


def test_a_new_version_replaces_the_old_one_and_leaves_it_readable(supervisor):
    values = {"title": "새 제목", "takes": True, "note": "새 메모"}

    new = editions.write(Macro, "walk_zero", values, by=supervisor)

    assert (new.version, new.made_by, new.is_active) == (2, supervisor, True)
    assert not Macro.objects.get(code="walk_zero", version=1).is_active


def test_a_retired_macro_cannot_be_run(complaint, agent, supervisor):
    row = macro()
    editions.retire(row, by=supervisor)

    with pytest.raises(NotInUse):
        macros.run(row, complaint, version=complaint.version, text="답", by=agent)
    with pytest.raises(NotInUse):
        editions.retire(row, by=supervisor)

    assert Complaint.objects.get().status == "received"


def broken(act) -> str:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act()
    return violated(refused.value)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"takes": False}, "a_macro_does_something"),
        ({"ending": "answer"}, "a_letter_of_a_macro_has_its_text"),
        ({"code": "walk_zero", "version": 2}, "one_macro_in_use_per_code"),
        ({"code": "walk_zero", "is_active": False}, "one_macro_per_version"),
    ],
)
def test_the_database_refuses_an_impossible_macro(values, name):
    terms = {"code": "new", "version": 1, "title": "매크로"} | values

    assert broken(lambda: Macro.objects.create(**terms)) == name


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"title": ""}, "an_article_says_something"),
        ({"code": "walk_zero", "version": 2}, "one_article_in_use_per_code"),
        ({"code": "walk_zero", "is_active": False}, "one_article_per_version"),
    ],
)
def test_the_database_refuses_an_impossible_article(values, name):
    terms = {"code": "new", "version": 1, "title": "글", "text": "내용"} | values

    assert broken(lambda: KnowledgeArticle.objects.create(**terms)) == name


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Macro, {"text": "x", "note": "x", "takes": False, "ending": "", "state": "received"}),
        (KnowledgeArticle, {"text": "x", "words": "x", "answer": "x"}),
    ],
)
def test_what_a_version_said_is_never_changed(model, values):
    row = model.objects.all()[:1].get()
    for value in [{name: value} for name, value in {"title": "x", **values}.items()]:
        with pytest.raises(ProgrammingError), transaction.atomic():
            model.objects.filter(pk=row.pk).update(**value)
    with pytest.raises(ProgrammingError), transaction.atomic():
        row.delete()

    assert model.objects.get(pk=row.pk).title == row.title
    assert model.objects.filter(pk=row.pk).update(is_active=False) == 1


def url(name, complaint, *more):
    return reverse(f"desk:{name}", args=[complaint.receipt_no, *more])


def test_the_macros_of_a_complaint_are_numbered(browser, complaint):
    page = browser.get(url("macros", complaint), headers=FRAGMENT).content.decode()

    assert 'data-digit="1"' in page
    assert "보완 요청: 날짜와 화면" in page
    assert "동기화 방법 안내" not in page


def test_a_macro_says_what_it_will_do_and_writes_the_read_down(browser, complaint):
    Complaint.objects.update(about_date="2026-11-20")

    page = browser.get(url("macro", complaint, macro("points_why").pk), headers=FRAGMENT)

    assert page.context["plan"].steps == (
        "이 민원의 담당자가 됩니다.",
        "아래 답변을 보내고 처리기간을 종료합니다.",
    )
    assert "{evidence}" not in page.context["plan"].text
    assert AccessLog.objects.filter(what="desk:evidence").count() == 1


def test_a_macro_runs_from_the_desk_with_the_text_as_the_agent_left_it(browser, complaint):
    sent = {"version": complaint.version, "text": "제가 고친 답변"}

    answer = browser.post(url("run-macro", complaint, macro().pk), sent, headers=FRAGMENT)

    assert answer.status_code == 200
    assert Message.objects.get(purpose="answer").text == "제가 고친 답변"


def test_a_refused_macro_gives_the_text_back(browser, complaint):
    sent = {"version": complaint.version + 5, "text": "아까운 답변"}

    answer = browser.post(url("run-macro", complaint, macro().pk), sent, headers=FRAGMENT)

    assert (answer.status_code, Complaint.objects.get().status) == (409, "received")
    assert "아까운 답변" in answer.content.decode()


@pytest.mark.parametrize(
    ("code", "ending", "sent"),
    [("quiet", "", "nothing"), ("asks", "supplement", "supplement"), ("says", "answer", "answer")],
)
def test_a_macro_drops_only_the_draft_of_its_own_letter(browser, complaint, code, ending, sent):
    row = Macro.objects.create(
        code=code, version=1, title="매크로", note="메모", ending=ending, text=ending and "글"
    )

    values = {"version": complaint.version, "text": ending and "글"}
    answer = browser.post(url("run-macro", complaint, row.pk), values, headers=FRAGMENT)

    told = json.loads(answer["HX-Trigger"])
    assert told["draft-sent"] == f"{complaint.receipt_no}.{sent}"


@pytest.mark.parametrize("name", ["macro", "run-macro"])
@pytest.mark.parametrize("pk", [0, 10**17])
def test_an_unknown_macro_is_not_found(browser, complaint, name, pk):
    ask = browser.get if name == "macro" else browser.post

    assert ask(url(name, complaint, pk), headers=FRAGMENT).status_code == 404


def test_a_supervisor_writes_the_next_version_in_the_admin(head):
    old = macro("take_on")
    address = reverse("admin:complaints_macro_change", args=[old.pk])
    form = {"title": "새 이름", "category": "", "state": "", "takes": "on", "note": "확인 시작"}

    answer = head.post(address, form | {"ending": "", "text": ""})

    assert answer.status_code == 302
    new = macro("take_on")
    assert (new.version, new.title, new.made_by) == (2, "새 이름", head.user)


def test_an_agent_reads_macros_and_cannot_write_them(browser):
    row = macro()

    assert browser.get(reverse("admin:complaints_macro_changelist")).status_code == 200
    assert browser.post(reverse("admin:complaints_macro_add"), {}).status_code == 403
    address = reverse("admin:complaints_macro_act", args=[row.pk, "retire"])
    assert browser.post(address, {}).status_code == 403
    assert macro().pk == row.pk


def test_a_supervisor_retires_an_article(head):
    row = KnowledgeArticle.objects.get(code="sign_in")

    head.post(reverse("admin:complaints_knowledgearticle_act", args=[row.pk, "retire"]), {})

    assert not KnowledgeArticle.objects.get(code="sign_in").is_active

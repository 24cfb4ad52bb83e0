"""The list of complaints, steps on many of them, and the supervisor's board."""

import uuid

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from complaints.models import BulkItem, BulkJob, Complaint
from complaints.services import bulk, desk
from complaints.services.bulk import Order
from seoul_health.core.models import AccessLog
from tests.complaints.builders import AGENT, MONDAY, at, receive_one
from tests.complaints.groups import crowd, merged

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}
LIST, BOARD = "/desk/list/", "/desk/board/"


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def browser(client_of) -> Client:
    return client_of("agent", **AGENT)


@pytest.fixture
def chief(client_of) -> Client:
    return client_of("supervisor", **(AGENT | {"first_name": "팀장"}))


@pytest.fixture
def group(make_participant):
    return crowd(make_participant)


def step(browser, complaints, **values):
    numbers = [row.receipt_no for row in complaints]
    return browser.post(LIST, {"number": numbers, "scope": "ticked"} | values)


def listed(browser, query: str = "") -> str:
    return browser.get(f"{LIST}?{query}").content.decode()


def test_the_list_and_the_board_are_for_those_who_may(client_of, browser):
    assert Client().get(LIST).status_code == 302
    assert client_of("auditor").get(LIST).status_code == 403
    assert browser.get(BOARD).status_code == 403
    assert browser.post(BOARD).status_code == 403


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 6),
        ("state=waiting", 5),
        ("state=running", 1),
        ("state=near", 1),
        ("state=breached", 0),
        ("state=stopped", 0),
        ("state=reopened", 0),
        ("state=merged", 0),
        ("state=answered", 0),
        ("category=sign_in", 1),
        ("channel=phone", 0),
        ("words=걸음", 5),
        ("words=%25", 0),
        ("state=nonsense&agent=nobody&category=x", 6),
        ("after=C-0000-XXXXXX", 6),
    ],
)
def test_the_list_is_narrowed_by_its_address(browser, group, walker, agent, query, count):
    other = receive_one(walker, code="sign_in", title="로그인")
    desk.take(other, by=agent)

    assert listed(browser, query).count('name="number"') == count


def test_the_list_of_one_agent(browser, group, agent):
    desk.take(group[0], by=agent)
    page = listed(browser, f"agent={agent.username}")

    assert page.count('name="number"') == 1
    assert group[0].receipt_no in page


def test_the_list_goes_on_behind_its_last_row(browser, group, monkeypatch):
    monkeypatch.setattr("complaints.desk.worklist.PAGE", 2)
    seen, query = [], ""
    for _ in range(3):
        page = listed(browser, query)
        seen += [row.receipt_no for row in group if f'value="{row.receipt_no}"' in page]
        query = f"after={seen[-1]}"

    assert sorted(seen) == sorted(row.receipt_no for row in group)
    assert 'rel="next"' not in page


def test_the_list_is_masked_and_written_down(browser, group):
    page = listed(browser)

    assert "김*기" in page
    assert "김걷기" not in page
    assert len(AccessLog.objects.get(what="desk:list").subjects) == 5


def test_a_district_sees_its_own_complaints(client_of, make_participant):
    mine = receive_one(make_participant(district="강남구"))
    other = receive_one(make_participant(district="종로구"))
    clerk = client_of("agent", scope="district", district="강남구", **AGENT)
    step(clerk, [mine, other], kind="note", text="확인 중")

    assert listed(clerk).count('name="number"') == 1
    assert BulkItem.objects.get().complaint == mine


def test_ticked_complaints_take_a_step_together(browser, group):
    answer = step(browser, group[:3], kind="note", text="확인 중")
    job = BulkJob.objects.get()

    assert answer.headers["Location"] == reverse("desk:bulk-step", args=[job.public_id])
    assert (job.kind, job.count, job.started_by) == ("note", 3, browser.user)


def test_the_whole_list_takes_a_step_as_it_is_narrowed(browser, group, walker):
    receive_one(walker, code="sign_in")
    browser.post(f"{LIST}?category=sign_in", {"scope": "all", "kind": "note", "text": "확인"})

    assert BulkJob.objects.get().count == 1


def test_giving_to_others_is_for_supervisors(browser, chief, group, agent):
    assert step(browser, group, kind="assign", agent=agent.username).status_code == 403
    assert not BulkJob.objects.exists()
    assert step(chief, group, kind="assign", agent=agent.username).status_code == 302
    assert BulkJob.objects.get().agent == agent


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "note", "text": ""},
        {"kind": "merge", "text": "같은 장애"},
        {"kind": "merge", "text": "같은 장애", "lead": "C-0000-XXXXXX"},
        {"kind": "nonsense", "text": "x"},
        {"kind": "answer", "text": "가" * 10_001},
    ],
    ids=["no text", "no lead", "an unknown lead", "an unknown step", "a text too long"],
)
def test_a_step_that_is_not_complete_keeps_what_was_typed(browser, group, values):
    answer = step(browser, group[:2], **values)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert all(f'aria-label="{row.receipt_no}" checked' in page for row in group[:2])
    assert not BulkJob.objects.exists()


def test_nothing_ticked_is_said(browser, group):
    assert step(browser, [], kind="note", text="확인 중").status_code == 422


def test_the_progress_moves_until_it_is_done(browser, group):
    job = bulk.start(Order("note", text="확인 중"), group, by=browser.user)
    address = reverse("desk:bulk-step", args=[job.public_id])
    bulk.work_off_one(job)

    moving = browser.get(address, headers=FRAGMENT).content.decode()
    assert 'value="1"' in moving
    assert "every 1s" in moving
    bulk.work_off(job)
    done = browser.get(address, headers=FRAGMENT).content.decode()
    assert 'value="5"' in done
    assert "every 1s" not in done


def test_refused_complaints_are_listed_with_the_reason(browser, group):
    Complaint.objects.filter(pk=group[0].pk).update(status="withdrawn")
    job = bulk.start(Order("answer", text="답"), group, by=browser.user)
    bulk.work_off(job)
    page = browser.get(reverse("desk:bulk-step", args=[job.public_id])).content.decode()

    assert BulkItem.objects.get(outcome="refused").why
    assert group[0].receipt_no in page
    assert group[1].receipt_no not in page


def test_a_step_can_be_stopped_once(browser, group):
    job = bulk.start(Order("note", text="확인 중"), group, by=browser.user)
    address = reverse("desk:bulk-stop", args=[job.public_id])

    assert browser.post(address).status_code == 200
    assert browser.post(address).status_code == 409
    assert BulkJob.objects.get().status == "stopped"


def test_a_step_is_shown_to_who_began_it_and_to_supervisors(client_of, browser, chief, group):
    job = bulk.start(Order("note", text="확인 중"), group, by=browser.user)
    address = reverse("desk:bulk-step", args=[job.public_id])

    assert client_of("agent").get(address).status_code == 404
    assert chief.get(address).status_code == 200
    assert browser.get(reverse("desk:bulk-step", args=[uuid.uuid4()])).status_code == 404
    assert str(job.public_id) in browser.get("/desk/bulk/").content.decode()
    assert str(job.public_id) not in client_of("agent").get("/desk/bulk/").content.decode()


def test_the_board_counts_every_agent(chief, group, agent, colleague):
    desk.take(group[0], by=agent)
    desk.take(group[1], by=agent)
    Complaint.objects.update(due_at=at(2026, 11, 20))
    loads = {one.agent: one for one in chief.get(BOARD).context["loads"]}

    assert (loads[agent].open, loads[agent].breached, loads[agent].near) == (2, 2, 0)
    assert (loads[colleague].open, loads[colleague].breached) == (0, 0)
    assert loads[chief.user].open == 0


def test_the_board_counts_merged_complaints_as_watched(chief, group, agent):
    desk.take(group[0], by=agent)
    merged(group, by=agent)
    Complaint.objects.update(due_at=at(2026, 11, 20))

    assert chief.get(BOARD).context["total"]["breached"] == 5


def test_the_board_says_who_is_at_the_desk(chief, browser, colleague):
    browser.get("/desk/queue/", headers=FRAGMENT)
    loads = {one.agent: one for one in chief.get(BOARD).context["loads"]}

    assert loads[browser.user].is_here
    assert not loads[colleague].is_here


def test_an_agents_whole_load_is_given_to_another(chief, group, agent, colleague):
    for complaint in group[:3]:
        desk.take(complaint, by=agent)
    chief.post(BOARD, {"source": agent.username, "agent": colleague.username})
    bulk.work_off_all()

    assert Complaint.objects.filter(handler=colleague).count() == 3
    assert not Complaint.objects.filter(handler=agent).exists()


@pytest.mark.parametrize("values", [{}, {"source": "agent"}, {"source": "agent", "agent": "agent"}])
def test_a_load_needs_somebody_to_take_it(chief, group, agent, values):
    desk.take(group[0], by=agent)

    assert chief.post(BOARD, values).status_code == 422
    assert not BulkJob.objects.exists()


def test_lists_ask_as_often_for_many(
    browser, chief, make_participant, django_assert_max_num_queries
):
    crowd(make_participant, 15)
    with django_assert_max_num_queries(30):
        browser.get(LIST)
    with django_assert_max_num_queries(30):
        chief.get(BOARD)


def test_the_steps_of_late_ask_as_often_for_many(
    browser, group, django_assert_max_num_queries, queued
):
    for _ in range(12):
        bulk.start(Order("note", text="확인 중"), group, by=browser.user)
    with django_assert_max_num_queries(16):
        page = browser.get("/desk/bulk/").content.decode()
    assert page.count("<tr>") == 13


def test_the_text_of_a_complaint_is_text_in_the_list(browser, chief, walker):
    receive_one(walker, title="<script>alert(1)</script>", at=at(2026, 11, 20))

    assert "<script>alert(1)" not in browser.get(LIST).content.decode()
    assert "<script>alert(1)" not in chief.get(BOARD).content.decode()

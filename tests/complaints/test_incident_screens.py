from datetime import datetime

import pytest
from django.db import transaction
from django.urls import reverse

from complaints.errors import NothingChosen
from complaints.models import Dismissal, Incident, IncidentLink, MakeGoodRun, Notice, Promise
from complaints.services import bulk, making_good, promises
from seoul_health.core import clock
from tests.complaints.builders import AGENT, receive_one
from tests.complaints.incidents import HOUR, given, opened, requested, touched
from tests.conftest import JOB

pytestmark = pytest.mark.django_db
FIRST_WORD = {
    "title": "걸음 수 0 표시",
    "scope": "안드로이드 앱 2.9.0 사용자",
    "severity": "partial",
    "components": ["steps"],
    "category": "points_missing",
    "text": "원인을 확인하고 있습니다.",
}


def typed(moment: datetime) -> str:
    return f"{moment.astimezone(clock.KST):%Y-%m-%dT%H:%M}"


def first_word(**more):
    now = clock.now()
    times = {"started_at": typed(now - HOUR), "next_at": typed(now + 3 * HOUR)}
    return FIRST_WORD | times | more


@pytest.fixture
def lead(client_of):
    return client_of("supervisor", **AGENT)


@pytest.fixture
def incident(lead):
    return opened(lead.user)


def page_of(incident, step=""):
    return f"/desk/incidents/{incident.public_id}/{step}"


def said(step, **values):
    return {f"{step}-{name}": value for name, value in values.items()}


def test_an_incident_is_opened_led_and_resolved_on_the_screens(lead, walker):
    complaint = receive_one(walker)
    answer = lead.post("/desk/incidents/open/", first_word())
    incident = Incident.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(incident))

    later = typed(clock.now() + 2 * HOUR)
    for step, values in (
        ("note/", said("note", text="업체 확인 중")),
        ("promise/", said("promise", text="원인 보고서", due_at=later)),
        ("notice/", said("notice", placement="popup", tone="warn", title="안내", text="확인 중")),
        ("link/", said("link", receipt_no=complaint.receipt_no.lower())),
        ("answer/", said("answer", text="{receipt_no} 바로잡았습니다.")),
        ("tell/", said("tell", status="resolved", text="정상화되었습니다.")),
        ("mine/", {}),
        (f"unlink/{complaint.receipt_no}/", {}),
    ):
        assert lead.post(page_of(incident, step), values).status_code == 302, step
    bulk.work_off_all()

    incident.refresh_from_db()
    complaint.refresh_from_db()
    assert (incident.status, complaint.status) == ("resolved", "answered")
    assert Notice.objects.get().status == "published"
    assert lead.get(page_of(incident)).status_code == 200


@pytest.mark.parametrize(
    "values",
    [
        {"category": "none"},
        {"started_at": "0001-01-01T00:00"},
        {"started_at": "9999-12-31T23:59"},
        {"next_at": "9999-12-31T23:59"},
        {"components": ["moon"]},
        {"title": "x" * 101},
    ],
)
def test_what_opens_no_incident_says_so(lead, values):
    answer = lead.post("/desk/incidents/open/", first_word(**values))

    assert answer.status_code == 422
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("step", "values"),
    [
        ("tell", {"status": "dancing", "text": "x"}),
        ("tell", {"status": "identified", "text": "x"}),
        ("tell", {"status": "identified", "text": "x", "next_at": "0001-01-01T00:00"}),
        ("note", {"text": "x" * 2_001}),
        ("promise", {"text": "x", "due_at": "9999-12-31T23:59"}),
        ("promise", {"text": "x", "due_at": "0001-01-01T00:00"}),
        ("link", {"receipt_no": "V-0000-AAAAAA"}),
        ("answer", {"text": "x"}),
        ("check", {"first_day": "0001-01-01", "last_day": "0001-01-02"}),
        ("check", {"first_day": "9999-12-31", "last_day": "9999-12-31"}),
        ("check", {"first_day": "0001-01-01", "last_day": "9999-12-31"}),
        ("check", {}),
    ],
)
def test_an_impossible_step_is_refused_and_changes_nothing(lead, incident, step, values):
    answer = lead.post(page_of(incident, f"{step}/"), said(step, **values))

    assert answer.status_code == 422
    assert incident.updates.count() == incident.promises.count() == 1
    assert not incident.checks.exists()


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        ("", "2026-01-01T00:00"),
        ("", "0001-01-01T00:00"),
        ("0001-01-01T00:00", ""),
        ("9999-12-31T23:59", "2026-01-01T00:00"),
    ],
)
def test_a_notice_that_never_shows_is_refused(lead, incident, starts_at, ends_at):
    values = {"placement": "banner", "tone": "info", "title": "안내", "text": "글"}
    values |= {"starts_at": starts_at, "ends_at": ends_at}

    assert lead.post("/desk/notices/", values).status_code == 422
    assert lead.post(page_of(incident, "notice/"), said("notice", **values)).status_code == 422
    assert not Notice.objects.exists()


def test_a_notice_is_written_published_and_taken_down(lead, client):
    values = {"placement": "banner", "tone": "info", "title": "안내", "text": "글"}
    assert lead.post("/desk/notices/", values).status_code == 302
    notice = Notice.objects.get()

    for step, status in (("publish", "published"), ("withdraw", "withdrawn")):
        assert lead.post(f"/desk/notices/{notice.public_id}/{step}/").status_code == 302
        notice.refresh_from_db()
        assert notice.status == status
        assert client.get("/status/").status_code == lead.get("/desk/notices/").status_code == 200


@pytest.mark.parametrize(
    "values", [{"category": "none"}, {"version": "x" * 21}, {"why": "x" * 201}]
)
def test_an_unreadable_dismissal_dismisses_nothing(lead, values):
    known = {"category": "points_missing", "version": "2.9.0", "why": "오해"}

    assert lead.post("/desk/incidents/dismiss/", known | values).status_code == 302
    assert not Dismissal.objects.exists()


def test_a_suggestion_is_dismissed_with_a_reason(lead):
    known = {"category": "points_missing", "version": "2.9.0"}
    lead.post("/desk/incidents/dismiss/", known)
    assert not Dismissal.objects.exists()

    lead.post("/desk/incidents/dismiss/", known | {"why": "안내 문자를 잘못 읽음"})

    assert Dismissal.objects.get().app_version == "2.9.0"


def test_a_bell_stops_when_what_was_promised_is_done(lead):
    incident = opened(lead.user, next_at=clock.now() + HOUR / 2)
    promises.tend_promises(by=JOB)
    assert len(lead.get("/desk/incidents/").context["alarms"]) == 1

    lead.post(page_of(incident, "tell/"), said("tell", status="resolved", text="끝났습니다."))

    assert list(lead.get("/desk/incidents/").context["alarms"]) == []


def test_a_bell_is_taken_on_and_a_promise_done_by_a_button(lead, incident):
    due = clock.now() + HOUR / 2
    made = promises.promise(incident, "보고서", due_at=due, owner=lead.user, by=lead.user)
    promises.tend_promises(by=JOB)
    alarm = made.alarms.get()

    assert lead.post(f"/desk/incidents/alarms/{alarm.pk}/take/").status_code == 302
    assert lead.post(f"/desk/incidents/promises/{made.pk}/done/").status_code == 302
    assert lead.post(f"/desk/incidents/promises/{10**30}/done/").status_code == 404

    alarm.refresh_from_db()
    assert alarm.seen_by == lead.user.actor_name
    assert Promise.objects.get(pk=made.pk).status == "kept"


def test_a_run_is_asked_for_and_approved_by_two_on_the_screens(lead, incident, client_of, walker):
    check = touched(incident, [walker], days=2)
    page = f"/desk/incidents/checks/{check.public_id}/"
    preview = lead.get(page, {"basis": "day", "rate": "100"})
    assert preview.context["preview"].points == 200
    offer = {"basis": "day", "rate": "100", "budget": "200", "reason": "결정 1호"}
    assert lead.post(page, offer | {"budget": "199"}).status_code == 422
    assert lead.post(page, offer | {"rate": "9" * 40}).status_code == 422

    assert lead.post(page, offer).status_code == 302
    run = MakeGoodRun.objects.get()
    page = f"/desk/incidents/runs/{run.public_id}/"
    assert lead.post(f"{page}approve/").status_code == 403
    approver = client_of("finance_approver")
    assert approver.post(f"{page}decline/").status_code == 422
    assert approver.post(f"{page}approve/").status_code == 302
    making_good.carry_on_all(by=JOB)

    assert [amount for _key, amount in given()] == [200]
    assert approver.get(page, {"after": "x"}).status_code == 200
    assert walker.number in approver.get(f"{page}list.csv").content.decode()


def test_complaints_are_shown_to_who_may_read_them(incident, lead, client_of, walker):
    complaint = receive_one(walker)
    lead.post(page_of(incident, "link/"), said("link", receipt_no=complaint.receipt_no))
    page = page_of(incident)

    for browser, seen in (
        (lead, True),
        (client_of("agent", **AGENT), True),
        (client_of("system_operator"), False),
        (client_of("finance_officer"), False),
        (client_of("agent", **(AGENT | {"scope": "district", "district": "강남구"})), False),
    ):
        answer = browser.get(page)
        assert (complaint.receipt_no in answer.content.decode()) is seen
        assert answer.context["linked_count"] == 1


def test_an_incident_is_not_opened_twice_for_one_suggestion(lead, walker):
    complaint = receive_one(walker)
    first = opened(lead.user, about=[complaint])

    with pytest.raises(NothingChosen), transaction.atomic():
        opened(lead.user, about=[complaint])

    assert Incident.objects.get() == first
    assert IncidentLink.objects.get().incident == first


def test_a_complaint_taken_off_and_linked_again_is_counted_once(lead, incident, walker):
    complaint = receive_one(walker)
    number = said("link", receipt_no=complaint.receipt_no)
    lead.post(page_of(incident, "link/"), number)
    lead.post(page_of(incident, f"unlink/{complaint.receipt_no}/"))
    lead.post(page_of(incident, "link/"), number)

    assert lead.get(page_of(incident)).context["linked"] == [complaint]


def test_the_board_asks_as_often_for_many_complaints_as_for_none(
    lead, make_participant, django_assert_max_num_queries
):
    for _number in range(3):
        row = opened(lead.user)
        for _time in range(2):
            lead.post(
                page_of(row, "link/"),
                said("link", receipt_no=receive_one(make_participant()).receipt_no),
            )

    with django_assert_max_num_queries(20):
        answer = lead.get(reverse("desk:incidents"))

    assert [one["complaints"] for one in answer.context["listed"]] == [2, 2, 2]


def test_a_district_sees_its_own_people_of_a_run(incident, lead, client_of, walker):
    run = requested(touched(incident, [walker]), lead.user)
    pages = [f"/desk/incidents/checks/{run.check_run.public_id}/"]
    pages += [f"/desk/incidents/runs/{run.public_id}/{more}" for more in ("", "list.csv")]
    near, far = (
        client_of("agent", **(AGENT | {"scope": "district", "district": one}))
        for one in (walker.district, "강남구")
    )

    for page in pages:
        assert walker.number in near.get(page).content.decode()
        assert walker.number not in far.get(page).content.decode()

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from complaints.errors import (
    BeganInTheFuture,
    IncidentNotOpen,
    LinkedElsewhere,
    NextUpdateNeeded,
    NothingChosen,
    NotLinked,
    PromiseNotAhead,
    TextNeeded,
)
from complaints.models import BulkItem, Incident, Promise, PromiseAlarm
from complaints.services import bulk, incidents, promises, publishing, suggesting
from complaints.services.publishing import Words
from devices.services.walking import receive_steps
from seoul_health.core import clock
from tests.complaints.builders import MONDAY, category, receive_one
from tests.complaints.incidents import HOUR, opened
from tests.conftest import JOB
from tests.points.builders import sample, upload

pytestmark = pytest.mark.django_db
POPUP = Words("popup", "warn", "걸음 수 0 표시", "원인을 확인하고 있습니다.")


def tell(incident, by, *, status="identified", next_at=None, text="원인을 찾았습니다."):
    return incidents.tell(incident, status=status, text=text, next_at=next_at, by=by)


def rung():
    return sorted(PromiseAlarm.objects.values_list("step", flat=True))


def test_an_incident_opens_with_a_word_and_the_promise_of_the_next(supervisor):
    incident = opened(supervisor)

    assert incident.updates.get().text == "원인을 확인하고 있습니다."
    assert (incident.promises.get().status, incident.promises.get().kind) == ("promised", "update")


def test_an_incident_is_not_opened_without_a_next_time_or_in_the_future(supervisor):
    with pytest.raises(PromiseNotAhead):
        opened(supervisor, next_at=clock.now() - HOUR)
    with pytest.raises(BeganInTheFuture):
        opened(supervisor, started_at=clock.now() + HOUR)
    with pytest.raises(TextNeeded):
        opened(supervisor, title="  ")
    assert not Incident.objects.exists()


def test_a_word_in_time_keeps_the_promise_and_makes_the_next(supervisor):
    incident = opened(supervisor)

    tell(incident, supervisor, next_at=clock.now() + 2 * HOUR)

    rows = incident.promises.order_by("pk").values_list("status", flat=True)
    assert list(rows) == ["kept", "promised"]


def test_an_open_incident_is_never_left_without_a_time(supervisor):
    incident = opened(supervisor)

    with pytest.raises(NextUpdateNeeded):
        tell(incident, supervisor)
    assert incident.updates.count() == 1
    assert Incident.objects.get().status == "investigating"


def test_a_resolved_incident_promises_nothing_more(supervisor):
    incident = opened(supervisor)
    tell(incident, supervisor, status="resolved", text="정상화되었습니다.")

    assert incident.resolved_at is not None
    assert [each.status for each in incident.promises.all()] == ["kept"]
    with pytest.raises(IncidentNotOpen):
        promises.promise(
            incident, "원인 보고서", due_at=clock.now() + HOUR, owner=supervisor, by=supervisor
        )


def test_a_promise_rings_four_hours_and_one_hour_before_and_then_is_missed(supervisor):
    with time_machine.travel(MONDAY, tick=False):
        opened(supervisor, next_at=MONDAY + 6 * HOUR)
        promises.tend_promises(by=JOB)
        assert rung() == []
    for hours, steps in [(2, ["early"]), (5, ["early", "late"]), (6, ["early", "late", "missed"])]:
        with time_machine.travel(MONDAY + hours * HOUR, tick=False):
            promises.tend_promises(by=JOB)
            promises.tend_promises(by=JOB)
        assert rung() == steps
    assert Promise.objects.get().status == "missed"


def test_a_promise_for_soon_rings_only_the_last_bell(supervisor):
    opened(supervisor, next_at=clock.now() + HOUR / 2)

    promises.tend_promises(by=JOB)

    assert rung() == ["late"]


def test_a_late_word_does_not_turn_a_missed_promise_into_a_kept_one(supervisor):
    with time_machine.travel(MONDAY, tick=False):
        incident = opened(supervisor, next_at=MONDAY + HOUR)
    with time_machine.travel(MONDAY + 3 * HOUR, tick=False):
        promises.tend_promises(by=JOB)
        tell(incident, supervisor, next_at=MONDAY + 5 * HOUR)
        assert promises.record_since(MONDAY) == promises.Record(kept=0, missed=1)

    first = incident.promises.order_by("pk").first()
    assert (first.status, first.done_at) == ("missed", MONDAY + 3 * HOUR)


def test_a_late_word_before_any_sweep_is_late_all_the_same(supervisor):
    with time_machine.travel(MONDAY, tick=False):
        incident = opened(supervisor, next_at=MONDAY + HOUR)
    with time_machine.travel(MONDAY + 3 * HOUR, tick=False):
        tell(incident, supervisor, status="resolved")

    assert Promise.objects.get().status == "missed"


def test_the_first_to_take_an_alarm_on_is_named(supervisor, agent):
    opened(supervisor, next_at=clock.now() + HOUR / 2)
    promises.tend_promises(by=JOB)
    alarm = PromiseAlarm.objects.get()

    assert promises.take_on(alarm, by=agent)
    assert not promises.take_on(alarm, by=supervisor)
    alarm.refresh_from_db()
    assert alarm.seen_by == agent.actor_name


def test_a_complaint_belongs_to_one_incident_and_stays_as_it_is(supervisor, complaint):
    one, other = opened(supervisor), opened(supervisor)
    before = (complaint.status, complaint.version, complaint.due_at)
    incidents.link(one, complaint, by=supervisor)

    with pytest.raises(LinkedElsewhere):
        incidents.link(other, complaint, by=supervisor)
    complaint.refresh_from_db()
    assert (complaint.status, complaint.version, complaint.due_at) == before
    incidents.unlink(one, complaint, by=supervisor)
    incidents.link(other, complaint, by=supervisor)
    with pytest.raises(NotLinked):
        incidents.unlink(one, complaint, by=supervisor)


def test_all_are_answered_each_under_its_own_number(supervisor, make_participant):
    incident = opened(supervisor)
    rows = [receive_one(make_participant()) for _ in range(3)]
    incidents.link_many(incident, rows, by=supervisor)

    jobs = incidents.answer_linked(incident, text="{receipt_no} 바로잡았습니다.", by=supervisor)
    bulk.work_off_all()

    assert [job.count for job in jobs] == [3]
    assert set(BulkItem.objects.values_list("outcome", flat=True)) == {"done"}
    for row in rows:
        row.refresh_from_db()
        told = row.messages.get(purpose="answer")
        assert (row.status, told.text) == ("answered", f"{row.receipt_no} 바로잡았습니다.")
    with pytest.raises(NothingChosen):
        incidents.answer_linked(incident, text="또", by=supervisor)


def uploads(person, version, moment):
    sent = upload(sample(clock.seoul_day(moment), 500), app_version=version)
    receive_steps(person, sent, received_at=moment - HOUR)


def crowd_of(make_participant, version, count=5, moment=MONDAY):
    made = []
    for _ in range(count):
        person = make_participant()
        uploads(person, version, moment)
        made.append(receive_one(person, at=moment))
    return made


def test_many_complaints_of_one_version_look_like_an_incident(make_participant):
    rows = crowd_of(make_participant, "2.9.0")
    receive_one(make_participant(), at=MONDAY)

    with time_machine.travel(MONDAY + HOUR, tick=False):
        (found,) = suggesting.suggestions()
        assert (found.category, found.app_version) == (category(), "2.9.0")
        assert (found.count, found.people) == (5, 5)
        assert {row.pk for row in suggesting.complaints_of(found)} == {row.pk for row in rows}


def test_four_people_however_often_they_complain_are_no_incident(make_participant):
    for row in crowd_of(make_participant, "2.9.0", count=4):
        receive_one(row.participant, at=MONDAY)

    assert suggesting.suggestions(MONDAY + HOUR) == []


def test_what_comes_as_often_as_usual_is_no_incident(make_participant):
    for day in range(1, 13):
        crowd_of(make_participant, "", count=3, moment=MONDAY - timedelta(days=day, hours=20))
    crowd_of(make_participant, "2.9.0")

    assert suggesting.suggestions(MONDAY + HOUR) == []


def test_a_dismissed_suggestion_keeps_quiet_for_a_day(make_participant, supervisor):
    crowd_of(make_participant, "2.9.0")
    with time_machine.travel(MONDAY + HOUR, tick=False):
        with pytest.raises(TextNeeded):
            suggesting.dismiss(category(), "2.9.0", why=" ", by=supervisor)
        suggesting.dismiss(category(), "2.9.0", why="안내 문자를 잘못 읽음", by=supervisor)
        found = suggesting.suggestions()
    assert [one.app_version for one in found] == []


def test_linked_complaints_are_not_suggested_again(make_participant, supervisor):
    rows = crowd_of(make_participant, "2.9.0")
    with time_machine.travel(MONDAY + HOUR, tick=False):
        incident = opened(supervisor, app_version="2.9.0")
        assert len(suggesting.fitting(incident)) == 5
        incidents.link_many(incident, rows, by=supervisor)
        assert suggesting.suggestions() == []
        assert not suggesting.fitting(incident).exists()


def test_a_notice_is_shown_from_its_publication_to_its_end(supervisor, client):
    incident = opened(supervisor)
    notice = publishing.write_notice(POPUP, incident=incident, by=supervisor)
    address = "/api/v1/notices/?placement=popup"
    assert client.get(address).json() == []

    publishing.publish(notice, by=supervisor)
    (shown,) = client.get(address).json()
    assert (shown["title"], shown["incident"]) == (POPUP.title, str(incident.public_id))
    assert client.get("/api/v1/notices/?placement=banner").json() == []
    assert client.get("/api/v1/notices/?placement=wall").status_code == 400
    publishing.withdraw(notice, by=supervisor)
    assert client.get(address).json() == []


def test_everybody_may_read_how_the_service_is(supervisor, client):
    assert client.get("/api/v1/status/").json()["state"] == "ok"
    incident = opened(supervisor, severity="major")
    incidents.note(incident, "내부 메모: 담당 업체 확인 중", by=supervisor)

    answer = client.get("/api/v1/status/")
    body = answer.json()
    parts = {row["code"]: row["state"] for row in body["components"]}
    assert (body["state"], parts["steps"], parts["app"]) == ("major", "major", "ok")
    assert [row["text"] for row in body["open"][0]["updates"]] == ["원인을 확인하고 있습니다."]
    again = client.get("/api/v1/status/", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    page = client.get("/status/").content.decode()
    assert incident.title in page
    assert "내부 메모" not in page


def test_a_dropped_incident_is_not_public(supervisor, client):
    incident = opened(supervisor)
    tell(incident, supervisor, status="dropped", text="오보였습니다.")

    assert client.get(reverse("service:incident", args=[incident.public_id])).status_code == 404
    assert incident.title not in client.get("/status/").content.decode()


def test_the_status_page_asks_as_often_for_ten_incidents_as_for_one(
    supervisor, client, django_assert_max_num_queries
):
    for _ in range(10):
        opened(supervisor)

    with django_assert_max_num_queries(9):
        assert client.get("/status/").status_code == 200

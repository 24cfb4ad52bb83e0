"""One message to many: exactly the approved list, by two people, stopped at any time."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from participants.errors import (
    AudienceUnclear,
    ListChanged,
    NobodyToTell,
    OwnRequest,
    ValuesMissing,
)
from participants.models import BulkSend, Notification, NotificationTemplate, OptOut, Participant
from participants.services import bulk as bulks
from participants.services.sending import claim
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from tests.conftest import JOB

pytestmark = pytest.mark.django_db
EVERYBODY = {"of": "everybody"}
WORDS = {"subject": "점검 안내", "text": "오늘 밤 잠시 멈춥니다."}


@pytest.fixture
def maker(make_staff):
    return make_staff("recruitment_officer")


@pytest.fixture
def checker(make_staff):
    return make_staff("recruitment_officer")


@pytest.fixture
def people(make_participant):
    return [make_participant(district=district) for district in ("종로구", "종로구", "중구")]


def draft(by, audience=EVERYBODY, code="announcement", **fields):
    template = NotificationTemplate.objects.get(code=code)
    terms = {"name": "점검", "values": WORDS, "audience": audience, **fields}
    return bulks.draft(BulkSend(template=template, **terms), by=by)


def approved(maker, checker, **fields):
    bulk = draft(maker, **fields)
    bulks.request(bulk, by=maker)
    bulks.approve(bulk, by=checker)
    return bulk


def running(maker, checker, **fields):
    bulk = approved(maker, checker, **fields)
    bulks.start(bulk, by=checker)
    return bulk


def test_a_preview_counts_costs_and_shows_ten(maker, make_participant):
    for _number in range(12):
        make_participant()
    OptOut.objects.create(participant=Participant.objects.first(), category="news")

    shown = bulks.preview(draft(maker))

    assert (shown.people, len(shown.shown), shown.opted_out) == (12, 10, 1)
    assert (shown.least_won, shown.most_won) == (0, 12 * (7 + 9))
    assert not Notification.objects.exists()


def test_everybody_on_the_approved_list_is_planned_once(maker, checker, people):
    bulk = running(maker, checker, audience={"of": "everybody", "districts": ["종로구"]})

    planned = bulk.notifications.order_by("participant")
    assert [notice.participant for notice in planned] == people[:2]
    assert {notice.key for notice in planned} == {
        f"announcement:bulk:{bulk.pk}:{person.pk}" for person in people[:2]
    }
    assert (bulk.people, bulk.status, planned[0].values) == (2, "running", WORDS)
    with pytest.raises(IllegalMove):
        bulks.start(bulk, by=checker)
    assert Notification.objects.count() == 2


def test_who_asked_cannot_approve(maker, people):
    bulk = draft(maker)
    bulks.request(bulk, by=maker)

    with pytest.raises(OwnRequest):
        bulks.approve(bulk, by=maker)

    assert BulkSend.objects.get().status == "requested"


def test_the_database_refuses_one_person_in_both_roles(maker, people):
    bulk = draft(maker)
    bulks.request(bulk, by=maker)

    with pytest.raises(IntegrityError, match="a_bulk_send_needs_two_people"):
        BulkSend.objects.filter(pk=bulk.pk).update(approved_by=maker.actor_name)


def test_the_database_refuses_sending_without_approval(maker, people):
    bulk = draft(maker)

    with pytest.raises(IntegrityError, match="no_bulk_send_without_approval"):
        BulkSend.objects.filter(pk=bulk.pk).update(status="running")


def test_a_list_that_changed_before_approval_is_asked_for_anew(
    maker, checker, people, make_participant
):
    bulk = draft(maker)
    bulks.request(bulk, by=maker)
    make_participant()

    with pytest.raises(ListChanged):
        bulks.approve(bulk, by=checker)

    found = BulkSend.objects.get()
    assert (found.status, found.approved_by) == ("requested", "")


def test_a_list_that_changed_after_approval_voids_it(maker, checker, people):
    bulk = approved(maker, checker)
    Participant.objects.filter(pk=people[0].pk).update(withdrawn_at=clock.now())

    with pytest.raises(ListChanged):
        bulks.start(bulk, by=checker)

    assert BulkSend.objects.get().status == "approved"
    assert not Notification.objects.exists()

    bulks.take_back(BulkSend.objects.get(), by=maker)
    found = BulkSend.objects.get()
    assert (found.status, found.approved_by, found.list_hash) == ("draft", "", "")


def test_other_words_are_another_list(maker, checker, people):
    bulk = draft(maker)
    before = bulks.count_and_hash(bulk)
    bulk.values = {**WORDS, "text": "내일 밤 멈춥니다."}

    assert bulks.count_and_hash(bulk) != before


def test_an_empty_list_needs_no_approval(maker):
    bulk = draft(maker, audience={"of": "everybody", "districts": ["중랑구"]})

    with pytest.raises(NobodyToTell):
        bulks.request(bulk, by=maker)


def test_a_bulk_send_cannot_run_without_approval(maker, people):
    bulk = draft(maker)
    bulks.request(bulk, by=maker)

    with pytest.raises(IllegalMove):
        bulks.start(bulk, by=maker)

    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    "audience",
    [
        {},
        {"of": "nobody"},
        {"of": "applicants"},
        {"of": "applicants", "round": "없음", "statuses": ["approved"]},
        {"of": "everybody", "districts": ["부산진구"]},
        {"of": "everybody", "sql": "true"},
    ],
    ids=["empty", "nobody", "no-round", "unknown-round", "elsewhere", "sql"],
)
def test_an_unclear_audience_is_refused(maker, audience):
    with pytest.raises(AudienceUnclear):
        draft(maker, audience=audience)

    assert not BulkSend.objects.exists()


def test_a_bulk_send_fills_every_placeholder(maker):
    with pytest.raises(ValuesMissing):
        draft(maker, values={"subject": "점검"})


def test_a_stopped_send_gives_nothing_more_and_goes_on_where_it_was(
    maker, checker, people, settings
):
    settings.QUIET_HOURS = (0, 0)
    bulk = running(maker, checker, per_minute=1_000_000)
    assert claim().bulk == bulk
    bulks.stop(bulk, by=maker)

    assert claim() is None
    assert bulks.progress(bulk).by_status == {"sending": 1, "planned": 2}

    bulks.resume(bulk, by=maker)
    assert claim().bulk == bulk


def test_a_stopped_send_can_be_given_up(maker, checker, people):
    bulk = running(maker, checker)
    bulks.stop(bulk, by=maker)
    bulks.cancel(bulk, by=maker)

    found = set(Notification.objects.values_list("status", "reason"))
    assert found == {("cancelled", "stopped")}


def test_the_throttle_spreads_a_send(maker, checker, people, settings, monkeypatch):
    settings.QUIET_HOURS = (0, 0)
    bulk = running(maker, checker, per_minute=60)
    begun = bulk.free_at
    taken = []
    for second in range(4):
        monkeypatch.setattr(clock, "now", lambda second=second: begun + timedelta(seconds=second))
        taken.append(sum(claim() is not None for _try in range(3)))

    assert sum(taken) == 3
    assert max(taken) <= 2


def test_a_send_is_done_when_nothing_of_it_is_open(maker, checker, people):
    bulk = running(maker, checker)
    assert bulks.close_finished(by=JOB) == 0
    Notification.objects.update(status="delivered", finished_at=clock.now())

    assert bulks.close_finished(by=JOB) == 1

    assert BulkSend.objects.get(pk=bulk.pk).status == "done"


def test_twenty_thousand_are_planned_exactly(maker, checker):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO participants_participant (public_id, number, ci_hash, district) "
            "SELECT gen_random_uuid(), 'B-' || n, 'b' || n, '' FROM generate_series(1, 20000) AS n"
        )

    bulk = running(maker, checker)

    planned = bulk.notifications.values("participant").distinct().count()
    assert (bulk.people, planned, Notification.objects.count()) == (20_000, 20_000, 20_000)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO participants_notification (key, participant_id, template_id, values, "
            "category, legal, ladder, channel, status, reason) SELECT key, participant_id, "
            "template_id, values, category, legal, ladder, channel, status, reason "
            "FROM participants_notification LIMIT 1"
        )

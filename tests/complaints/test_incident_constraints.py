from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from complaints.models import (
    CheckedMember,
    Dismissal,
    Incident,
    IncidentLink,
    IncidentUpdate,
    MakeGoodItem,
    MakeGoodRun,
    MemberCheck,
    Notice,
    Promise,
    PromiseAlarm,
)
from complaints.services import incidents, promises, publishing
from complaints.services.publishing import Words
from seoul_health.core import clock
from seoul_health.core.db import violated
from tests.complaints.builders import category, receive_one
from tests.complaints.incidents import HOUR, opened, requested, touched
from tests.conftest import JOB

pytestmark = pytest.mark.django_db
NOW = "now"


def broken(act) -> str:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act()
    return violated(refused.value)


@pytest.fixture
def incident(supervisor):
    return opened(supervisor)


@pytest.fixture
def run(incident, supervisor, make_participant):
    return requested(touched(incident, [make_participant()]), supervisor)


def at_once(values):
    return {key: clock.now() if value == NOW else value for key, value in values.items()}


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"status": "resolved"}, "an_incident_that_is_over_says_since_when"),
        ({"components": []}, "an_incident_is_of_some_part"),
        ({"title": ""}, "an_incident_says_what_and_for_whom"),
    ],
)
def test_the_database_refuses_an_impossible_incident(incident, values, name):
    assert broken(lambda: Incident.objects.update(**values)) == name


def test_an_incident_cannot_end_before_it_began(incident):
    ended = incident.started_at - timedelta(hours=1)
    act = {"status": "resolved", "resolved_at": ended}

    assert broken(lambda: Incident.objects.update(**act)) == "an_incident_ends_after_it_began"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"status": "kept"}, "a_promise_is_kept_in_time_or_missed"),
        ({"kind": "other", "text": ""}, "a_promise_says_what"),
    ],
)
def test_the_database_refuses_an_impossible_promise(incident, values, name):
    assert broken(lambda: Promise.objects.update(**values)) == name


def test_an_incident_promises_one_next_update_at_a_time(incident, supervisor):
    def again():
        later = clock.now() + HOUR
        promises.promise_update(incident, due_at=later, owner=supervisor, by=supervisor)

    assert broken(again) == "one_promised_update_per_incident"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "one_alarm_per_promise_and_step"),
        ({"step": "late", "seen_by": "staff:kim"}, "an_alarm_taken_on_says_by_whom"),
    ],
)
def test_the_database_refuses_an_impossible_alarm(incident, values, name):
    promise = incident.promises.get()
    PromiseAlarm.objects.create(promise=promise, step="early")
    terms = {"promise": promise, "step": "early", **values}

    assert broken(lambda: PromiseAlarm.objects.create(**terms)) == name


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"ends_at": NOW}, "a_notice_ends_after_it_starts"),
        ({"status": "published"}, "a_published_notice_says_when"),
        ({"title": ""}, "a_notice_says_something"),
    ],
)
def test_the_database_refuses_an_impossible_notice(supervisor, values, name):
    later = clock.now() + HOUR
    publishing.write_notice(
        Words("banner", "info", "점검", "점검합니다.", starts_at=later), by=supervisor
    )

    assert broken(lambda: Notice.objects.update(**at_once(values))) == name


def test_a_link_is_once_and_says_who_took_it_off(incident, walker):
    complaint = receive_one(walker)
    incidents.link(incident, complaint, by=JOB)
    twice = {"incident": incident, "complaint": complaint, "linked_by": "x"}

    assert broken(lambda: IncidentLink.objects.create(**twice)) == "a_complaint_is_of_one_incident"
    ended = {"ended_at": clock.now()}
    assert broken(lambda: IncidentLink.objects.update(**ended)) == "a_link_taken_off_says_by_whom"


def test_what_was_said_and_dismissed_says_something_and_stays(incident):
    empty = {"incident": incident, "status": "identified", "text": "", "actor": "x"}
    silent = {"category": category(), "until": clock.now(), "why": "", "by": "x"}

    assert broken(lambda: IncidentUpdate.objects.create(**empty)) == "an_update_says_something"
    assert broken(lambda: Dismissal.objects.create(**silent)) == "a_dismissal_has_a_reason"
    with pytest.raises(DatabaseError), transaction.atomic():
        incident.updates.update(text="anders")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"last_day": "2020-01-01"}, "a_check_is_of_some_days"),
        ({"complained": 9}, "only_those_found_have_complained"),
        ({"told_at": NOW}, "people_are_told_when_somebody_asked"),
    ],
)
def test_the_database_refuses_an_impossible_check(run, values, name):
    assert broken(lambda: MemberCheck.objects.update(**at_once(values))) == name


def test_a_person_stands_once_in_a_check_and_with_a_day(run, make_participant):
    member = run.check_run.members.get()
    twice = {"check_run": run.check_run, "participant": member.participant, "days": member.days}
    other = {"check_run": run.check_run, "participant": make_participant(), "days": []}

    for terms, name in [
        (twice, "a_person_is_once_in_a_check"),
        (other, "a_person_of_a_check_has_a_day"),
    ]:
        act = {"has_complained": False, **terms}
        assert broken(lambda act=act: CheckedMember.objects.create(**act)) == name


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"points": 10**7}, "a_make_good_stays_within_its_budget"),
        ({"rate": 0}, "a_make_good_gives_something"),
        ({"status": "approved"}, "no_make_good_without_a_decision"),
        ({"finished_at": NOW}, "a_finished_make_good_says_when"),
        ({"decided_at": NOW}, "makegoodrun_decision_says_when"),
    ],
)
def test_the_database_refuses_an_impossible_run(run, values, name):
    assert broken(lambda: MakeGoodRun.objects.update(**at_once(values))) == name


def test_nobody_can_be_written_down_as_approving_the_own_run(run, supervisor):
    own = {"decided_by": supervisor, "decided_at": clock.now()}

    assert broken(lambda: MakeGoodRun.objects.update(**own)) == "makegoodrun_needs_two_people"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"outcome": "posted"}, "what_was_made_good_has_its_transfer"),
        ({"outcome": "dropped"}, "what_was_not_given_says_why"),
        ({"points": 0}, "a_person_is_given_something"),
    ],
)
def test_the_database_refuses_an_impossible_item(run, values, name):
    assert broken(lambda: MakeGoodItem.objects.update(**values)) == name


def test_a_person_is_made_good_once_for_an_incident_by_the_database(run):
    item = run.items.get()
    again = {"run": run, "incident": run.incident, "participant": item.participant}
    again |= {"days": 1, "points": 1}
    name = "a_person_is_made_good_once_per_incident"

    assert broken(lambda: MakeGoodItem.objects.create(**again)) == name

from datetime import timedelta

import pytest
from django.db import transaction

from complaints.errors import (
    AboveMakeGoodBudget,
    CheckTooLong,
    MakeGoodListChanged,
    NobodyAffected,
)
from complaints.models import CheckedMember, MakeGoodItem, MakeGoodRun
from complaints.services import incidents, making_good, member_checks
from complaints.services.member_checks import Terms
from devices.services.walking import receive_steps
from participants.models import Notification, Participant
from points.models import Account
from points.services.awards import judge_days
from points.services.pots import pot_sums
from points.services.proof import prove
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded, SamePerson
from tests.complaints.builders import receive_one
from tests.complaints.incidents import given, opened, requested, touched
from tests.conftest import JOB
from tests.points.builders import ERA, at, balance, sample, take_part, upload, walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def approver(make_staff):
    return make_staff("finance_approver", username="approver")


@pytest.fixture
def incident(supervisor):
    return opened(supervisor)


@pytest.fixture
def people(make_participant):
    return [make_participant() for _ in range(5)]


def post_all(run, approver):
    making_good.approve_run(run, by=approver)
    return making_good.carry_on_all(by=JOB)


def test_everybody_touched_is_found_also_who_has_not_complained(incident, people, agent):
    complaint = receive_one(people[0])
    incidents.link(incident, complaint, by=agent)

    check = touched(incident, people, days=2)

    assert (check.people, check.complained, check.days) == (5, 1, 10)
    silent = CheckedMember.objects.filter(has_complained=False)
    assert set(silent.values_list("participant", flat=True)) == {each.pk for each in people[1:]}


def test_who_has_points_for_the_day_lost_nothing(incident, people):
    for person in people:
        take_part(person)
    walk(people[0], ERA, 12_000)
    judge_days(people[0], [ERA], by=JOB)

    check = touched(incident, people, day=ERA)

    found = set(check.members.values_list("participant", flat=True))
    assert found == {each.pk for each in people[1:]}


def test_who_never_walks_is_left_out_if_asked(incident, people):
    for person in people:
        take_part(person)
    walk(people[0], ERA - timedelta(days=2), 12_000)
    judge_days(people[0], [ERA - timedelta(days=2)], by=JOB)

    check = member_checks.check_members(incident, Terms(ERA, ERA), by=JOB)

    assert list(check.members.values_list("participant", flat=True)) == [people[0].pk]


def test_only_who_uploaded_with_the_version_is_touched_by_its_fault(incident, people):
    for person in people:
        take_part(person)
    for person, version in zip(people, ["2.9.0", "2.8.4"], strict=False):
        sent = upload(sample(ERA, 3_000), app_version=version)
        receive_steps(person, sent, received_at=at(ERA, 20))

    terms = Terms(ERA, ERA, app_version="2.9.0", usual_walkers=False)
    check = member_checks.check_members(incident, terms, by=JOB)

    assert list(check.members.values_list("participant", flat=True)) == [people[0].pk]


def test_a_check_of_days_ahead_or_of_too_many_is_refused(incident):
    today = clock.today()
    for first, last in [
        (today, today + timedelta(days=1)),
        (today - timedelta(days=31), today),
        (today, today - timedelta(days=1)),
    ]:
        with pytest.raises(CheckTooLong):
            member_checks.check_members(incident, Terms(first, last), by=JOB)
    assert not incident.checks.exists()


def test_a_preview_counts_and_writes_nothing(incident, people):
    check = touched(incident, people, days=3)

    seen = making_good.preview(check, basis="day", rate=100)

    assert [(s.days, s.people, s.points) for s in seen.shares] == [(3, 5, 1_500)]
    assert (seen.people, seen.points, seen.left_out) == (5, 1_500, 0)
    assert not MakeGoodItem.objects.exists()


def test_points_are_posted_once_and_told(incident, people, supervisor, approver):
    run = requested(touched(incident, people, days=2), supervisor)

    assert post_all(run, approver) == 5

    run.refresh_from_db()
    assert (run.status, run.people, run.points) == ("done", 5, 1_000)
    keys = sorted(f"make-good:{incident.pk}:{each.pk}" for each in people)
    assert given() == [(key, 200) for key in keys]
    assert [balance(each) for each in people] == [200] * 5
    assert pot_sums()["compensation"] == -1_000
    assert Notification.objects.filter(template__code="make_good_posted").count() == 5
    assert prove(by=JOB).gaps == {}


def test_a_run_for_each_person_gives_the_same_whatever_the_days(
    incident, people, supervisor, approver
):
    post_all(requested(touched(incident, people, days=3), supervisor, basis="person"), approver)

    assert {amount for _key, amount in given()} == {100}


def test_the_job_may_come_as_often_as_it_likes(incident, people, supervisor, approver):
    run = requested(touched(incident, people), supervisor)
    post_all(run, approver)
    before = given()

    assert making_good.carry_on(run, by=JOB) == 0
    assert making_good.carry_on_all(by=JOB) == 0
    assert given() == before


def test_a_run_that_was_killed_goes_on_where_it_was(
    incident, people, supervisor, approver, monkeypatch
):
    monkeypatch.setattr(making_good, "AT_ONCE", 2)
    run = requested(touched(incident, people), supervisor)
    making_good.approve_run(run, by=approver)
    assert making_good.post_batch(run, by=JOB) == 2  # And here its worker dies.
    assert len(given()) == 2

    assert making_good.carry_on_all(by=JOB) == 3
    assert len(given()) == 5
    assert [balance(each) for each in people] == [100] * 5
    assert Notification.objects.filter(template__code="make_good_posted").count() == 5


def test_a_batch_that_dies_half_way_leaves_nothing(
    incident, people, supervisor, approver, monkeypatch
):
    run = requested(touched(incident, people), supervisor)
    making_good.approve_run(run, by=approver)
    with monkeypatch.context() as broken:
        broken.setattr(making_good, "SETTLE", "SELECT 1 / 0 WHERE %s IS NOT NULL")
        with pytest.raises(Exception, match="division by zero"), transaction.atomic():
            making_good.post_batch(run, by=JOB)
    assert (given(), Account.objects.purses().filter(balance__gt=0).count()) == ([], 0)

    assert making_good.carry_on(run, by=JOB) == 5
    assert len(given()) == 5


def test_a_second_run_gives_only_those_who_had_nothing(
    incident, people, supervisor, approver, make_participant
):
    post_all(requested(touched(incident, people), supervisor), approver)
    late = make_participant()
    second = touched(incident, [*people, late], days=2)

    seen = making_good.preview(second, basis="day", rate=100)
    assert (seen.people, seen.points, seen.left_out) == (1, 200, 5)
    post_all(requested(second, supervisor), approver)
    assert [balance(each) for each in [*people, late]] == [100] * 5 + [200]


def test_nobody_is_left_to_be_made_good_twice(incident, people, supervisor, approver):
    check = touched(incident, people)
    post_all(requested(check, supervisor), approver)

    with pytest.raises(NobodyAffected):
        requested(check, supervisor)
    assert MakeGoodRun.objects.count() == 1


def test_nobody_approves_what_they_asked_for(incident, people, supervisor):
    run = requested(touched(incident, people), supervisor)

    with pytest.raises(SamePerson):
        making_good.approve_run(run, by=supervisor)
    assert (MakeGoodRun.objects.get().status, given()) == ("requested", [])


def test_a_run_is_refused_above_its_budget_and_without_a_reason(incident, people, supervisor):
    check = touched(incident, people)

    with pytest.raises(AboveMakeGoodBudget):
        requested(check, supervisor, budget=499)
    with pytest.raises(ReasonNeeded):
        making_good.request_run(check, making_good.Offer("day", 100, 10_000, " "), by=supervisor)
    assert not MakeGoodItem.objects.exists()


def test_a_list_that_was_changed_after_it_was_asked_for_is_not_posted(
    incident, people, supervisor, approver
):
    run = requested(touched(incident, people), supervisor)
    MakeGoodItem.objects.filter(participant=people[0]).update(points=99_999)

    with pytest.raises(MakeGoodListChanged):
        making_good.approve_run(run, by=approver)
    assert MakeGoodRun.objects.get().status == "requested"


def test_a_declined_run_gives_nothing_and_frees_its_people(incident, people, supervisor, approver):
    check = touched(incident, people)
    run = requested(check, supervisor)

    making_good.decline_run(run, why="금액을 다시 검토해 주세요.", by=approver)

    assert set(run.items.values_list("outcome", "why")) == {("dropped", "declined")}
    assert making_good.carry_on(run, by=JOB) == 0
    assert making_good.preview(check, basis="day", rate=50).people == 5
    with pytest.raises(IllegalMove):
        making_good.approve_run(run, by=approver)


def test_who_has_left_meanwhile_is_given_nothing(incident, people, supervisor, approver):
    run = requested(touched(incident, people), supervisor)
    Participant.objects.filter(pk=people[0].pk).update(withdrawn_at=clock.now())

    assert post_all(run, approver) == 4
    assert run.items.get(participant=people[0]).why == "left"
    assert len(given()) == 4


def test_those_who_have_not_complained_are_told_once(
    incident, people, supervisor, agent, monkeypatch
):
    monkeypatch.setattr(member_checks, "TOLD_AT_ONCE", 2)
    incidents.link(incident, receive_one(people[0]), by=agent)
    check = touched(incident, people)
    member_checks.ask_to_tell(check, by=supervisor)
    assert member_checks.tell_batch(check) == 2  # And here its worker dies.

    assert member_checks.tell_all_affected() == 2
    assert member_checks.tell_all_affected() == 0

    told = Notification.objects.filter(template__code="incident_affected")
    assert {each.participant_id for each in told} == {each.pk for each in people[1:]}
    check.refresh_from_db()
    assert check.told == 4
    assert check.told_at is not None

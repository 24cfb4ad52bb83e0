from datetime import timedelta

import pytest

from devices.models import Device, Loan
from participants.errors import (
    BreakTooLong,
    NoRoundToGoOnTo,
    NotEligible,
    NothingToGoOnFrom,
)
from participants.models import Application, Participation, RecruitmentRound
from participants.services import continuing, participations, rounds, selection
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from tests.conftest import JOB
from tests.devices.builders import make_watch
from tests.participants.builders import App
from tests.participants.recruiting import add_lane, approved, draft_round, open_lane

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(make_participant):
    return make_participant(is_resident=True)


def taking_part(person, **terms):
    lane = open_lane(**terms)
    application = approved(person, lane)
    selection.select_lane(lane, by=JOB)
    application.refresh_from_db()
    return participations.confirm(application, by=person)


def next_round(earlier, *, starts_in=200, seats=10, follows=True, **rule):
    """Open the round after the one somebody takes part in."""
    found = draft_round(starts_in=starts_in, **rule)
    if follows:
        RecruitmentRound.objects.filter(pk=found.pk).update(follows=earlier.round)
    add_lane(found, seats=seats)
    rounds.announce(found, by=JOB)
    rounds.open_round(found, by=JOB)
    return RecruitmentRound.objects.get(pk=found.pk)


def seat_everybody():
    selection.select_due_lanes(by=JOB)
    return continuing.confirm_selected(by=JOB)


def test_one_tap_goes_on_into_the_next_round(person):
    earlier = taking_part(person)
    into = next_round(earlier)

    application = continuing.go_on(person, into=into, by=person)
    assert seat_everybody() == 1

    later = Participation.objects.get(round=into)
    assert Application.objects.get(pk=application.pk).status == "confirmed"
    assert (later.status, later.basis) == ("active", earlier.basis)
    earlier.refresh_from_db()
    assert earlier.status == "completed"
    assert later.starts_on == max(into.starts_on, earlier.ends_on + timedelta(days=1))


def test_the_days_until_the_new_start_still_count(person):
    earlier = taking_part(person)
    continuing.go_on(person, into=next_round(earlier), by=person)
    seat_everybody()

    today = Participation.objects.on(clock.today()).filter(participant=person)
    assert list(today) == [earlier]


def test_asking_twice_is_asking_once(person):
    into = next_round(taking_part(person))

    first = continuing.go_on(person, into=into, by=person)
    again = continuing.go_on(person, into=into, by=person)

    assert first.pk == again.pk
    assert Application.objects.filter(round=into).count() == 1


def test_who_completed_the_round_before_may_go_on(person):
    earlier = taking_part(person)
    participations.complete(earlier, by=JOB)
    into = next_round(earlier)

    continuing.go_on(person, into=into, by=person)

    assert seat_everybody() == 1


def test_who_left_the_round_before_may_not(person):
    earlier = taking_part(person)
    participations.withdraw(earlier, by=person, why="이사")

    with pytest.raises(NothingToGoOnFrom):
        continuing.go_on(person, into=next_round(earlier), by=person)

    assert Application.objects.count() == 1


def test_a_round_that_follows_nothing_takes_nobody_over(person):
    into = next_round(taking_part(person), follows=False)

    with pytest.raises(NoRoundToGoOnTo):
        continuing.go_on(person, into=into, by=person)

    assert not Application.objects.filter(round=into).exists()


def test_the_rules_are_asked_again(person):
    into = next_round(taking_part(person), min_age=90)

    with pytest.raises(NotEligible) as refusal:
        continuing.go_on(person, into=into, by=person)

    assert [failure.code for failure in refusal.value.failures] == ["too_young"]
    assert not Application.objects.filter(round=into).exists()


def test_whoever_goes_on_waits_in_line_like_everybody(person, make_participant):
    into = next_round(taking_part(person), seats=1)
    approved(make_participant(is_resident=True, phone="010-5555-0001"), into.lanes.get())

    application = continuing.go_on(person, into=into, by=person)
    assert seat_everybody() == 0

    application.refresh_from_db()
    assert application.status == "waitlisted"
    assert Participation.objects.get(participant=person).status == "active"


def lend(person, participation, status):
    device = make_watch(status=Device.Status.ON_LOAN)
    return Loan.objects.create(
        device=device,
        participant=person,
        participation=participation,
        status=status,
        due_on=clock.today(),
    )


@pytest.mark.parametrize("status", ["live", "recall_requested"])
def test_the_watch_stays(person, status):
    earlier = taking_part(person)
    loan = lend(person, earlier, status)
    continuing.go_on(person, into=next_round(earlier), by=person)

    seat_everybody()

    loan.refresh_from_db()
    assert loan.status == "live"
    assert loan.participation == Participation.objects.get(participant=person, status="active")
    assert loan.due_on > clock.today()


def test_a_lost_watch_is_still_owed(person):
    earlier = taking_part(person)
    lend(person, earlier, "lost")

    with pytest.raises(NotEligible) as refusal:
        continuing.go_on(person, into=next_round(earlier), by=person)

    assert [failure.code for failure in refusal.value.failures] == ["watch_not_returned"]


def test_the_app_goes_on_with_one_call(person):
    into = next_round(taking_part(person))

    answer = App(person).post("me/participation/continue/", {"round": into.code})

    assert (answer.status_code, answer.json()["status"]) == (201, "approved")
    seat_everybody()
    listed = App(person).get("me/participations/").json()["results"]
    assert [(row["round"], row["status"]) for row in listed] == [
        (into.code, "active"),
        (into.follows.code, "completed"),
    ]


@pytest.mark.parametrize(
    ("body", "code"), [({}, 400), ({"round": "no-such"}, 404), ({"round": "x y"}, 400)]
)
def test_a_round_nobody_knows_is_refused(person, body, code):
    taking_part(person)

    assert App(person).post("me/participation/continue/", body).status_code == code


def test_others_participations_are_not_listed(person, make_participant):
    taking_part(make_participant(is_resident=True, phone="010-5555-0002"))

    assert App(person).get("me/participations/").json()["results"] == []


def test_a_break_keeps_the_seat_and_ends_by_itself(person):
    participation = taking_part(person)
    until = clock.today() + timedelta(days=3)

    participations.suspend(participation, why="입원", until=until, by=JOB)
    assert participations.resume_over(by=JOB) == 0
    Participation.objects.update(suspended_until=clock.today() - timedelta(days=1))

    assert participations.resume_over(by=JOB) == 1
    assert participations.resume_over(by=JOB) == 0
    row = Participation.objects.get()
    assert (row.status, row.suspended_until) == ("active", None)


def test_a_break_without_a_reason_is_refused(person):
    participation = taking_part(person)

    with pytest.raises(ReasonNeeded):
        participations.suspend(participation, why=" ", by=JOB)

    assert Participation.objects.get().status == "active"


@pytest.mark.parametrize("days", [-1, 180, 400])
def test_a_break_ends_inside_the_participation(person, days):
    participation = taking_part(person)

    with pytest.raises(BreakTooLong):
        participations.suspend(
            participation, why="입원", until=clock.today() + timedelta(days=days), by=JOB
        )

    assert Participation.objects.get().status == "active"


def test_a_break_is_ended_by_hand(person):
    participation = taking_part(person)
    participations.suspend(participation, why="입원", by=JOB)

    participations.resume(participation, why="퇴원", by=JOB)

    assert Participation.objects.get().status == "active"
    with pytest.raises(IllegalMove):
        participations.resume(participation, by=JOB)


def test_the_end_of_a_break_goes_with_the_participation(person):
    participation = taking_part(person)
    participations.suspend(
        participation, why="입원", until=clock.today() + timedelta(days=3), by=JOB
    )

    participations.withdraw(participation, by=JOB, why="이사")

    assert Participation.objects.get().suspended_until is None


def test_staff_give_a_break_with_a_reason(client_of, person):
    participation = taking_part(person)
    page = f"/admin/participants/participation/{participation.pk}/act/suspend/"
    officer = client_of("recruitment_officer")

    assert officer.post(page, {"why": ""}).status_code == 200
    assert Participation.objects.get().status == "active"
    assert officer.post(page, {"why": "입원 치료 중"}).status_code == 302
    assert Participation.objects.get().status == "suspended"


def test_others_staff_may_not(client_of, person):
    participation = taking_part(person)
    page = f"/admin/participants/participation/{participation.pk}/act/suspend/"

    assert client_of("agent").post(page, {"why": "입원 치료 중"}).status_code == 403
    assert Participation.objects.get().status == "active"

from datetime import timedelta

import pytest

from participants.errors import AlreadyTakingPart, OfferLapsed
from participants.models import Application, Lane, Participation, RecruitmentRound
from participants.services import participations, selection
from participants.signals import participation_ended, participation_started
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from tests.conftest import JOB
from tests.participants.recruiting import approved, open_lane, thawed

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(make_participant):
    return make_participant(is_resident=True)


def select(person, **terms):
    lane = open_lane(**terms)
    application = approved(person, lane)
    selection.select_lane(lane, by=JOB)
    application.refresh_from_db()
    return application


@pytest.fixture
def heard():
    """What participants announced to the apps above."""
    said = []

    def started(sender, participation, by, **_):
        said.append(("started", participation.pk))

    def ended(sender, participation, by, **_):
        said.append(("ended", participation.pk))

    participation_started.connect(started)
    participation_ended.connect(ended)
    yield said
    participation_started.disconnect(started)
    participation_ended.disconnect(ended)


def test_a_selected_application_becomes_a_participation(person, heard):
    application = select(person)

    participation = participations.confirm(application, by=person)

    assert Application.objects.get().status == "confirmed"
    assert participation.starts_on == clock.today()
    assert participation.ends_on == application.round.ends_on
    assert participation.rule == application.rule
    assert not participation.needs_watch
    assert heard == [("started", participation.pk)]


def test_a_round_that_starts_later_starts_later(person):
    application = select(person, starts_in=10)

    participation = participations.confirm(application, by=person)

    assert participation.starts_on == clock.today() + timedelta(days=10)


def test_the_watch_lane_needs_a_watch(person):
    application = select(person, kind=Lane.Kind.NEEDS_WATCH)

    assert participations.confirm(application, by=person).needs_watch


def test_only_a_selected_application_can_be_confirmed(person, heard):
    application = approved(person, open_lane())

    with pytest.raises(IllegalMove):
        participations.confirm(application, by=person)

    assert not Participation.objects.exists()
    assert heard == []


def test_nobody_takes_part_in_two_rounds_at_once(person):
    first, second = select(person), select(person)
    participations.confirm(first, by=person)

    with pytest.raises(AlreadyTakingPart):
        participations.confirm(second, by=person)

    assert Participation.objects.count() == 1
    assert Application.objects.get(pk=second.pk).status == "selected"


def test_a_seat_in_a_round_that_is_over_is_gone(person):
    application = select(person)
    long_ago = clock.today() - timedelta(days=100)
    with thawed():
        RecruitmentRound.objects.update(
            starts_on=long_ago, ends_on=clock.today() - timedelta(days=1)
        )

    with pytest.raises(OfferLapsed):
        participations.confirm(Application.objects.get(pk=application.pk), by=person)

    assert not Participation.objects.exists()


def test_a_declined_seat_cannot_be_taken(person):
    application = select(person)
    participations.decline(application, by=person)

    with pytest.raises(IllegalMove):
        participations.confirm(application, by=person)

    assert not Participation.objects.exists()


def test_leaving_tells_the_apps_above_once(person, heard):
    participation = participations.confirm(select(person), by=person)

    participations.withdraw(participation, by=person, why="이사")
    with pytest.raises(IllegalMove):
        participations.withdraw(participation, by=person)

    row = Participation.objects.get()
    assert (row.status, row.ended_at is not None) == ("withdrawn", True)
    assert heard == [("started", row.pk), ("ended", row.pk)]


def test_participations_end_with_their_last_day(person):
    participation = participations.confirm(select(person), by=person)
    assert participations.complete_over(by=JOB) == 0

    yesterday = clock.today() - timedelta(days=1)
    Participation.objects.update(starts_on=yesterday - timedelta(days=9), ends_on=yesterday)

    assert participations.complete_over(by=JOB) == 1
    assert participations.complete_over(by=JOB) == 0
    assert Participation.objects.get(pk=participation.pk).status == "completed"

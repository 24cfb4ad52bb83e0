from datetime import date, timedelta

import pytest

from participants.errors import AlreadyApplied, NotEligible, OutsideWindow, UnknownLane
from participants.models import Application, Consent, Participant
from participants.services.identity import sign_in
from participants.services.paper import PaperForm, file_paper
from seoul_health.core import clock
from tests.conftest import JOB
from tests.participants.builders import Provider, identity
from tests.participants.recruiting import open_lane

pytestmark = pytest.mark.django_db


def sheet(lane, /, **changes):
    facts = {
        "paper_no": "종로-0001",
        "name": "박종이",
        "phone": "010-0777-1234",
        "birth_date": date(1955, 3, 9),
        "address": "서울특별시 종로구 율곡로 1",
        "district": "종로구",
        "round": lane.round.code,
        "lane": lane.kind,
        "basis": "resident",
        "consented_on": clock.today(),
    }
    return PaperForm(**{**facts, **changes})


def test_a_sheet_becomes_a_submitted_application():
    application = file_paper(sheet(open_lane()), by=JOB)

    assert (application.status, application.paper_no) == ("submitted", "종로-0001")
    assert Participant.objects.get().profile.name == "박종이"
    assert set(Consent.objects.values_list("recorded_by", flat=True)) == {JOB.actor_name}


def test_the_same_sheet_twice_is_one_application():
    lane = open_lane()

    assert file_paper(sheet(lane), by=JOB) == file_paper(sheet(lane), by=JOB)
    assert (Application.objects.count(), Participant.objects.count()) == (1, 1)


def test_one_person_on_two_sheets_applies_once():
    lane = open_lane()
    file_paper(sheet(lane), by=JOB)

    with pytest.raises(AlreadyApplied):
        file_paper(sheet(lane, paper_no="종로-0002"), by=JOB)

    assert (Application.objects.count(), Participant.objects.count()) == (1, 1)


def test_somebody_with_the_app_is_recognised_on_paper():
    known = sign_in(
        "x",
        provider=Provider(
            identity(name="박종이", phone="01007771234", birth_date=date(1955, 3, 9))
        ),
        device="phone",
    ).participant

    assert file_paper(sheet(open_lane()), by=JOB).participant == known


def test_somebody_known_from_paper_keeps_everything_with_the_app():
    filed = file_paper(sheet(open_lane()), by=JOB)
    vouched = identity(name="박종이", phone="010-0777-1234", birth_date=date(1955, 3, 9))

    participant = sign_in("x", provider=Provider(vouched), device="phone").participant

    assert participant == filed.participant
    assert participant.is_verified
    assert sign_in("x", provider=Provider(vouched), device="phone").participant == participant


def test_a_namesake_is_somebody_else():
    sign_in(
        "x",
        provider=Provider(identity(name="박종이", phone="010-0777-1234")),
        device="phone",
    )

    file_paper(sheet(open_lane()), by=JOB)

    assert Participant.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"lane": "needs_watch"}, UnknownLane),
        ({"round": "1999"}, UnknownLane),
        ({"basis": "owner"}, NotEligible),
        ({"birth_date": date(2020, 1, 1)}, NotEligible),
        ({"consented_on": date(2020, 1, 1)}, OutsideWindow),
    ],
)
def test_a_sheet_that_does_not_fit_leaves_nothing(changes, error):
    lane = open_lane()

    with pytest.raises(error):
        file_paper(sheet(lane, **changes), by=JOB)

    assert not Participant.objects.exists()
    assert not Application.objects.exists()


def test_paper_of_the_first_day_counts_whatever_the_hour():
    lane = open_lane(opens_in=timedelta(0))

    assert file_paper(sheet(lane), by=JOB).status == "submitted"

"""The programme's real rounds, as data: each can be announced, and takes whom it really took."""

from datetime import date, datetime

import pytest
import time_machine

from participants.errors import NotEligible, OutsideWindow
from participants.models import Application, Quota, RecruitmentRound
from participants.services import judging, rounds
from participants.services.identity import birth_date_of
from seoul_health.core.clock import KST
from seoul_health.operations.demo import round_plans
from seoul_health.operations.demo.real_rounds import real_rounds
from tests.conftest import JOB

pytestmark = pytest.mark.django_db
PLANS = {plan.code: plan for plan in real_rounds()}
CLOSED, SOON, OTHER_DAY = "already_closed", "not_open_yet", "other_weekday"
TABLE = (
    ("2021-1", "wave-1", "1980-05-05", "2021-11-01T09:59:59", SOON),
    ("2021-1", "wave-1", "1980-05-05", "2021-11-01T10:00:00", ""),
    ("2021-1", "wave-1", "1980-05-05", "2021-11-01T17:59:59", ""),
    ("2021-1", "wave-1", "1980-05-05", "2021-11-01T18:00:00", CLOSED),
    ("2021-1", "wave-2", "1980-05-05", "2021-11-22T09:59:59", SOON),
    ("2021-1", "wave-2", "1980-05-05", "2021-11-22T10:00:00", ""),
    ("2021-1", "wave-3", "1980-05-05", "2021-12-06T10:00:00", ""),
    ("2021-1", "wave-1", "1957-01-01", "2021-11-01T10:00:00", ""),
    ("2021-1", "wave-1", "1956-12-31", "2021-11-01T10:00:00", "too_old"),
    ("2021-1", "wave-1", "2002-12-31", "2021-11-01T10:00:00", ""),
    ("2021-1", "wave-1", "2003-01-01", "2021-11-01T10:00:00", "too_young"),
    ("2022-2", "week-1", "1998-01-01", "2022-12-05T10:00:00", ""),
    ("2022-2", "week-1", "1998-01-01", "2022-12-06T10:00:00", OTHER_DAY),
    ("2022-2", "week-1", "1988-01-01", "2022-12-06T10:00:00", ""),
    ("2022-2", "week-1", "1978-01-01", "2022-12-07T10:00:00", ""),
    ("2022-2", "week-1", "1968-01-01", "2022-12-08T10:00:00", ""),
    ("2022-2", "week-1", "1958-01-01", "2022-12-09T10:00:00", ""),
    ("2022-2", "week-2", "1958-01-01", "2022-12-09T10:00:00", SOON),
    ("2022-2", "week-2", "1958-01-01", "2022-12-23T23:59:59", ""),
    ("2022-2", "new-mother", "1988-01-01", "2022-12-12T12:00:00", ""),
    ("2022-2", "new-mother", "1988-01-01", "2022-12-13T12:00:00", CLOSED),
    ("2022-2", "metabolic", "1968-01-01", "2022-12-13T12:00:00", ""),
    ("2022-2", "week-1", "1952-12-31", "2022-12-09T10:00:00", "too_old"),
    ("2023-3", "general", "1948-01-01", "2023-08-28T10:00:00", ""),
    ("2023-3", "general", "1947-12-31", "2023-08-28T10:00:00", "too_old"),
    ("2023-3", "general", "2004-12-31", "2023-08-28T10:00:00", ""),
    ("2023-3", "general", "2005-01-01", "2023-08-28T10:00:00", "too_young"),
    ("2023-3-more", "general", "1990-01-01", "2023-11-27T09:59:59", SOON),
    ("2023-3-more", "general", "1990-01-01", "2023-11-27T10:00:00", ""),
    ("2023-3-more", "senior", "1950-01-01", "2023-11-27T10:00:00", ""),
    ("2023-3-more", "senior", "1990-01-01", "2023-11-27T10:00:00", "not_in_group"),
    ("2024-standing", "general", "1930-01-01", "2024-03-04T10:00:00", ""),
    ("2024-standing", "general", "2006-01-01", "2024-03-04T10:00:00", "too_young"),
    ("2025-standing", "general", "2006-01-01", "2025-03-04T10:00:00", ""),
    ("2025-standing", "general", "2007-01-03", "2025-03-04T10:00:00", "too_young"),
)


def told(plan):
    """Announce a real round, by the service, as it was announced then."""
    found = round_plans.draft(plan).round
    with time_machine.travel(round_plans.announced_at(plan), tick=False):
        rounds.announce(found, by=JOB)
    return found


@pytest.mark.parametrize("code", PLANS)
def test_each_real_round_can_be_announced(code):
    told(PLANS[code])

    assert RecruitmentRound.objects.get().status == "announced"


def answer_to(person, quota):
    """Say by which rule somebody is refused now, or nothing."""
    application = Application(
        participant=person, round=quota.lane.round, lane=quota.lane, quota=quota, basis="resident"
    )
    try:
        judging.check_window(quota.lane, person, quota=quota, now=datetime.now(KST))
        judging.check_rules(application, with_papers=False)
    except OutsideWindow as refusal:
        return refusal.code
    except NotEligible as refusal:
        return refusal.failures[0].code
    return ""


@pytest.mark.parametrize(("code", "quota", "born", "moment", "expected"), TABLE)
def test_who_was_taken_and_when(make_participant, code, quota, born, moment, expected):
    found = told(PLANS[code])
    person = make_participant(is_resident=True, born=date.fromisoformat(born))
    assert birth_date_of(person).isoformat() == born
    seats = Quota.objects.select_related("lane__round").filter(lane__round=found, code=quota)[0]

    with time_machine.travel(datetime.fromisoformat(f"{moment}+09:00"), tick=False):
        assert answer_to(person, seats) == expected


def test_workers_of_2024_showed_a_business_card(make_participant):
    rule = told(PLANS["2024-standing"]).rules.get()

    assert judging.papers_of(rule)["worker"] == {"employment", "business_card"}


@pytest.mark.parametrize(
    ("code", "seats"),
    [("2021-1", 50_000), ("2022-2", 180_000), ("2023-3", 150_000), ("2023-3-more", 70_000)],
)
def test_the_seats_are_those_announced(code, seats):
    found = told(PLANS[code])

    assert sum(Quota.objects.filter(lane__round=found).values_list("seats", flat=True)) == seats

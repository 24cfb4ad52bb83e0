import uuid
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import translation

from devices.services.walking import Upload, receive_steps
from participants.models import (
    Application,
    EligibilityRule,
    Lane,
    Participation,
    RecruitmentRound,
)
from points.services import evidence
from points.services.awards import judge_days
from tests.complaints.builders import at
from tests.conftest import JOB

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)
LATE = at(2026, 11, 21, 23)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"), time_machine.travel(at(2026, 11, 23), tick=False):
        yield


@pytest.fixture
def walker(make_participant):
    return make_participant()


@pytest.fixture
def taking_part(walker):
    take_part(walker)
    return walker


def take_part(walker):
    round_ = RecruitmentRound.objects.create(
        code="2026-A", name="2026", starts_on=date(2026, 7, 1), ends_on=date(2026, 12, 31)
    )
    lane = Lane.objects.create(
        round=round_, kind="own_device", opens_at=at(2026, 6, 1), closes_at=at(2026, 6, 2)
    )
    rule = EligibilityRule.objects.create(
        round=round_,
        version=1,
        effective_from=date(2026, 1, 1),
        reference_date=date(2026, 1, 1),
        bases=["resident"],
    )
    application = Application.objects.create(
        receipt_no="A-1", participant=walker, round=round_, lane=lane, basis="resident"
    )
    return Participation.objects.create(
        participant=walker,
        round=round_,
        application=application,
        rule=rule,
        basis="resident",
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 12, 31),
    )


def upload(walker, *hours, source="phone", received=LATE, judged=True):
    """Send the steps of some hours of the day: (9, 4000), (10, 3500)."""
    samples = [
        {
            "start": f"2026-11-21T{hour:02}:00:00+09:00",
            "end": f"2026-11-21T{hour:02}:59:59+09:00",
            "steps": steps,
        }
        for hour, steps in hours
    ]
    sent = Upload(batch_id=uuid.uuid4(), source=source, items=samples, app_version="3.2.1")
    with time_machine.travel(received, tick=False):
        receive_steps(walker, sent, received_at=received)
        if judged:
            judge_days(walker, [DAY], by=JOB)


def test_a_day_that_reached_the_goal_and_was_paid(taking_part):
    upload(taking_part, (9, 5_000), (18, 3_412))
    told = evidence.panel(taking_part, DAY)

    assert told.finding.outcome == "credited"
    assert told.sentence.startswith("On Sat 11/21, 8,412 steps were counted, the goal of 8,000")
    assert "100 points were credited on " in told.sentence
    assert [transfer.amount for transfer in told.transfers] == [100]
    assert told.award is not None
    assert told.merged[9] == 5_000


def test_a_day_below_the_goal(taking_part):
    upload(taking_part, (9, 7_120))
    told = evidence.panel(taking_part, DAY)

    assert told.sentence == (
        "On Sat 11/21, 7,120 steps were counted, 880 fewer than the goal of 8,000 steps, "
        "so no points were credited."
    )
    assert told.transfers == ()


def test_a_day_of_which_nothing_arrived(taking_part):
    told = evidence.panel(taking_part, DAY)

    assert told.finding.outcome == "no_data"
    assert told.uploads == ()
    assert told.sentence.startswith("For Sat 11/21 no steps have arrived")


def test_a_lower_upload_is_shown_and_changed_nothing(taking_part):
    upload(taking_part, (9, 5_000), (18, 3_412))
    upload(taking_part, (9, 0), (18, 0), received=at(2026, 11, 22, 8))
    told = evidence.panel(taking_part, DAY)

    assert told.steps == 8_412
    assert [group.outcome for group in told.uploads[1].groups] == ["ignored_lower"]
    assert evidence.remark("ignored_lower") in told.remarks
    assert evidence.remark("ignored_lower") in told.citizen_text


def test_two_sources_are_one_walk(taking_part):
    upload(taking_part, (9, 5_000), (18, 3_000))
    upload(taking_part, (9, 4_000), (18, 3_412), source="watch", received=at(2026, 11, 22, 8))
    told = evidence.panel(taking_part, DAY)

    assert (told.merged[9], told.merged[18], told.steps) == (5_000, 3_412, 8_412)
    assert evidence.remark("two_sources") in told.remarks


def test_a_day_on_which_the_limit_was_used_up(taking_part):
    caps = evidence.EarningRule.objects.in_force(DAY).get().caps
    caps.update(amount=0)
    with_cap = evidence.EarningRule.objects.in_force(DAY)
    with_cap.update(released_at=at(2026, 11, 20))
    upload(taking_part, (9, 8_500))
    told = evidence.panel(taking_part, DAY)

    assert told.finding.outcome == "cap_reached"
    assert told.sentence.endswith("because the points limit had already been used up.")
    assert told.transfers == ()


def test_a_day_outside_the_participation(walker):
    upload(walker, (9, 9_000))
    told = evidence.panel(walker, DAY)

    assert told.sentence == (
        "Sat 11/21 lies outside the period of participation, so steps of that day earn no points."
    )


def test_a_day_waiting_for_the_nightly_settlement(taking_part):
    upload(taking_part, (9, 9_000), judged=False)
    told = evidence.panel(taking_part, DAY)

    assert told.finding.outcome == "goal_reached"
    assert "by the next nightly settlement" in told.sentence


def test_looking_changes_nothing(taking_part, django_assert_max_num_queries):
    upload(taking_part, (9, 9_000))
    with django_assert_max_num_queries(12):
        evidence.panel(taking_part, DAY)


def test_the_citizen_is_told_nothing_of_apps_and_models(taking_part):
    upload(taking_part, (9, 9_000))
    told = evidence.panel(taking_part, DAY).citizen_text

    assert "3.2.1" not in told
    assert "Rule in force since 2025-12-01: 100 points a day for 8,000 steps." in told


def test_the_next_day_is_another_day(taking_part):
    upload(taking_part, (9, 9_000))

    assert evidence.panel(taking_part, DAY + timedelta(days=1)).finding.outcome == "no_data"

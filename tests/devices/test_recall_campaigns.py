from datetime import timedelta

import pytest

from devices.errors import AllWavesSent, CampaignCodeTaken, NobodyToRecall, NotWorthIt
from devices.models import DaySteps, Loan, RecallAttempt, RecallCampaign, RecoveryStep
from devices.rules.stopping import Outlook, Wave, next_wave
from devices.services import campaigns, loans
from participants.models import Notification
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded, SamePerson
from tests.conftest import JOB

from .builders import fresh, live_loan


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer")


@pytest.fixture
def approver(make_staff):
    return make_staff("device_officer", username="approver")


@pytest.fixture
def held(make_participant):
    """Give four watches that are ten days overdue."""
    found = [live_loan(make_participant()) for _n in range(4)]
    long_ago = clock.now() - timedelta(days=100)
    Loan.objects.update(due_on=clock.today() - timedelta(days=10), accepted_at=long_ago)
    return [fresh(loan) for loan in found]


def proposed(officer, **terms):
    defaults = {
        "code": "autumn", "name": "Autumn", "kind": "message", "cost": 1_000,
        "unit_worth": 50_000, "waves": 3, "overdue_days": 7, "reason": "Stock runs out",
    }  # fmt: skip
    return campaigns.request_campaign(by=officer, **defaults | terms)


def test_a_campaign_waits_for_a_second_person(held, officer):
    campaign = proposed(officer)

    with pytest.raises(SamePerson):
        campaigns.approve(campaign, by=officer)

    campaign.refresh_from_db()
    assert campaign.status == "requested"
    assert not RecoveryStep.objects.exists()


def test_approval_freezes_the_cohort_and_sends_the_first_wave(held, officer, approver):
    campaign = proposed(officer)

    assert campaigns.approve(campaign, by=approver) == 4

    assert list(RecoveryStep.objects.values_list("kind", "cost")) == [("message", 1_000)] * 4
    assert Notification.objects.filter(template__code="watch_recall").count() == 4


def test_each_wave_asks_only_for_what_is_still_out(held, officer, approver):
    campaign = proposed(officer)
    campaigns.approve(campaign, by=approver)
    loans.scan_in(held[0].device.serial, by=JOB)
    loans.start_return(held[1], by=JOB)

    assert campaigns.send_wave(campaign, by=officer) == 2

    found = campaigns.progress(campaign)
    assert found.waves == [Wave(4, 1, 4_000), Wave(2, 0, 2_000)]
    assert (found.cohort, found.recovered, found.still_out, found.cost) == (4, 1, 2, 6_000)
    assert found.cost_per_unit == 6_000


def test_the_figures_re_derive_from_the_rows(held, officer, approver):
    campaign = proposed(officer)
    campaigns.approve(campaign, by=approver)
    loans.scan_in(held[0].device.serial, by=JOB)

    found = campaigns.progress(campaign)

    steps = RecoveryStep.objects.filter(attempt__unit__campaign=campaign)
    assert found.cost == sum(steps.values_list("cost", flat=True))
    assert found.waves[0].asked == RecallAttempt.objects.count()


def test_a_wave_that_costs_more_than_it_brings_is_not_sent(held, officer, approver):
    campaign = proposed(officer, unit_worth=5_000)
    campaigns.approve(campaign, by=approver)
    loans.scan_in(held[0].device.serial, by=JOB)

    with pytest.raises(NotWorthIt, match="6,667"):
        campaigns.send_wave(campaign, by=officer)

    assert RecallAttempt.objects.count() == 4


def test_waves_end_where_the_campaign_says(held, officer, approver):
    campaign = proposed(officer, waves=1)
    campaigns.approve(campaign, by=approver)

    with pytest.raises(AllWavesSent):
        campaigns.send_wave(campaign, by=officer)


def test_a_stopped_campaign_asks_for_nothing(held, officer, approver):
    campaign = proposed(officer)
    campaigns.approve(campaign, by=approver)
    campaigns.stop(campaign, by=officer, why="Enough")

    with pytest.raises(IllegalMove):
        campaigns.send_wave(campaign, by=officer)


def test_silent_people_are_a_cohort_of_their_own(held, officer):
    DaySteps.objects.create(
        participant=held[0].participant, activity_date=clock.today(), source="phone",
        hours=[0] * 24, steps=10,
    )  # fmt: skip

    campaign = proposed(officer, silent_days=30)

    assert set(campaigns.cohort(campaign)) == set(held[1:])


def test_nobody_to_recall_is_said_before_anything_is_kept(held, officer):
    with pytest.raises(NobodyToRecall):
        proposed(officer, overdue_days=11)
    with pytest.raises(ReasonNeeded):
        proposed(officer, reason=" ")

    assert not RecallCampaign.objects.exists()


def test_a_code_names_one_campaign(held, officer):
    proposed(officer)

    with pytest.raises(CampaignCodeTaken):
        proposed(officer)


@pytest.mark.parametrize(
    ("waves", "expects"),
    [
        ([Wave(100, 20, 0)], 9_600),
        ([Wave(100, 20, 0), Wave(80, 8, 0)], 4_000),
        ([Wave(100, 10, 0), Wave(90, 18, 0)], 16_000),
        ([Wave(100, 0, 0)], 0),
    ],
)
def test_a_wave_is_expected_to_fade_as_the_ones_before(waves, expects):
    assert next_wave(waves, still_out=80, unit_cost=100) == Outlook(80, expects, 8_000)


def test_a_wave_that_brings_nothing_never_pays():
    assert not Outlook(10, 0, 100).pays(1_000_000)

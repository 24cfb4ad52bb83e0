from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from participants.errors import NoRounds, RuleUnfit
from participants.models import EligibilityRule, RuleTrial, TrialResult
from participants.rules.bands import age_band, arrival_band
from participants.services import round_counts, rule_trials
from participants.services.rule_trials import plan_trial, run_trial
from seoul_health.core import clock
from tests.conftest import JOB
from tests.participants.recruiting import born, open_lane, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(make_staff):
    return make_staff("recruitment_officer")


@pytest.fixture
def lane(make_participant):
    """A round for people from 19 to 69, with applicants of 20, 30, 66 and 68 years."""
    lane = open_lane(rule={"max_age": 69})
    for years, district in ((20, "종로구"), (30, "중구"), (66, "중구"), (68, "강남구")):
        person = make_participant(is_resident=True, born=born(years), district=district)
        submitted(person, lane)
    return lane


def terms(**changes):
    usual = {"reference_date": clock.today(), "min_age": 19, "max_age": 69}
    return EligibilityRule(**(usual | {"bases": ["resident", "worker"]} | changes))


def tried(lane, officer, **changes):
    trial = plan_trial("시험", rule=terms(**changes), rounds=[lane.round], by=officer)
    run_trial(trial, by=JOB)
    return RuleTrial.objects.get(pk=trial.pk)


def test_the_same_rules_change_nothing(lane, officer):
    trial = tried(lane, officer)

    assert (trial.status, trial.done) == ("done", 4)
    assert trial.counts["all"] == {"passes": 4}
    assert not TrialResult.objects.exists()


def test_a_lower_age_limit_tells_who_would_fail_and_why(lane, officer):
    trial = tried(lane, officer, max_age=64)

    assert trial.counts == {
        "all": {"passes": 2, "fails": 2},
        "rules": {"too_old": 2},
        "outcomes": {"newly_fails": 2},
        "district passes": {"종로구": 1, "중구": 1},
        "district fails": {"중구": 1, "강남구": 1},
        "age passes": {"20-29": 1, "30-39": 1},
        "age fails": {"60-69": 2},
    }
    assert (
        list(TrialResult.objects.values_list("outcome", "failed_rules", "age_band"))
        == [("newly_fails", ["too_old"], "60-69")] * 2
    )


def test_who_was_refused_then_may_pass_now(lane, officer, make_participant):
    old = submitted(make_participant(is_resident=True, born=born(69)), lane)
    profile = old.participant.profile
    profile.birth_date = born(80).isoformat()
    profile.save()

    trial = tried(lane, officer, max_age=None)

    assert trial.counts["outcomes"] == {"newly_passes": 1}
    assert TrialResult.objects.get().failed_before == ["too_old"]


def test_papers_count_as_one_of_several(make_participant, officer):
    lane = open_lane()
    submitted(make_participant(is_resident=False), lane, basis="worker")

    trial = tried(lane, officer, evidence_needed={"worker": ["business_card", "employment"]})

    assert trial.counts["rules"] == {"evidence_missing": 1}
    assert TrialResult.objects.get().outcome == "still_fails"


def test_drafts_are_nobody_yet(make_participant, officer):
    lane = open_lane()
    submitted(make_participant(is_resident=True), lane, submit=False)

    assert tried(lane, officer).done == 0


def test_a_trial_goes_on_where_it_stopped(lane, officer, monkeypatch):
    monkeypatch.setattr(round_counts, "CHUNK", 2)
    trial = plan_trial("시험", rule=terms(max_age=64), rounds=[lane.round], by=officer)
    rounds, real = [lane.round_id], rule_trials.rules_of([lane.round_id])
    tried_rule = rule_trials.rule_from(trial.terms)

    def count(row, chunk):
        rule_trials.count_chunk(row, chunk, tried_rule, real)

    round_counts.step(trial, count, lambda row: None, rounds, by=JOB)
    assert RuleTrial.objects.get().done == 2

    run_trial(trial, by=JOB)
    run_trial(trial, by=JOB)

    done = RuleTrial.objects.get()
    assert (done.status, done.done, done.counts["outcomes"]) == ("done", 4, {"newly_fails": 2})
    assert TrialResult.objects.count() == 2


def test_a_birth_date_nobody_can_read_fails_the_trial(lane, officer):
    trial = plan_trial("시험", rule=terms(), rounds=[lane.round], by=officer)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE participants_profile SET birth_date = name")

    run_trial(trial, by=JOB)

    assert RuleTrial.objects.get().status == "failed"
    assert not TrialResult.objects.exists()


def test_a_trial_needs_rounds(officer):
    with pytest.raises(NoRounds):
        plan_trial("시험", rule=terms(), rounds=[], by=officer)

    assert not RuleTrial.objects.exists()


def test_rules_that_let_nobody_in_are_not_tried(lane, officer):
    with pytest.raises(RuleUnfit):
        plan_trial("시험", rule=terms(bases=[]), rounds=[lane.round], by=officer)

    assert not RuleTrial.objects.exists()


def test_one_result_per_trial_and_application(lane, officer):
    tried(lane, officer, max_age=64)
    row = TrialResult.objects.first()
    row.pk = None

    with (
        pytest.raises(IntegrityError, match="one_result_per_trial_and_application"),
        transaction.atomic(),
    ):
        row.save(force_insert=True)


def test_reading_a_chunk_costs_the_same_for_many(lane, officer, django_assert_max_num_queries):
    trial = plan_trial("시험", rule=terms(max_age=64), rounds=[lane.round], by=officer)

    with django_assert_max_num_queries(25):
        run_trial(trial, by=JOB)


@pytest.mark.parametrize(
    ("age", "band"), [(9, "0-9"), (19, "10-19"), (20, "20-29"), (79, "70-79"), (99, "80+")]
)
def test_ages_are_counted_in_tens(age, band):
    assert age_band(age) == band


@pytest.mark.parametrize(
    ("seconds", "band"),
    [(-5, "0-1"), (0, "0-1"), (59.9, "0-1"), (60, "1-5"), (3_600, "60-360"), (86_400, "1440+")],
)
def test_arrivals_are_counted_by_minutes(seconds, band):
    opened = clock.now()

    assert arrival_band(opened, opened + timedelta(seconds=seconds)) == band

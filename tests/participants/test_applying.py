from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from participants.errors import (
    AlreadyApplied,
    ConsentNeeded,
    DraftOnly,
    NoRuleInForce,
    NotEligible,
    OutsideWindow,
    RoundNotOpen,
)
from participants.models import Application, Consent, EligibilityRule, Lane, Quota
from participants.rules.eligibility import WEEKDAYS_BY_DECADE
from participants.services import applications, rounds
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from tests.conftest import JOB
from tests.devices import builders as watches
from tests.participants.recruiting import CONSENTS, born, draft_round, open_lane, submitted, thawed

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(make_participant):
    return make_participant(is_resident=True)


def refused(error, act):
    """Run what must be refused; nothing may be left of it."""
    with pytest.raises(error) as refusal:
        act()
    assert not Application.objects.exclude(status="draft").exists()
    return refusal.value


def codes(refusal):
    return [failure.code for failure in refusal.failures]


def test_an_application_gets_a_receipt_number_and_a_place(person):
    first = submitted(person, open_lane())
    second = submitted(person, open_lane())

    assert first.receipt_no.startswith(f"A-{clock.today():%y%m}-")
    assert len(first.receipt_no) == len("A-2611-7KQ4M3")
    assert second.sequence > first.sequence
    assert first.status == "submitted"
    assert Consent.objects.count() == 2


def test_without_a_quota_the_seats_for_everybody_are_meant(person):
    lane = open_lane()
    with thawed():
        Quota.objects.create(lane=lane, code="senior", group="senior", seats=5)

    assert submitted(person, lane).quota.code == "general"


def test_one_person_applies_once_per_round(person):
    lane = open_lane()
    first = submitted(person, lane)

    with pytest.raises(AlreadyApplied):
        submitted(person, lane)

    assert Application.objects.get() == first


def test_a_draft_is_kept_before_the_window_and_submitted_in_it(person):
    lane = open_lane(opens_in=timedelta(hours=1))
    draft = submitted(person, lane, submit=False)
    assert (draft.status, draft.sequence) == ("draft", None)
    assert refused(OutsideWindow, lambda: applications.submit(draft, by=person)).code == (
        "not_open_yet"
    )

    with thawed():
        Lane.objects.update(opens_at=clock.now())
    applications.submit(Application.objects.get(), by=person)

    assert Application.objects.get().status == "submitted"


@pytest.mark.parametrize(
    ("moment", "code"),
    [("opens_at", None), ("before", "not_open_yet"), ("closes_at", "already_closed")],
)
def test_the_window_holds_to_the_microsecond(person, moment, code):
    lane = open_lane(opens_in=timedelta(0), closes_in=timedelta(hours=1))
    tick = timedelta(microseconds=1)
    at = {"before": lane.opens_at - tick, "opens_at": lane.opens_at, "closes_at": lane.closes_at}

    with time_machine.travel(at[moment], tick=False):
        if code is None:
            assert submitted(person, lane).status == "submitted"
            return
        assert refused(OutsideWindow, lambda: submitted(person, lane)).code == code
    assert not Application.objects.exists()


def test_the_last_moment_before_closing_is_still_in_time(person):
    lane = open_lane(opens_in=timedelta(0), closes_in=timedelta(hours=1))

    with time_machine.travel(lane.closes_at - timedelta(microseconds=1), tick=False):
        assert submitted(person, lane).status == "submitted"


def test_the_window_counts_even_when_the_sweep_is_late(person):
    lane = open_lane()
    lane.round.status = "announced"
    lane.round.save()

    assert submitted(person, lane).status == "submitted"


def test_a_round_closed_by_staff_takes_nobody(person):
    lane = open_lane()
    rounds.close_round(lane.round, by=JOB)

    refused(RoundNotOpen, lambda: submitted(person, lane))


def test_everybody_has_a_weekday(make_participant):
    lane = open_lane(method=Lane.Method.WEEKDAY_BY_BIRTH_YEAR, opens_in=-timedelta(days=3))
    forty = make_participant(is_resident=True, born=born(44))
    day = next(
        clock.now() + timedelta(days=offset)
        for offset in range(7)
        if clock.seoul_day(clock.now() + timedelta(days=offset)).isoweekday()
        == WEEKDAYS_BY_DECADE[40]
    )
    with thawed():
        Lane.objects.update(closes_at=clock.now() + timedelta(days=30))
    lane.refresh_from_db()

    with time_machine.travel(day + timedelta(days=1), tick=False):
        assert refused(OutsideWindow, lambda: submitted(forty, lane)).code == "other_weekday"
    with time_machine.travel(day, tick=False):
        assert submitted(forty, lane).status == "submitted"


@pytest.mark.parametrize(
    ("years", "days", "failed"),
    [(19, 0, []), (19, -1, ["too_young"]), (75, 0, []), (76, 0, ["too_old"])],
)
def test_the_age_is_counted_to_the_day(make_participant, years, days, failed):
    lane = open_lane(rule={"max_age": 75})
    person = make_participant(is_resident=True, born=born(years, days=days))
    with thawed():
        EligibilityRule.objects.update(reference_date=born(0))

    if not failed:
        assert submitted(person, lane).status == "submitted"
        return
    assert codes(refused(NotEligible, lambda: submitted(person, lane))) == failed


def test_every_failed_rule_is_told_at_once(make_participant):
    lane = open_lane(rule={"max_age": 60, "bases": ["worker"]})
    person = make_participant(is_resident=False, born=born(70))

    refusal = refused(NotEligible, lambda: submitted(person, lane, basis="resident"))

    assert codes(refusal) == ["too_old", "basis_not_accepted"]
    assert len(refusal.fields["eligibility"]) == 2
    assert not Application.objects.exists()
    assert not Consent.objects.exists()


def test_unknown_residence_is_held_against_nobody(make_participant):
    assert submitted(make_participant(is_resident=None), open_lane()).status == "submitted"


def test_a_home_elsewhere_needs_another_basis(make_participant):
    lane, person = open_lane(), make_participant(is_resident=False)

    assert codes(refused(NotEligible, lambda: submitted(person, lane))) == ["not_resident"]
    assert submitted(person, lane, basis="worker").status == "submitted"


def test_who_still_has_a_watch_cannot_apply(person):
    watches.live_loan(person)
    lane = open_lane()

    with pytest.raises(NotEligible) as refusal:
        submitted(person, lane)

    assert codes(refusal.value) == ["watch_not_returned", "already_taking_part"]
    assert not Application.objects.filter(round=lane.round).exists()


@pytest.mark.parametrize(
    ("group", "value", "fits", "does_not"),
    [
        ("senior", "", {"born": born(65)}, {"born": born(64)}),
        ("district", "종로구", {"district": "종로구"}, {"district": "중구"}),
        ("age_band", "20-29", {"born": born(29)}, {"born": born(30)}),
    ],
)
def test_seats_kept_for_a_group_are_for_that_group(make_participant, group, value, fits, does_not):
    lane = open_lane()
    with thawed():
        quota = Quota.objects.create(lane=lane, code="kept", group=group, value=value, seats=5)
    outsider = make_participant(is_resident=True, **does_not)

    failed = refused(NotEligible, lambda: submitted(outsider, lane, quota=quota))

    assert codes(failed) == ["not_in_group"]
    assert submitted(make_participant(is_resident=True, **fits), lane, quota=quota).quota == quota


def test_health_data_need_a_consent_of_their_own(person):
    lane = open_lane()

    refused(ConsentNeeded, lambda: submitted(person, lane, consents=CONSENTS[:1]))

    assert not Consent.objects.exists()


def test_a_round_without_a_rule_in_force_takes_nobody(person):
    lane = open_lane()
    with thawed():
        EligibilityRule.objects.update(effective_from=clock.today() + timedelta(days=1))

    refused(NoRuleInForce, lambda: submitted(person, lane))


def test_the_newest_version_of_the_rule_counts(person):
    lane = open_lane()
    with thawed():
        EligibilityRule.objects.create(
            round=lane.round, version=2, effective_from=clock.today(),
            reference_date=clock.today(), min_age=60, bases=["resident"],
        )  # fmt: skip

    assert codes(refused(NotEligible, lambda: submitted(person, lane))) == ["too_young"]


def test_only_a_draft_is_edited_or_submitted(person):
    lane = open_lane()
    application = submitted(person, lane)

    with pytest.raises(DraftOnly):
        applications.edit(application, lane=lane, quota=None, basis="worker")
    with pytest.raises(DraftOnly):
        applications.submit(application, by=person)

    assert Application.objects.get().basis == "resident"


def test_an_application_is_taken_back_once(person):
    application = submitted(person, open_lane())
    applications.withdraw(application, by=person)

    with pytest.raises(IllegalMove):
        applications.withdraw(application, by=person)

    assert Application.objects.get().status == "withdrawn"


def test_a_draft_round_cannot_be_applied_to(person):
    lane = Lane.objects.create(
        round=draft_round(), kind="own_device", opens_at=datetime(2020, 1, 1, tzinfo=UTC),
        closes_at=datetime(2099, 1, 1, tzinfo=UTC),
    )  # fmt: skip

    refused(RoundNotOpen, lambda: submitted(person, lane, submit=False))

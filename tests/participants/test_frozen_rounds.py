"""A round that was announced stays as it was told: by service, by admin and by raw SQL."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from participants.errors import (
    ChangeWaits,
    EndsNoLater,
    NotWhileDraft,
    RuleTooEarly,
    RuleUnfit,
    SamePerson,
    WindowOver,
)
from participants.models import EligibilityRule, Lane, Quota, RecruitmentRound, RoundChange
from participants.services import judging, round_changes, rounds
from participants.services.round_changes import RuleTerms, apply_change, drop_change, extend_window
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from tests.conftest import JOB
from tests.participants.builders import App
from tests.participants.recruiting import add_lane, draft_round, open_lane

pytestmark = pytest.mark.django_db
WHY = "접수 장애로 기간을 연장합니다."
DAY = timedelta(days=1)


@pytest.fixture
def lane():
    return open_lane()


@pytest.fixture
def first(make_staff):
    return make_staff("recruitment_officer")


@pytest.fixture
def second(make_staff):
    return make_staff("recruitment_officer")


def refuses(statement, *values):
    with (
        pytest.raises(IntegrityError, match="what_was_announced_stays"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    "change",
    [
        "opens_at = opens_at - interval '1 hour'",
        "closes_at = closes_at + interval '1 hour'",
        "closes_at = closes_at - interval '1 hour'",
        "method = 'lottery'",
        "kind = 'needs_watch'",
        "offer_hours = 1",
        "weekdays = '{\"10\": 1}'",
    ],
)
def test_a_lane_stays(lane, change):
    refuses(f"UPDATE participants_lane SET {change}")

    assert Lane.objects.filter(
        opens_at=lane.opens_at, closes_at=lane.closes_at, method=lane.method, offer_hours=48
    ).exists()


@pytest.mark.parametrize(
    "change",
    [
        "seats = seats + 1",
        "spill_order = 9",
        "value = 'x'",
        "closes_at = now()",
        "opens_at = now()",
    ],
)
def test_a_quota_stays(lane, change):
    refuses(f"UPDATE participants_quota SET {change}")

    assert Quota.objects.filter(seats=10, spill_order=0, closes_at=None).exists()


@pytest.mark.parametrize(
    "change", ["min_age = 1", "effective_from = effective_from - 1", "status = 'dropped'"]
)
def test_rules_stay(lane, change):
    refuses(f"UPDATE participants_eligibilityrule SET {change}")

    assert EligibilityRule.objects.filter(min_age=19, status="released").exists()


@pytest.mark.parametrize(
    "change", ["starts_on = starts_on + 1", "ends_on = ends_on + 1", "name = 'x'", "code = 'x'"]
)
def test_the_days_of_a_round_stay(lane, change):
    refuses(f"UPDATE participants_recruitmentround SET {change}")


def test_a_round_never_becomes_a_draft_again(lane):
    refuses("UPDATE participants_recruitmentround SET status = 'draft'")

    assert RecruitmentRound.objects.get().status == "open"


@pytest.mark.parametrize("table", ["quota", "lane", "eligibilityrule", "recruitmentround"])
def test_nothing_of_it_is_removed(lane, table):
    refuses(f"DELETE FROM participants_{table}")


def test_no_lane_quota_or_rule_is_added(lane):
    with pytest.raises(IntegrityError, match="what_was_announced_stays"), transaction.atomic():
        add_lane(lane.round, kind=Lane.Kind.NEEDS_WATCH)
    with pytest.raises(IntegrityError, match="what_was_announced_stays"), transaction.atomic():
        Quota.objects.create(lane=lane, code="more", seats=5)
    with pytest.raises(IntegrityError, match="what_was_announced_stays"), transaction.atomic():
        EligibilityRule.objects.create(
            round=lane.round, version=2, effective_from=clock.today() + DAY,
            reference_date=clock.today(), bases=["resident"],
        )  # fmt: skip


def test_a_part_does_not_move_in_from_a_draft(lane):
    draft = add_lane(draft_round(), kind=Lane.Kind.NEEDS_WATCH)

    refuses("UPDATE participants_lane SET round_id = %s WHERE id = %s", lane.round_id, draft.pk)
    refuses("UPDATE participants_quota SET lane_id = %s, code = 'x' WHERE lane_id = %s",
            lane.pk, draft.pk)  # fmt: skip


def test_a_draft_is_free(lane):
    draft = add_lane(draft_round())
    Lane.objects.filter(pk=draft.pk).update(offer_hours=24)
    Quota.objects.filter(lane=draft).delete()

    assert Lane.objects.get(pk=draft.pk).offer_hours == 24


def test_the_lane_that_takes_over_may_be_named_later_and_once(lane):
    onto = add_lane(draft_round())
    Lane.objects.filter(pk=lane.pk).update(carries_over_to=onto)

    refuses("UPDATE participants_lane SET carries_over_to_id = NULL WHERE id = %s", lane.pk)

    assert Lane.objects.get(pk=lane.pk).carries_over_to == onto


def test_a_window_becomes_longer_by_two_people(lane, first, second):
    later = lane.closes_at + DAY
    change = extend_window(lane, closes_at=later, reason=WHY, by=first)
    assert Lane.objects.get().closes_at == lane.closes_at

    apply_change(change, by=second)

    assert Lane.objects.get().closes_at == later
    assert RoundChange.objects.get().decided_by == second


def test_a_wave_that_ends_with_its_lane_becomes_longer_too(first, second):
    draft = draft_round()
    lane = add_lane(draft)
    Quota.objects.update(closes_at=lane.closes_at)
    rounds.announce(draft, by=JOB)
    later = lane.closes_at + DAY

    apply_change(extend_window(lane, closes_at=later, reason=WHY, by=first), by=second)

    assert Quota.objects.get().closes_at == later


def test_nobody_decides_their_own_proposal(lane, first):
    change = extend_window(lane, closes_at=lane.closes_at + DAY, reason=WHY, by=first)

    with pytest.raises(SamePerson):
        apply_change(change, by=first)

    assert RoundChange.objects.get().status == "proposed"
    assert Lane.objects.get().closes_at == lane.closes_at


def test_a_proposal_is_decided_once(lane, first, second):
    change = extend_window(lane, closes_at=lane.closes_at + DAY, reason=WHY, by=first)
    drop_change(change, by=first)

    with pytest.raises(IllegalMove):
        apply_change(RoundChange.objects.get(), by=second)

    assert Lane.objects.get().closes_at == lane.closes_at


def test_one_change_of_a_lane_waits_at_a_time(lane, first, second):
    extend_window(lane, closes_at=lane.closes_at + DAY, reason=WHY, by=first)

    with pytest.raises(ChangeWaits):
        extend_window(lane, closes_at=lane.closes_at + 2 * DAY, reason=WHY, by=second)

    assert RoundChange.objects.count() == 1


@pytest.mark.parametrize("by", [timedelta(0), -DAY, timedelta(days=3650)])
def test_a_new_end_is_later_and_inside_the_round(lane, first, by):
    with pytest.raises(EndsNoLater):
        extend_window(lane, closes_at=lane.closes_at + by, reason=WHY, by=first)

    assert not RoundChange.objects.exists()


def test_a_lane_that_takes_nobody_any_more_is_not_extended(lane, first, second):
    change = extend_window(lane, closes_at=lane.closes_at + DAY, reason=WHY, by=first)
    rounds.close_round(lane.round, by=JOB)

    with pytest.raises(WindowOver):
        apply_change(RoundChange.objects.get(pk=change.pk), by=second)

    assert RoundChange.objects.get().status == "proposed"
    assert Lane.objects.get().closes_at == lane.closes_at


def test_a_change_needs_a_reason(lane, first):
    with pytest.raises(ReasonNeeded):
        extend_window(lane, closes_at=lane.closes_at + DAY, reason=" ", by=first)

    assert not RoundChange.objects.exists()


def terms(**changes):
    today = clock.today()
    usual = {
        "effective_from": today + DAY,
        "reference_date": today,
        "min_age": 30,
        "bases": ["resident"],
    }
    return RuleTerms(**(usual | changes))


def test_a_new_version_counts_from_its_day(lane, first, second):
    change = round_changes.propose_rule(lane.round, terms=terms(), reason=WHY, by=first)
    assert judging.rule_of(lane.round).version == 1

    apply_change(change, by=second)

    assert judging.rule_of(lane.round).version == 1
    released = judging.rule_in_force(lane.round, clock.today() + DAY)
    assert (released.version, released.min_age, released.status) == (2, 30, "released")


def test_a_proposed_version_counts_for_nobody(lane, first):
    round_changes.propose_rule(lane.round, terms=terms(), reason=WHY, by=first)

    assert judging.rule_in_force(lane.round, clock.today() + DAY).version == 1


def test_a_version_is_released_by_somebody_else(lane, first):
    change = round_changes.propose_rule(lane.round, terms=terms(), reason=WHY, by=first)

    with pytest.raises(SamePerson):
        apply_change(change, by=first)

    assert EligibilityRule.objects.get(version=2).status == "proposed"


def test_a_version_is_never_for_days_that_have_come(lane, first):
    with pytest.raises(RuleTooEarly):
        round_changes.propose_rule(
            lane.round, terms=terms(effective_from=clock.today()), reason=WHY, by=first
        )

    assert EligibilityRule.objects.count() == 1


def test_a_version_must_hold_together(lane, first):
    with pytest.raises(RuleUnfit):
        round_changes.propose_rule(
            lane.round, terms=terms(min_age=50, max_age=40), reason=WHY, by=first
        )

    assert EligibilityRule.objects.count() == 1


def test_a_version_is_not_released_past_its_proposal(lane, first):
    round_changes.propose_rule(lane.round, terms=terms(), reason=WHY, by=first)

    refuses("UPDATE participants_eligibilityrule SET status = 'released' WHERE version = 2")
    refuses("UPDATE participants_eligibilityrule SET min_age = 1 WHERE version = 2")


def test_a_version_must_start_after_all_others_in_the_database(lane):
    with pytest.raises(IntegrityError, match="what_was_announced_stays"), transaction.atomic():
        EligibilityRule.objects.create(
            round=lane.round, version=2, effective_from=clock.today() - 300 * DAY,
            reference_date=clock.today(), bases=["resident"], status="proposed",
        )  # fmt: skip


def test_a_draft_needs_no_proposals(first):
    with pytest.raises(NotWhileDraft):
        round_changes.propose_rule(draft_round(), terms=terms(), reason=WHY, by=first)


def test_two_people_change_a_round_in_the_database(lane, first):
    change = extend_window(lane, closes_at=lane.closes_at + DAY, reason=WHY, by=first)

    with pytest.raises(IntegrityError, match="two_people_change_a_round"), transaction.atomic():
        RoundChange.objects.filter(pk=change.pk).update(
            status="applied", decided_by=first, decided_at=clock.now()
        )
    with pytest.raises(IntegrityError, match="a_decided_change_says_who"), transaction.atomic():
        RoundChange.objects.filter(pk=change.pk).update(status="applied")


def test_a_change_says_what_it_changes_in_the_database(lane, first):
    with pytest.raises(IntegrityError, match="a_change_says_what"), transaction.atomic():
        RoundChange.objects.create(
            round=lane.round, kind="window", lane=lane, closed_at_before=lane.closes_at,
            closes_at=lane.closes_at, reason=WHY, proposed_by=first,
        )  # fmt: skip


def test_a_proposal_stays_as_it_was_made(lane, first):
    change = extend_window(lane, closes_at=lane.closes_at + DAY, reason=WHY, by=first)

    refuses("UPDATE participants_roundchange SET closes_at = closes_at + interval '1 day'")
    refuses("DELETE FROM participants_roundchange WHERE id = %s", change.pk)


def test_everybody_reads_what_was_changed(lane, first, second):
    later = lane.closes_at + DAY
    apply_change(extend_window(lane, closes_at=later, reason=WHY, by=first), by=second)
    round_changes.propose_rule(lane.round, terms=terms(), reason=WHY, by=first)

    changes = App().get(f"rounds/{lane.round.code}/").json()["changes"]

    assert [(one["kind"], one["lane"], one["reason"]) for one in changes] == [
        ("window", "own_device", WHY)
    ]
    assert changes[0]["closes_at"] == later.astimezone(clock.KST).isoformat()
    assert first.username not in str(changes)

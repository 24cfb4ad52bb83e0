"""Days on hold wait and lose nothing."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction

from participants.models import Notification
from points.errors import (
    AppealWaits,
    DaysHeldAlready,
    HoldTooLong,
    NotTakingPart,
    PointsDisputed,
    SomebodyElseMustDecide,
)
from points.models import Award, AwardReview, Hold, HoldRelease, Payout
from points.services.awards import judge_days
from points.services.hold_appeals import file_appeal
from points.services.hold_releases import (
    approve_release,
    decline_release,
    request_release,
    work_off,
)
from points.services.holding import confirm_hold, release_hold
from points.services.payouts import request_payout
from points.services.proof import prove
from points.services.settlement import settle_day, settle_week
from points.services.statements import days_of, summary_of
from points.services.syncs import sync_steps
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded, SamePerson
from tests.conftest import JOB
from tests.points.builders import ERA, balance, give, sample, take_part, upload, walk
from tests.points.holding import held

pytestmark = pytest.mark.django_db
WEEK = [ERA + timedelta(days=n) for n in range(7)]


@pytest.fixture
def officer(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def approver(make_staff):
    return make_staff("finance_approver")


def reason_of(walker, day=ERA):
    told = days_of(walker, day, day)[0]
    return told.outcome.reason, told.outcome.points


def test_a_day_on_hold_waits_in_the_sync(walker, officer):
    walk(walker, ERA, 8_000)
    held(walker, officer)
    outcome = judge_days(walker, [ERA], by=JOB)[ERA]

    assert (outcome.reason, outcome.points, outcome.due) == ("on_hold", 0, 100)
    assert not Award.objects.exists()
    assert reason_of(walker) == ("on_hold", 0)


def test_a_sync_tells_that_the_day_waits(walker, officer):
    day = clock.today() - timedelta(days=1)
    held(walker, officer, first=day)
    outcome = sync_steps(walker, upload(sample(day, 9_000))).outcomes[day]

    assert (outcome.reason, outcome.points) == ("on_hold", 0)
    assert not Award.objects.exists()


def test_a_day_on_hold_waits_in_the_sweep(walker, officer):
    walk(walker, ERA, 8_000)
    held(walker, officer)
    done = settle_day(ERA, by=JOB)

    assert (done.posted, done.capped, done.points) == (0, 0, 0)
    assert not Award.objects.exists()


def test_neighbours_of_a_held_day_are_awarded(walker, officer):
    for day in WEEK[:3]:
        walk(walker, day, 8_000)
    held(walker, officer, first=WEEK[1])
    judge_days(walker, WEEK[:3], by=JOB)

    assert list(Award.objects.order_by("period").values_list("period", flat=True)) == [
        WEEK[0],
        WEEK[2],
    ]


def test_a_released_day_earns_at_once_by_its_own_days_rule(walker, officer, approver):
    walk(walker, ERA, 8_000)
    hold = held(walker, officer)
    judge_days(walker, [ERA], by=JOB)
    release_hold(hold, why="a marathon", by=approver)

    assert balance(walker) == 100
    assert Award.objects.get().period == ERA
    assert Hold.objects.get().status == "released"
    assert Notification.objects.filter(template__code="hold_released").count() == 1
    assert settle_day(ERA, by=JOB).posted == 0


def test_a_released_day_counts_for_its_week(walker, officer, approver):
    for day in WEEK[:4] + WEEK[5:6]:
        walk(walker, day, 8_000)
    hold = held(walker, officer, first=WEEK[5])
    judge_days(walker, WEEK, by=JOB)
    assert settle_week(ERA, by=JOB).posted == 0
    release_hold(hold, why="a marathon", by=approver)

    assert Award.objects.filter(item="walking_week").count() == 1
    assert balance(walker) == 5 * 100 + 500


def test_a_confirmed_day_earns_nothing_and_says_so(walker, officer, approver):
    walk(walker, ERA, 8_000)
    confirm_hold(held(walker, officer), why="shaken", by=approver)
    judge_days(walker, [ERA], by=JOB)

    assert settle_day(ERA, by=JOB).posted == 0
    assert reason_of(walker) == ("hold_confirmed", 0)
    assert Notification.objects.get(template__code="hold_confirmed").values["reason"] == "shaken"
    assert not AwardReview.objects.exists()


def test_what_was_awarded_before_is_not_taken_by_the_hold(walker, officer, approver):
    walk(walker, ERA, 8_000)
    judge_days(walker, [ERA], by=JOB)
    hold = held(walker, officer)
    assert reason_of(walker) == ("goal_reached", 100)
    confirm_hold(hold, why="shaken", by=approver)

    assert balance(walker) == 100
    review = AwardReview.objects.get()
    assert (review.cause, review.awarded, review.would_be, review.status) == (
        "hold", 100, 0, "open",
    )  # fmt: skip


def test_only_the_disputed_points_are_not_payable(saver, officer, approver):
    walk(saver, ERA, 8_000)
    judge_days(saver, [ERA], by=JOB)
    hold = held(saver, officer)

    assert (summary_of(saver).balance, summary_of(saver).payable) == (20_100, 20_000)
    with pytest.raises(PointsDisputed), transaction.atomic():
        request_payout(saver, amount=20_001, key=uuid.uuid4())
    assert not Payout.objects.exists()

    request_payout(saver, amount=20_000, key=uuid.uuid4())
    release_hold(hold, why="a marathon", by=approver)
    assert summary_of(saver).payable == 100


def test_a_payout_without_a_hold_asks_once_more_only(saver, django_assert_num_queries):
    from points.services.held import disputed_points

    with django_assert_num_queries(1):
        assert disputed_points(saver) == 0


def test_who_raised_a_hold_does_not_decide_on_it(walker, officer):
    hold = held(walker, officer)

    for decide in (release_hold, confirm_hold):
        with pytest.raises(SomebodyElseMustDecide), transaction.atomic():
            decide(hold, why="mine", by=officer)
    assert Hold.objects.get().status == "open"


def test_a_hold_is_decided_once_and_with_a_reason(walker, officer, approver):
    hold = held(walker, officer)
    with pytest.raises(ReasonNeeded), transaction.atomic():
        release_hold(hold, why=" ", by=approver)
    release_hold(hold, why="a marathon", by=approver)

    with pytest.raises(IllegalMove), transaction.atomic():
        confirm_hold(Hold.objects.get(), why="shaken", by=approver)
    assert Hold.objects.get().status == "released"


def test_a_hold_with_an_objection_is_left_to_its_decision(walker, officer, approver):
    hold = held(walker, officer)
    file_appeal(hold, text="I walked", by=walker)

    for decide in (release_hold, confirm_hold):
        with pytest.raises(AppealWaits), transaction.atomic():
            decide(hold, why="so", by=approver)
    assert Hold.objects.get().status == "open"


def test_a_hold_names_days_of_a_participation(make_participant, officer):
    stranger = make_participant()
    with pytest.raises(NotTakingPart):
        held(stranger, officer)
    take_part(stranger, ends_on=ERA)
    with pytest.raises(NotTakingPart):
        held(stranger, officer, last=ERA + timedelta(days=1))
    assert not Hold.objects.exists()


@pytest.mark.parametrize("days", [-1, 92])
def test_a_hold_covers_a_season_at_most(walker, officer, days):
    with pytest.raises(HoldTooLong):
        held(walker, officer, last=ERA + timedelta(days=days))
    assert not Hold.objects.exists()


def test_the_same_days_are_put_on_hold_once(walker, officer):
    held(walker, officer)

    with pytest.raises(DaysHeldAlready), transaction.atomic():
        held(walker, officer)
    assert Hold.objects.count() == 1


def test_a_wrong_cause_is_released_together_by_two_people(
    walker, make_participant, officer, approver, make_staff
):
    other = make_participant()
    take_part(other)
    for person in (walker, other):
        walk(person, ERA, 8_000)
        held(person, officer)
    file_appeal(Hold.objects.get(participant=other), text="I walked", by=other)
    today = clock.today()
    release = request_release(
        signal="by_hand", raised_from=today, raised_to=today, most_score=100, why="a faulty rule",
        by=officer,
    )  # fmt: skip
    with pytest.raises(SamePerson), transaction.atomic():
        approve_release(release, by=officer)
    approve_release(release, by=approver)

    assert work_off(release, by=JOB) == 2
    assert work_off(HoldRelease.objects.get(), by=JOB) == 0
    done = HoldRelease.objects.get()
    assert (done.status, done.released) == ("done", 2)
    assert (balance(walker), balance(other)) == (100, 100)
    assert prove(by=JOB).ok


def test_a_declined_release_leaves_the_holds(walker, officer, approver):
    held(walker, officer)
    today = clock.today()
    release = request_release(
        signal="by_hand", raised_from=today, raised_to=today, most_score=100, why="x", by=officer
    )
    decline_release(release, why="no", by=approver)

    assert work_off(release, by=JOB) == 0
    assert Hold.objects.get().status == "open"


def test_a_held_goal_day_is_a_recorded_reason(walker, officer):
    for day in WEEK[:2]:
        walk(walker, day, 8_000)
    held(walker, officer)
    judge_days(walker, WEEK[:2], by=JOB)
    give(walker, 1)
    proof = prove(by=JOB)

    assert (proof.ok, proof.gaps) == (True, {})
    assert (proof.counts["goal_days"], proof.counts["goal_days_on_hold"]) == (2, 1)
    assert proof.counts["holds"] == 1


def test_the_proof_sees_an_award_past_a_hold(walker, officer):
    walk(walker, ERA, 8_000)
    hold = held(walker, officer)
    Hold.objects.filter(pk=hold.pk).update(first_day=WEEK[1], last_day=WEEK[1])
    judge_days(walker, [ERA], by=JOB)
    Hold.objects.filter(pk=hold.pk).update(first_day=ERA, last_day=ERA)

    assert prove(by=JOB).gaps == {"awards_on_held_days": 1}


def test_the_proof_sees_a_hold_without_grounds(walker, make_participant, officer):
    other = make_participant()
    hold = held(walker, officer)
    Hold.objects.filter(pk=hold.pk).update(participant=other)

    assert prove(by=JOB).gaps == {"holds_without_grounds": 1}


def test_the_proof_wants_the_numbers_of_every_day_the_scan_held(walker, officer):
    hold = held(walker, officer, last=WEEK[1])
    Hold.objects.filter(pk=hold.pk).update(
        raised_by=None, signal="shaker", evidence={str(ERA): {"minutes": 300}}
    )

    assert prove(by=JOB).gaps == {"holds_without_grounds": 1}

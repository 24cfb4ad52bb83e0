"""Points are asked back by two people, with notice and time to object; never below zero."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from participants.models import Notification
from points.errors import (
    NothingToObjectTo,
    NothingToTakeBack,
    ObjectedAlready,
    ObjectionTooLate,
    SomebodyElseMustDecide,
)
from points.models import Award, AwardReview, Clawback, Transfer
from points.services.clawbacks import (
    approve_clawback,
    decline_clawback,
    object_to,
    propose_clawback,
    take,
    take_due,
    uphold_clawback,
    withdraw_clawback,
)
from points.services.payouts import request_payout
from points.services.proof import prove
from points.services.settlement import settle_day
from points.services.statements import summary_of
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded, SamePerson
from tests.conftest import JOB
from tests.points.builders import ERA, balance, give
from tests.points.holding import reviewed

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def approver(make_staff):
    return make_staff("finance_approver")


@pytest.fixture
def third(make_staff):
    return make_staff("finance_approver", username="third")


@pytest.fixture
def proposed(walker, officer, approver):
    reviews = reviewed(walker, officer, approver)
    return propose_clawback(reviews, why="shaken", by=officer)


@pytest.fixture
def announced(proposed, approver):
    approve_clawback(proposed, by=approver)
    return Clawback.objects.get()


def after_notice():
    return time_machine.travel(clock.now() + timedelta(days=15), tick=False)


def test_a_proposal_moves_nothing_and_tells_nobody(walker, proposed):
    assert (proposed.amount, proposed.status) == (200, "proposed")
    assert set(AwardReview.objects.values_list("status", flat=True)) == {"proposed"}
    assert balance(walker) == 200
    assert not Notification.objects.filter(template__code__startswith="clawback").exists()


def test_the_proposer_does_not_approve(proposed, officer):
    with pytest.raises(SamePerson), transaction.atomic():
        approve_clawback(proposed, by=officer)
    assert Clawback.objects.get().status == "proposed"


def test_the_notice_says_what_why_and_until_when(walker, announced):
    assert announced.objects_until == clock.today() + timedelta(days=14)
    told = Notification.objects.get(template__code="clawback_notice")
    assert (told.legal, told.values["amount"], told.values["reason"]) == (True, "200", "shaken")
    assert take_due(by=JOB) == 0
    assert balance(walker) == 200


def test_announced_points_are_not_paid_out_meanwhile(walker, announced):
    give(walker, 6_000)

    assert (summary_of(walker).balance, summary_of(walker).payable) == (6_200, 6_000)


def test_after_the_notice_the_points_go_back_award_by_award(walker, announced):
    with after_notice():
        assert take_due(by=JOB) == 1
        assert take_due(by=JOB) == 0

    done = Clawback.objects.get()
    assert (done.status, done.taken, done.outstanding) == ("taken", 200, 0)
    assert balance(walker) == 0
    back = Transfer.objects.filter(reason="clawback").order_by("pk")
    assert [one.amount for one in back] == [100, 100]
    assert {one.reversal_of.award.period for one in back} == {ERA, ERA + timedelta(days=1)}
    assert Notification.objects.get(template__code="clawback_taken").values["amount"] == "200"
    assert prove(by=JOB).ok


def test_a_reversed_award_is_not_awarded_again(walker, announced):
    with after_notice():
        take_due(by=JOB)

    assert settle_day(ERA, by=JOB).posted == 0
    assert (Award.objects.count(), balance(walker)) == (2, 0)


def test_what_is_not_there_is_outstanding(walker, announced):
    give(walker, 5_000)
    request_payout_of(walker, 5_000)
    Transfer.objects.get(reason="payout")
    spend(walker, 60)
    with after_notice():
        take_due(by=JOB)

    done = Clawback.objects.get()
    assert (done.taken, done.outstanding, balance(walker)) == (140, 60, 0)
    reviews = AwardReview.objects.order_by("award__period").values_list("taken", flat=True)
    assert list(reviews) == [100, 40]
    assert prove(by=JOB).ok


def test_an_empty_purse_gives_nothing(walker, announced):
    spend(walker, 200)
    with after_notice():
        take_due(by=JOB)

    assert (Clawback.objects.get().taken, Clawback.objects.get().outstanding) == (0, 200)
    assert prove(by=JOB).ok


def test_an_objection_stops_it_until_decided(walker, announced, third):
    object_to(announced, text="I walked", by=walker)
    with after_notice():
        assert take_due(by=JOB) == 0
        withdraw_clawback(announced, answer="you did", by=third)
        assert take_due(by=JOB) == 0

    assert Clawback.objects.get().status == "withdrawn"
    assert set(AwardReview.objects.values_list("status", flat=True)) == {"kept"}
    assert balance(walker) == 200
    assert summary_of(walker).payable == 200


def test_a_dismissed_objection_lets_it_take_effect(walker, announced, third):
    object_to(announced, text="I walked", by=walker)
    uphold_clawback(announced, answer="no", by=third)

    assert take_due(by=JOB) == 1
    assert balance(walker) == 0
    assert Notification.objects.get(template__code="clawback_decided").values["answer"] == "no"


def test_neither_of_the_two_hears_the_objection(walker, announced, officer, approver):
    object_to(announced, text="I walked", by=walker)

    for clerk in (officer, approver):
        with pytest.raises(SomebodyElseMustDecide), transaction.atomic():
            uphold_clawback(announced, answer="no", by=clerk)
    assert Clawback.objects.get().status == "objected"


def test_one_objection_and_in_time(walker, announced):
    with after_notice(), pytest.raises(ObjectionTooLate), transaction.atomic():
        object_to(announced, text="late", by=walker)
    object_to(announced, text="I walked", by=walker)

    with pytest.raises(ObjectedAlready), transaction.atomic():
        object_to(announced, text="again", by=walker)
    assert Clawback.objects.get().objection == "I walked"


def test_a_proposal_is_nothing_to_object_to(walker, proposed):
    with pytest.raises(NothingToObjectTo), transaction.atomic():
        object_to(proposed, text="I walked", by=walker)


def test_a_declined_proposal_leaves_the_points(walker, proposed, approver):
    decline_clawback(proposed, why="too old", by=approver)

    assert Clawback.objects.get().status == "declined"
    assert set(AwardReview.objects.values_list("status", flat=True)) == {"kept"}
    assert balance(walker) == 200


def test_a_proposal_is_about_one_person_and_open_reviews(
    walker, make_participant, officer, approver
):
    reviews = reviewed(walker, officer, approver, days=1)
    with pytest.raises(NothingToTakeBack):
        propose_clawback([], why="x", by=officer)
    with pytest.raises(ReasonNeeded):
        propose_clawback(reviews, why=" ", by=officer)
    propose_clawback(reviews, why="x", by=officer)

    with pytest.raises(IllegalMove), transaction.atomic():
        propose_clawback(list(AwardReview.objects.all()), why="x", by=officer)
    assert Clawback.objects.count() == 1


def test_nothing_is_taken_before_its_time(walker, announced):
    assert not take(announced.pk, by=JOB)
    assert balance(walker) == 200


def test_the_proof_sees_a_clawback_that_does_not_add_up(walker, announced):
    with after_notice():
        take_due(by=JOB)
    Clawback.objects.update(taken=150, outstanding=50)

    assert prove(by=JOB).gaps == {"clawbacks_that_do_not_add_up": 1}


def request_payout_of(walker, amount):
    return request_payout(walker, amount=amount, key=uuid.uuid4())


def spend(walker, amount):
    from points.models import Pot
    from points.services import accounts, ledger

    ledger.post(
        f"spend:{uuid.uuid4()}", source=accounts.purse_of(walker),
        target=accounts.pot(Pot.EXPIRED), amount=amount, reason="expiry",
        business_date=clock.today(),
    )  # fmt: skip

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from participants.models import Notification
from points.errors import (
    NothingToObjectTo,
    ObjectedAlready,
    ObjectionTooLate,
    SomebodyElseMustDecide,
)
from points.models import AwardReview, Hold, HoldAppeal
from points.services.awards import judge_days
from points.services.hold_appeals import (
    can_appeal,
    dismiss_appeal,
    file_appeal,
    uphold_appeal,
)
from points.services.holding import confirm_hold, release_hold
from points.services.proof import prove
from seoul_health.core import clock
from seoul_health.core.errors import ReasonNeeded
from tests.conftest import JOB
from tests.points.builders import ERA, balance, walk
from tests.points.holding import held

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
def hold(walker, officer):
    walk(walker, ERA, 8_000)
    return held(walker, officer)


def test_an_objection_is_received_with_a_promise(walker, hold):
    appeal = file_appeal(hold, text="I walked", by=walker)

    assert (appeal.status, appeal.against) == ("received", hold.raised_by)
    assert appeal.promised_on > clock.today()
    assert Notification.objects.filter(template__code="hold_appeal_received").count() == 1
    assert not can_appeal(Hold.objects.get())


def test_one_objection_is_possible(walker, hold):
    file_appeal(hold, text="I walked", by=walker)

    with pytest.raises(ObjectedAlready), transaction.atomic():
        file_appeal(hold, text="again", by=walker)
    assert HoldAppeal.objects.count() == 1


def test_an_upheld_objection_lets_the_days_earn(walker, hold, approver):
    appeal = file_appeal(hold, text="I walked", by=walker)
    judge_days(walker, [ERA], by=JOB)
    uphold_appeal(appeal, answer="you did", by=approver)

    assert balance(walker) == 100
    assert Hold.objects.get().status == "released"
    told = Notification.objects.get(template__code="hold_appeal_decided").values
    assert told["answer"] == "you did"


def test_a_dismissed_objection_confirms_an_open_hold(walker, hold, approver):
    appeal = file_appeal(hold, text="I walked", by=walker)
    dismiss_appeal(appeal, answer="no", by=approver)

    assert Hold.objects.get().status == "confirmed"
    assert Hold.objects.get().reason == "no"


def test_who_confirmed_a_hold_does_not_hear_the_objection(walker, hold, approver, third):
    confirm_hold(hold, why="shaken", by=approver)
    appeal = file_appeal(hold, text="I walked", by=walker)
    assert appeal.against == approver

    for clerk in (approver, hold.raised_by):
        with pytest.raises(SomebodyElseMustDecide), transaction.atomic():
            dismiss_appeal(appeal, answer="no", by=clerk)
    uphold_appeal(appeal, answer="yes", by=third)

    assert Hold.objects.get().status == "released"
    assert Hold.objects.get().decided_by == approver
    assert balance(walker) == 100
    assert prove(by=JOB).ok


def test_an_upheld_objection_closes_the_review_of_what_was_awarded(
    walker, officer, approver, third
):
    walk(walker, ERA, 8_000)
    judge_days(walker, [ERA], by=JOB)
    hold = held(walker, officer)
    confirm_hold(hold, why="shaken", by=approver)
    uphold_appeal(file_appeal(hold, text="I walked", by=walker), answer="yes", by=third)

    assert AwardReview.objects.get().status == "kept"
    assert balance(walker) == 100


def test_who_raised_a_hold_does_not_hear_the_objection(walker, hold, officer):
    appeal = file_appeal(hold, text="I walked", by=walker)

    with pytest.raises(SomebodyElseMustDecide), transaction.atomic():
        uphold_appeal(appeal, answer="yes", by=officer)
    assert HoldAppeal.objects.get().status == "received"


def test_an_answer_has_words(walker, hold, approver):
    appeal = file_appeal(hold, text="I walked", by=walker)

    with pytest.raises(ReasonNeeded), transaction.atomic():
        dismiss_appeal(appeal, answer=" ", by=approver)
    assert HoldAppeal.objects.get().status == "received"


def test_nothing_is_to_be_objected_to_after_a_release(walker, hold, approver):
    release_hold(hold, why="a marathon", by=approver)

    with pytest.raises(NothingToObjectTo), transaction.atomic():
        file_appeal(hold, text="I walked", by=walker)


def test_an_objection_comes_in_time(walker, hold, approver, settings):
    confirm_hold(hold, why="shaken", by=approver)
    last = clock.today() + timedelta(days=settings.APPEAL_DAYS)
    with time_machine.travel(f"{last} 23:00+09:00", tick=False):
        assert can_appeal(Hold.objects.get())
    with time_machine.travel(f"{last + timedelta(days=1)} 01:00+09:00", tick=False):
        assert not can_appeal(Hold.objects.get())
        with pytest.raises(ObjectionTooLate), transaction.atomic():
            file_appeal(hold, text="I walked", by=walker)
    assert not HoldAppeal.objects.exists()

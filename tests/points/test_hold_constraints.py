"""What the database itself refuses about holds, down-revisions and claw-backs."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.db.models import F

from points.models import AwardReview, Clawback, Hold, HoldAppeal, HoldRelease, SignalScan
from points.services.clawbacks import approve_clawback, propose_clawback
from points.services.hold_appeals import file_appeal
from points.services.hold_releases import request_release
from points.services.holding import confirm_hold, release_hold
from seoul_health.core import clock
from tests.points.builders import ERA
from tests.points.holding import held, reviewed

pytestmark = pytest.mark.django_db
NOW = clock.now()


def refuses(name):
    return pytest.raises(IntegrityError, match=name)


@pytest.fixture
def officer(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def approver(make_staff):
    return make_staff("finance_approver")


@pytest.fixture
def hold(walker, officer):
    return held(walker, officer)


@pytest.fixture
def review(walker, officer, approver):
    return reviewed(walker, officer, approver, days=1)[0]


@pytest.fixture
def clawback(review, officer, approver):
    asked = propose_clawback([review], why="x", by=officer)
    approve_clawback(asked, by=approver)
    return asked


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("a_hold_covers_a_season_at_most", {"last_day": ERA - timedelta(days=1)}),
        ("a_hold_covers_a_season_at_most", {"last_day": ERA + timedelta(days=92)}),
        ("a_score_is_of_a_hundred", {"score": 101}),
        ("a_hold_has_its_grounds", {"evidence": {}}),
        ("a_decided_hold_says_by_whom_and_why", {"reason": "x"}),
        ("a_decided_hold_says_by_whom_and_why", {"status": "confirmed"}),
    ],
    ids=["backwards", "too-long", "score", "grounds", "open-with-reason", "nobody-decided"],
)
def test_an_open_hold_keeps_its_shape(hold, name, changes):
    with refuses(name):
        Hold.objects.filter(pk=hold.pk).update(**changes)


def test_a_released_hold_says_when(hold, approver):
    release_hold(hold, why="x", by=approver)
    with refuses("a_released_hold_says_when"):
        Hold.objects.update(ended_at=None)


def test_a_hold_needs_two_people(hold, approver):
    confirm_hold(hold, why="x", by=approver)
    with refuses("a_hold_needs_two_people"):
        Hold.objects.update(decided_by=F("raised_by"))


def test_one_hold_per_signal_and_day(hold):
    with refuses("one_hold_per_signal_and_day"):
        Hold.objects.create(
            participation=hold.participation, participant=hold.participant, signal=hold.signal,
            first_day=hold.first_day, last_day=hold.last_day, score=1, evidence={"note": "x"},
            promised_on=ERA,
        )  # fmt: skip


def test_a_decided_appeal_says_by_whom_and_why(hold, walker):
    file_appeal(hold, text="x", by=walker)
    with refuses("a_decided_appeal_says_by_whom_and_why"):
        HoldAppeal.objects.update(status="upheld")


def test_somebody_else_decides_about_a_hold(hold, walker):
    file_appeal(hold, text="x", by=walker)
    with refuses("somebody_else_decides_about_a_hold"):
        HoldAppeal.objects.update(
            status="upheld", answer="x", decided_by=F("against"), decided_at=clock.now()
        )


def test_one_objection_per_hold(hold, walker):
    file_appeal(hold, text="x", by=walker)
    with refuses("points_holdappeal_hold_id_key"):
        HoldAppeal.objects.create(hold=hold, text="y", promised_on=ERA)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("holdrelease_decision_says_when", {"decided_at": NOW}),
        (
            "holdrelease_needs_two_people",
            {"decided_by": F("requested_by"), "decided_at": NOW},
        ),
        ("a_release_names_a_span", {"raised_to": ERA - timedelta(days=1)}),
    ],
    ids=["when", "two", "span"],
)
def test_a_release_of_a_cause_keeps_its_shape(officer, name, changes):
    request_release(
        signal="fast", raised_from=ERA, raised_to=ERA, most_score=1, why="x", by=officer
    )
    with refuses(name):
        HoldRelease.objects.update(**changes)


def test_a_finished_scan_says_when():
    SignalScan.objects.create(day=ERA)
    with refuses("a_finished_scan_says_when"):
        SignalScan.objects.update(status="done")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("a_review_is_about_a_loss", {"would_be": 100}),
        ("a_closed_review_says_by_whom", {"status": "kept"}),
        (
            "a_proposed_review_has_its_clawback",
            {"status": "proposed", "closed_by": "x", "closed_at": NOW},
        ),
        ("no_more_is_taken_than_differs", {"taken": 1}),
    ],
    ids=["loss", "closed", "proposed", "taken"],
)
def test_a_review_keeps_its_shape(review, name, changes):
    with refuses(name):
        AwardReview.objects.update(**changes)


def test_an_award_is_reviewed_once(review):
    with refuses("points_awardreview_award_id_key"):
        AwardReview.objects.create(
            award=review.award, participant=review.participant, cause="rule", awarded=2,
            would_be=1, found_by="x",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("a_clawback_asks_for_points", {"amount": 0}),
        ("no_clawback_without_notice", {"notified_at": None}),
        ("no_clawback_without_notice", {"status": "proposed"}),
        ("a_clawback_adds_up", {"taken": 1}),
        ("clawback_needs_two_people", {"decided_by": F("requested_by")}),
        ("clawback_decision_says_when", {"decided_at": None}),
        (
            "somebody_else_decides_an_objection",
            {"objection_decided_by": F("decided_by"), "objection_answer": "x"},
        ),
    ],
    ids=["amount", "unannounced", "proposed", "taken", "two", "when", "objection"],
)
def test_a_clawback_keeps_its_shape(clawback, name, changes):
    with refuses(name):
        Clawback.objects.update(**changes)

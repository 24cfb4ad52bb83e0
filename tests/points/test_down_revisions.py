"""What would be awarded less now is listed, never taken."""

from datetime import timedelta

import pytest
from django.db import transaction

from devices.models import DaySteps
from participants.models import Participation
from points.errors import NothingLost, ReviewedAlready
from points.models import Award, AwardReview
from points.services import down_revisions
from points.services.awards import judge_days
from points.services.down_revisions import find_down_revisions, keep_points, open_review
from points.services.proof import prove
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from tests.conftest import JOB
from tests.points.builders import ERA, balance, take_part, walk

pytestmark = pytest.mark.django_db
WEEK = [ERA + timedelta(days=n) for n in range(7)]


@pytest.fixture
def officer(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def awarded(walker):
    for day in WEEK[:4] + WEEK[5:6]:
        walk(walker, day, 8_000)
    judge_days(walker, WEEK, by=JOB)
    return walker


def lower(day, steps):
    """Let a day turn out lower, as a merge that was mended would."""
    hours = [0] * 24
    hours[9] = steps
    DaySteps.objects.filter(activity_date=day).update(hours=hours, steps=steps, spans=[])


def found():
    rows = AwardReview.objects.order_by("award__item", "award__period")
    return [(one.award.item, one.award.period, one.cause, one.would_be) for one in rows]


def test_nothing_changed_lists_nothing(awarded):
    assert find_down_revisions(WEEK[0], WEEK[6], by=JOB) == 0
    assert found() == []


def test_fewer_steps_list_the_day_and_its_week(awarded):
    lower(WEEK[1], 7_999)

    assert find_down_revisions(WEEK[0], WEEK[6], by=JOB) == 2
    assert found() == [
        ("walking_day", WEEK[1], "steps", 0),
        ("walking_week", WEEK[6], "steps", 0),
    ]
    review = AwardReview.objects.get(award__item="walking_day")
    assert (review.awarded, review.difference, review.steps_now) == (100, 100, 7_999)
    assert balance(awarded) == 1_000
    assert prove(by=JOB).ok


def test_found_again_an_award_stays_as_it_is_listed(awarded, officer):
    lower(WEEK[1], 7_999)
    find_down_revisions(WEEK[0], WEEK[6], by=JOB)
    keep_points(AwardReview.objects.first(), why="our fault", by=officer)

    assert find_down_revisions(WEEK[0], WEEK[6], by=JOB) == 0
    assert AwardReview.objects.count() == 2


def test_a_narrower_limit_lists_what_it_would_have_cut(awarded, settings):
    settings.STEPS_PER_HOUR_LIMIT = 1_999

    assert find_down_revisions(WEEK[0], WEEK[0], by=JOB) == 1
    assert found() == [("walking_day", WEEK[0], "steps", 0)]


def test_who_took_no_part_is_listed(awarded):
    Participation.objects.update(status="withdrawn")

    assert find_down_revisions(WEEK[0], WEEK[0], by=JOB) == 1
    assert found() == [("walking_day", WEEK[0], "participation", 0)]


def test_several_ranges_list_each_award_once(awarded, make_participant, monkeypatch):
    other = make_participant()
    take_part(other)
    walk(other, WEEK[0], 8_000)
    judge_days(other, WEEK[:1], by=JOB)
    DaySteps.objects.update(hours=[0] * 24, steps=0, spans=[])
    monkeypatch.setattr(down_revisions, "AWARDS_PER_CHUNK", 2)

    assert find_down_revisions(WEEK[0], WEEK[6], by=JOB) == 7
    assert AwardReview.objects.count() == Award.objects.count() == 7


def test_days_outside_the_span_are_left_alone(awarded):
    lower(WEEK[1], 10)

    assert find_down_revisions(WEEK[2], WEEK[3], by=JOB) == 0
    assert find_down_revisions(ERA - timedelta(days=9), ERA - timedelta(days=3), by=JOB) == 0


def test_a_person_asks_for_an_award_to_be_looked_at(awarded, officer):
    award = Award.objects.filter(item="walking_day").first()
    review = open_review(award, would_be=40, why="two phones", by=officer)

    assert (review.cause, review.difference, review.status) == ("corrected", 60, "open")
    with pytest.raises(ReviewedAlready), transaction.atomic():
        open_review(award, would_be=0, why="again", by=officer)


def test_a_correction_says_why_and_is_lower(awarded, officer):
    award = Award.objects.first()
    with pytest.raises(NothingLost):
        open_review(award, would_be=award.points, why="x", by=officer)
    with pytest.raises(ReasonNeeded):
        open_review(award, would_be=0, why="", by=officer)
    assert not AwardReview.objects.exists()


def test_kept_points_stay_with_a_reason(awarded, officer):
    lower(WEEK[1], 0)
    find_down_revisions(WEEK[1], WEEK[1], by=JOB)
    review = AwardReview.objects.get()
    with pytest.raises(ReasonNeeded):
        keep_points(review, why="", by=officer)
    keep_points(review, why="our fault", by=officer)

    with pytest.raises(IllegalMove):
        keep_points(AwardReview.objects.get(), why="again", by=officer)
    assert AwardReview.objects.get().reason == "our fault"
    assert balance(awarded) == 1_000

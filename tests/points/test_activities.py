"""What activities earn: amounts as data, how often, and under the limits of the rule."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction

from points.models import ActivityRate, Award, EarningRule, PartnerEvent
from points.rules.activities import ACTIVITIES, turn_of
from points.services.activities import award_activity, rate_on, release_rate
from points.services.awards import judge_days
from points.services.partner_events import Partner, Told, receive_event
from points.services.proof import prove
from points.services.settlement import settle_day, settle_week
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, SamePerson
from tests.conftest import JOB
from tests.points.builders import ERA, balance, walk
from tests.points.simulating import draft_like, simulated

pytestmark = pytest.mark.django_db
ACTIVE = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def _in_march():
    with time_machine.travel("2026-03-15 12:00+09:00", tick=False):
        yield


def rate(item, points, first, how_often="day"):
    return ActivityRate.objects.create(
        item=item, points=points, effective_from=first, how_often=how_often, status="released",
        released_at=clock.now(),
    )  # fmt: skip


def tell(walker, item, day):
    """Let a partner tell of an activity."""
    partner = Partner("fitness", "", PartnerEvent.Kind.ACTIVITY)
    fields = {"member": walker.number, "item": item, "date": day}
    return receive_event(partner, Told(f"{walker.pk}-{item}-{day}", "activity", fields))


def test_an_activity_earns_its_rate_from_the_fund(walker):
    outcome = award_activity(walker, "fitness_visit", ACTIVE)

    assert (outcome.points, outcome.reason) == (1_000, "activity_done")
    award = Award.objects.get()
    assert (award.item, award.period, award.points, award.rule.code) == (
        "fitness_visit", ACTIVE, 1_000, "2025-12-01",
    )  # fmt: skip
    assert (award.transfer.reason, award.transfer.source.code) == (
        "fitness_visit",
        "programme-fund",
    )
    assert balance(walker) == 1_000


@pytest.mark.parametrize(
    ("item", "day", "reason"),
    [
        ("fitness_visit", date(2026, 3, 16), "future_day"),
        ("fitness_visit", date(2026, 2, 11), "too_late"),
        ("fitness_visit", date(2026, 2, 28), "no_rate"),
        ("attendance", ACTIVE, "no_rate"),
    ],
)
def test_an_activity_without_points_says_why(walker, item, day, reason):
    assert award_activity(walker, item, day).reason == reason
    assert not Award.objects.exists()


def test_somebody_who_takes_no_part_earns_nothing(make_participant):
    assert award_activity(make_participant(), "fitness_visit", ACTIVE).reason == "not_participating"
    assert not Award.objects.exists()


def test_an_activity_counts_as_often_as_its_rate_says(walker):
    award_activity(walker, "fitness_visit", ACTIVE)

    again = award_activity(walker, "fitness_visit", ACTIVE + timedelta(days=1))
    assert (again.points, again.reason) == (0, "counted_already")
    assert balance(walker) == 1_000


def test_the_newest_released_rate_counts(walker):
    rate("fitness_visit", 700, date(2026, 3, 5))
    ActivityRate.objects.create(item="fitness_visit", points=9, effective_from=date(2026, 3, 6))

    assert rate_on("fitness_visit", ACTIVE).points == 700
    assert award_activity(walker, "fitness_visit", ACTIVE).points == 700


def test_walking_and_activities_share_the_limit_of_75_000(walker):
    """62,500 a year for walking, 75,000 with the fitness centre: what is over is a zero."""
    rate("fitness_visit", 7_000, date(2026, 3, 2), "day")
    for n in range(11):
        award_activity(walker, "fitness_visit", date(2026, 3, 2) + timedelta(days=n))
    walk(walker, ERA, 8_000)

    assert judge_days(walker, [ERA], by=JOB)[ERA].reason == "cap_reached"
    assert balance(walker) == 75_000
    last = Award.objects.filter(item="fitness_visit").latest("period")
    assert (last.points, last.reason) == (5_000, "activity_done")
    over = award_activity(walker, "fitness_visit", date(2026, 3, 13))
    assert (over.points, over.reason, over.next_chance) == (0, "cap_reached", date(2027, 1, 1))


def test_two_people_put_a_rate_into_force(make_staff):
    drafted = ActivityRate.objects.create(
        item="survey", points=2_000, effective_from=date(2026, 3, 12),
        drafted_by=make_staff("finance_officer"),
    )  # fmt: skip
    with pytest.raises(SamePerson):
        release_rate(drafted, by=drafted.drafted_by)
    assert rate_on("survey", ACTIVE + timedelta(days=5)).points == 1_500

    release_rate(drafted, by=make_staff("finance_approver"))

    assert rate_on("survey", ACTIVE + timedelta(days=5)).points == 2_000
    with pytest.raises(IllegalMove):
        release_rate(drafted, by=make_staff("finance_approver"))


@pytest.mark.parametrize(
    ("how_often", "turn"),
    [
        ("day", (ACTIVE, ACTIVE)),
        ("week", (date(2026, 3, 9), date(2026, 3, 15))),
        ("half_year", (date(2026, 1, 1), date(2026, 6, 30))),
        ("year", (date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_an_activity_has_its_turn(how_often, turn):
    assert turn_of(ACTIVE, how_often) == turn


def test_the_second_half_of_a_year_ends_with_it():
    assert turn_of(date(2026, 7, 1), "half_year") == (date(2026, 7, 1), date(2026, 12, 31))


def test_a_simulation_lets_activities_count_towards_the_limits_of_the_draft(walker, make_staff):
    for n in range(5):
        walk(walker, ERA + timedelta(days=n), 8_000)
        settle_day(ERA + timedelta(days=n), by=JOB)
    award_activity(walker, "fitness_visit", date(2026, 3, 3))
    rule = draft_like("2025-12-01", by=make_staff("finance_officer"))
    rule.caps.filter(group="physical").update(amount=1_150)
    done = simulated(rule, first=ERA, last=ERA + timedelta(days=4))

    assert list(done.people.values_list("before", "after", "booked")) == [(1_500, 1_150, 1_500)]


@time_machine.travel("2024-03-04 12:00+09:00", tick=False)
def test_the_third_half_year_gives_88_200_and_11_800_and_not_a_point_more(walker, settings):
    """Half a year of everything there was, through the services, up to the published 100,000."""
    settings.ACTIVITY_GRACE_DAYS = 400
    first = EarningRule.objects.get(code="2023-08-28").effective_from
    rate("attendance", 250, first + timedelta(days=1))
    days = [first + timedelta(days=n) for n in range(182)]  # 2023-08-28 … 2024-02-25
    for day in days:
        walk(walker, day, 8_000)
        for item in ("attendance", "goal_setting", "survey", "home_training", "meditation"):
            tell(walker, item, day)
        settle_day(day, by=JOB)
        if day.weekday() == 0:
            settle_week(day - timedelta(days=1), by=JOB)
    settle_week(days[-1], by=JOB)

    awards = Award.objects.filter(participant=walker)
    services = ("home_training", "meditation")
    assert sum(awards.filter(item__in=services).values_list("points", flat=True)) == 11_800
    assert sum(awards.exclude(item__in=services).values_list("points", flat=True)) == 88_200
    assert balance(walker) == 100_000
    assert awards.filter(reason="cap_reached", points=0).exists()
    assert prove(by=JOB).gaps == {}


@time_machine.travel("2027-01-06 12:00+09:00", tick=False)
def test_a_year_of_walking_gives_62_500_and_with_the_fitness_centre_75_000(walker, settings):
    """365 × 100 + 52 × 500 = 62,500; 12 visits and half of one more make 75,000."""
    settings.ACTIVITY_GRACE_DAYS = 400
    rate("fitness_visit", 1_000, date(2026, 3, 2), "week")
    days = [date(2025, 12, 29) + timedelta(days=n) for n in range(368)]
    for day in days:
        walk(walker, day, 8_000)
    judge_days(walker, days, by=JOB)

    of_2026 = Award.objects.filter(period__year=2026)
    assert sum(of_2026.values_list("points", flat=True)) == 62_500
    assert of_2026.filter(item="walking_week").count() == 52

    visits = [
        tell(walker, "fitness_visit", date(2026, 3, 4) + timedelta(weeks=n)) for n in range(14)
    ]
    assert [visit.points for visit in visits] == [1_000] * 12 + [500, 0]
    assert visits[-1].reason == "cap_reached"
    assert sum(of_2026.values_list("points", flat=True)) == 75_000
    assert prove(by=JOB).gaps == {}


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_keeps_rates_and_events_in_shape(walker, make_staff):
    officer = make_staff("finance_officer")
    drafted = ActivityRate.objects.create(
        item="survey", points=1, effective_from=ACTIVE, drafted_by=officer
    )
    mine = ActivityRate.objects.filter(pk=drafted.pk)
    now = clock.now()
    told = {"partner": "fitness", "event_id": "1"}
    PartnerEvent.objects.create(kind="activity", outcome="accepted", **told)

    violates(
        "one_released_rate_per_activity_and_day",
        lambda: mine.update(status="released", released_at=now, effective_from=date(2025, 12, 1)),
    )
    violates("a_released_rate_says_when", lambda: mine.update(status="released"))
    violates("two_people_release_a_rate", lambda: mine.update(released_by=officer))
    violates("a_rate_is_at_most_a_hundred_thousand", lambda: mine.update(points=100_001))
    violates(
        "one_answer_per_partner_event",
        lambda: PartnerEvent.objects.create(kind="scan", **told),
    )
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        PartnerEvent.objects.update(reason="other")
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        ActivityRate.objects.filter(status="released").delete()


def test_every_activity_is_an_item_and_a_reason():
    assert {*ACTIVITIES} < set(Award.Item.values)

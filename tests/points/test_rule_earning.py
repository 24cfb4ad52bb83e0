"""What a day and a week earn follows from the facts, with a reason for every zero."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from points.rules.earning import (
    WALKING_DAY,
    WALKING_WEEK,
    Cap,
    Outcome,
    Rule,
    cap_room,
    cap_window,
    judge_day,
    judge_week,
    rule_on,
    week_of,
)
from points.rules.eras import SEEDS

PILOT, FIRST_YEAR, FOUR_ITEMS, SUPER_APP = SEEDS
SUNDAY = date(2026, 11, 22)
WEEK = [SUNDAY - timedelta(days=days) for days in range(6, -1, -1)]


def day_of(steps, *, rule=SUPER_APP, day=SUNDAY, age=40, used=None, **facts):
    return judge_day(rule, day, steps=steps, age=age, used=used or {}, **facts)


def week_with(*weekdays, rule=SUPER_APP, used=None, **facts):
    goal_days = {WEEK[weekday] for weekday in weekdays}
    return judge_week(rule, SUNDAY, goal_days=goal_days, used=used or {}, **facts)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2023, 8, 27), None),
        (date(2023, 8, 28), "2023-08-28"),
        (date(2024, 3, 3), "2023-08-28"),
        (date(2024, 3, 4), "2024-03-04"),
        (date(2025, 3, 20), "2024-03-04"),
        (date(2025, 3, 21), "2025-03-21"),
        (date(2025, 11, 30), "2025-03-21"),
        (date(2025, 12, 1), "2025-12-01"),
        (date(2026, 11, 22), "2025-12-01"),
    ],
)
def test_every_day_has_the_rule_of_its_era(day, code):
    rule = rule_on(SEEDS, day)

    assert (rule and rule.code) == code


def test_the_eras_follow_each_other_without_a_gap():
    for before, after in pairwise(SEEDS):
        assert before.effective_to + timedelta(days=1) == after.effective_from


def test_the_goal_itself_earns_and_one_step_less_does_not():
    assert day_of(8000).points == 100
    assert day_of(7999) == Outcome(
        0,
        "below_goal",
        goal=8000,
        missing_steps=1,
        next_chance=date(2026, 11, 23),
        rule_code="2025-12-01",
    )


def test_a_day_of_no_steps_is_not_a_day_without_data():
    assert day_of(0).reason == "below_goal"
    assert day_of(None).reason == "no_data"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"participating": False}, "not_participating"),
        ({"rule": None}, "no_rule"),
        ({"on_hold": True}, "on_hold"),
    ],
)
def test_a_walk_that_earns_nothing_says_why(facts, reason):
    outcome = day_of(9000, **facts)

    assert (outcome.points, outcome.reason) == (0, reason)


def test_seventy_earns_from_five_thousand():
    assert day_of(5000, age=70).points == 100
    assert day_of(5000, age=69).reason == "below_goal"


@pytest.mark.parametrize(
    ("used", "points", "reason", "left"),
    [
        (62_399, 100, "goal_reached", 1),
        (62_400, 100, "goal_reached", 0),
        (62_401, 99, "goal_reached", 0),
        (62_499, 1, "goal_reached", 0),
        (62_500, 0, "cap_reached", 0),
        (70_000, 0, "cap_reached", 0),
    ],
)
def test_an_award_fills_the_cap_and_never_passes_it(used, points, reason, left):
    outcome = day_of(8000, used={"walking": used})

    assert (outcome.points, outcome.reason, outcome.cap_left) == (points, reason, left)
    assert outcome.due == 100


def test_a_reached_cap_tells_when_it_opens_again():
    capped = day_of(8000, used={"walking": 62_500})

    assert (capped.next_chance, capped.cap_group) == (date(2027, 1, 1), "walking")


def test_the_tightest_cap_decides():
    assert cap_room(SUPER_APP, WALKING_DAY, {"walking": 0, "physical": 74_950}) == (50, "physical")
    assert cap_room(SUPER_APP, "survey", {}) == (None, "")
    assert cap_room(PILOT, "meditation", {"services": 11_000, "all": 99_500}) == (500, "all")


def test_caps_of_the_first_era_add_up():
    health, services, everything = PILOT.caps

    assert health.amount + services.amount == everything.amount == 100_000


@pytest.mark.parametrize(
    ("rule", "day", "window"),
    [
        (PILOT, date(2023, 8, 28), (date(2023, 8, 28), date(2024, 2, 27))),
        (PILOT, date(2024, 2, 27), (date(2023, 8, 28), date(2024, 2, 27))),
        (PILOT, date(2024, 2, 28), (date(2024, 2, 28), date(2024, 3, 3))),
        (FIRST_YEAR, date(2024, 5, 1), (date(2024, 3, 4), date(2024, 12, 31))),
        (FIRST_YEAR, date(2025, 2, 1), (date(2025, 1, 1), date(2025, 3, 20))),
        (SUPER_APP, date(2025, 12, 31), (date(2025, 12, 1), date(2025, 12, 31))),
        (SUPER_APP, date(2026, 1, 1), (date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_a_new_rule_and_a_new_period_start_the_cap_anew(rule, day, window):
    assert cap_window(rule, rule.caps[0], day) == window


def test_a_half_year_keeps_its_day_at_the_end_of_short_months():
    rule = Rule("x", date(2023, 8, 31), None, 8000, None, 70, 200)
    cap = Cap("all", (), 1, "half_year")

    assert cap_window(rule, cap, date(2024, 2, 28)) == (date(2023, 8, 31), date(2024, 2, 28))
    assert cap_window(rule, cap, date(2024, 2, 29)) == (date(2024, 2, 29), date(2024, 8, 30))


@pytest.mark.parametrize("day", WEEK)
def test_a_week_runs_from_monday_to_sunday(day):
    assert week_of(day) == (date(2026, 11, 16), date(2026, 11, 22))


def test_a_week_may_lie_in_two_years():
    assert week_of(date(2027, 1, 1)) == (date(2026, 12, 28), date(2027, 1, 3))


@pytest.mark.parametrize(
    ("weekdays", "points", "reason", "missing"),
    [
        ((0, 1, 2, 3, 4), 0, "no_weekend_day", 0),
        ((0, 1, 2, 3, 5), 500, "week_reached", 0),
        ((2, 3, 4, 5, 6), 500, "week_reached", 0),
        (range(7), 500, "week_reached", 0),
        ((0, 1, 5, 6), 0, "too_few_days", 1),
        ((), 0, "too_few_days", 5),
    ],
)
def test_the_weekly_bonus_needs_five_days_and_a_weekend(weekdays, points, reason, missing):
    outcome = week_with(*weekdays)

    assert (outcome.points, outcome.reason, outcome.missing_days) == (points, reason, missing)


def test_goal_days_of_other_weeks_do_not_count():
    neighbours = {WEEK[0] - timedelta(days=1), SUNDAY + timedelta(days=1)}
    goal_days = {*WEEK[1:5], *neighbours}

    outcome = judge_week(SUPER_APP, SUNDAY, goal_days=goal_days, used={})

    assert (outcome.reason, outcome.missing_days) == ("too_few_days", 1)


def test_three_weekdays_were_enough_in_the_first_era():
    assert week_with(0, 1, 2, rule=PILOT).points == 500


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"rule": FOUR_ITEMS}, "no_weekly_bonus"),
        ({"rule": None}, "no_rule"),
        ({"participating": False}, "not_participating"),
        ({"on_hold": True}, "on_hold"),
        ({"used": {"walking": 62_500}}, "cap_reached"),
    ],
)
def test_a_full_week_without_a_bonus_says_why(facts, reason):
    outcome = week_with(*range(7), **facts)

    assert (outcome.points, outcome.reason) == (0, reason)


def test_a_weekly_bonus_fills_the_cap_and_never_passes_it():
    assert week_with(*range(7), used={"walking": 62_200}).points == 300


def test_a_rule_that_changes_on_a_friday_judges_each_day_by_its_own():
    thursday, friday = date(2025, 3, 20), date(2025, 3, 21)
    _, sunday = week_of(friday)

    assert friday.weekday() == 4
    assert rule_on(SEEDS, thursday).caps[0].amount == 170_000
    assert rule_on(SEEDS, friday).caps[0].amount == 100_000
    assert rule_on(SEEDS, sunday) is FOUR_ITEMS
    assert week_of(thursday) == week_of(friday)


def test_the_week_in_which_the_bonus_ended_is_judged_by_its_sunday():
    sunday = date(2024, 3, 3)
    goal_days = [sunday - timedelta(days=days) for days in range(7)]

    assert judge_week(rule_on(SEEDS, sunday), sunday, goal_days=goal_days, used={}).points == 500


def year_of(year):
    earned, day = {"walking": 0, "physical": 0}, date(year, 1, 1)
    while day.year == year:
        outcomes = [day_of(8000, day=day, used=earned)]
        if day.weekday() == 6:
            week = [day - timedelta(days=days) for days in range(7)]
            outcomes.append(judge_week(SUPER_APP, day, goal_days=week, used=earned))
        for outcome in outcomes:
            earned = {group: points + outcome.points for group, points in earned.items()}
        day += timedelta(days=1)
    return earned["walking"], outcomes[-1].reason


def test_a_perfect_year_earns_the_yearly_limit_exactly():
    assert year_of(2026) == (62_500, "goal_reached")


def test_a_leap_year_of_fifty_three_sundays_stops_at_the_limit():
    assert year_of(2028) == (62_500, "cap_reached")


def test_both_walking_items_count_under_the_walking_cap():
    walking = SUPER_APP.caps[0]

    assert walking.covers(WALKING_DAY)
    assert walking.covers(WALKING_WEEK)
    assert not walking.covers("survey")

"""Forecasts of made-up programmes whose end is known beforehand."""

import random
from datetime import date, timedelta

import pytest

from points.rules.budget_forecast import Past, forecast, weekly_wobble
from points.rules.budgets import free_transfers, shares_reached, spread, whole_awards

SUNDAY = date(2026, 6, 28)
END = date(2026, 12, 31)
FLAT = (10_000,) * 56  # A hundred people, each a hundred points a day.


def past(daily=FLAT, *, spent=1_000_000, rooms=None, **more):
    return Past(SUNDAY, tuple(daily), spent, {10**9: 100} if rooms is None else rooms, **more)


def test_even_days_run_out_on_the_day_that_division_gives():
    seen = forecast(past(), ceiling=1_500_000, until=END)

    day = SUNDAY + timedelta(days=50)
    assert (seen.runs_out_on, seen.earliest, seen.latest) == (day, day, day)


def test_a_budget_that_is_large_enough_does_not_run_out():
    seen = forecast(past(), ceiling=10**9, until=END)

    days = (END - SUNDAY).days
    assert (seen.runs_out_on, seen.earliest, seen.latest) == (None, None, None)
    assert seen.at_the_end.expected == 1_000_000 + days * 10_000


def test_the_weekday_profile_is_carried_on():
    week = (70_000, 0, 0, 0, 0, 0, 0)  # Mondays only.
    seen = forecast(past(week * 8), ceiling=1_000_000 + 3 * 70_000, until=END)

    assert seen.runs_out_on == date(2026, 7, 13)
    assert seen.runs_out_on.weekday() == 0


def test_people_stop_at_their_own_limit():
    seen = forecast(past(rooms={1_000: 50, 3_000: 50}), ceiling=10**9, until=END)

    earned = [one.expected - 1_000_000 for one in seen.days]
    assert earned[9] == 100_000  # Ten days of everybody.
    assert earned[10] == 105_000  # Then half of them.
    assert earned[29] == earned[-1] == 50 * 1_000 + 50 * 3_000


def test_limits_can_keep_a_budget_from_running_out():
    free = forecast(past(), ceiling=1_250_000, until=END)
    limited = forecast(past(rooms={2_000: 100}), ceiling=1_250_000, until=END)

    assert free.runs_out_on == SUNDAY + timedelta(days=25)
    assert limited.runs_out_on is None


def test_people_at_their_limit_are_not_counted_again():
    """The pace is of those who can still earn, not of everybody who ever did."""
    seen = forecast(past(rooms={0: 900, 10**9: 100}), ceiling=1_500_000, until=END)

    assert seen.runs_out_on == SUNDAY + timedelta(days=50)


def test_newcomers_are_counted_from_the_day_they_begin():
    seen = forecast(
        past(joining=1.0, room_of_newcomers=10**9), ceiling=10**9, until=SUNDAY + timedelta(days=3)
    )

    assert [one.expected - 1_000_000 for one in seen.days] == [10_100, 20_300, 30_600]


def test_newcomers_stop_at_their_limit_too():
    seen = forecast(
        past(rooms={10**9: 100}, joining=1.0, room_of_newcomers=150), ceiling=10**9, until=END
    )

    days = len(seen.days)
    expected = days * 10_000 + 150 * days - 50  # The last one has had one day only.
    assert seen.at_the_end.expected == 1_000_000 + expected


def test_nobody_left_to_earn_means_nothing_more():
    seen = forecast(past(rooms={0: 100}), ceiling=1_500_000, until=END)

    assert seen.at_the_end.expected == 1_000_000


def test_a_budget_already_spent_runs_out_at_once():
    assert forecast(past(), ceiling=900_000, until=END).runs_out_on == SUNDAY + timedelta(days=1)


def test_nothing_is_foretold_beyond_the_end():
    assert forecast(past(), ceiling=1, until=SUNDAY).days == ()


@pytest.mark.parametrize("seed", range(20))
def test_the_range_holds_what_happens_four_times_in_five(seed):
    dice = random.Random(seed)
    held = 0
    for _ in range(100):
        level = [max(0.0, dice.gauss(1, 0.12)) for _ in range(8 + 20)]
        daily = [round(10_000 * level[n // 7]) for n in range(28 * 7)]
        seen = forecast(
            past(daily[:56]), ceiling=10**12, until=SUNDAY + timedelta(days=140)
        ).at_the_end
        held += seen.low <= 1_000_000 + sum(daily[56:]) <= seen.high
    assert 62 <= held <= 94


def test_a_wobble_of_even_weeks_is_nothing():
    assert weekly_wobble(past()) == 0.0
    assert weekly_wobble(past(FLAT[:9])) == 0.0
    assert weekly_wobble(past(())) == 0.0


@pytest.mark.parametrize(
    ("amounts", "room", "fits"),
    [
        ([100, 100, 100], 250, [True, True, False]),
        ([500, 100], 250, [False, True]),
        ([], 10, []),
        ([100], 99, [False]),
    ],
)
def test_only_whole_awards_fit(amounts, room, fits):
    assert whole_awards(amounts, room) == fits


@pytest.mark.parametrize("points", [0, 1, 15, 16, 17, 1_000_003])
def test_spreading_loses_nothing(points):
    parts = spread(points, 16)

    assert sum(parts) == points
    assert max(parts) - min(parts) <= 1


def test_shares_and_free_transfers():
    assert shares_reached(780, 1_000, [90, 70, 78, 79]) == [70, 78]
    assert free_transfers(999, 500) == 1
    assert free_transfers(-5, 500) == 0

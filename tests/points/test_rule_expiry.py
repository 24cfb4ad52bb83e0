"""Points live for months; dark days of the partner move their end on, and never the order."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.rules.expiry import DarkDays, cutoff, expires_on, merged, moved_on, step_due

DARK = DarkDays(date(2026, 7, 1), date(2026, 7, 8))


@pytest.mark.parametrize(
    ("earned_on", "ends_on"),
    [
        (date(2025, 6, 30), date(2026, 7, 1)),
        (date(2024, 2, 29), date(2025, 3, 1)),
        (date(2025, 12, 31), date(2027, 1, 1)),
    ],
)
def test_points_expire_after_a_year(earned_on, ends_on):
    assert expires_on(earned_on, months=12) == ends_on


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (date(2026, 6, 30), date(2026, 6, 30)),
        (date(2026, 7, 1), date(2026, 7, 9)),
        (date(2026, 7, 8), date(2026, 7, 16)),
        (date(2026, 7, 20), date(2026, 7, 28)),
        (date(2026, 10, 8), date(2026, 10, 16)),
        (date(2026, 10, 9), date(2026, 10, 16)),
        (date(2026, 10, 17), date(2026, 10, 17)),
    ],
)
def test_eight_dark_days_move_what_was_near_its_end_on_by_eight_days(day, moved):
    assert moved_on(day, [DARK]) == moved


def test_dark_days_that_follow_each_other_add_up():
    later = DarkDays(date(2026, 7, 12), date(2026, 7, 13))

    assert moved_on(date(2026, 7, 5), [DARK, later]) == date(2026, 7, 15)


def test_dark_days_that_overlap_count_once():
    spells = [DarkDays(date(2026, 7, 8), date(2026, 7, 9)), DARK]

    assert merged(spells) == [DarkDays(date(2026, 7, 1), date(2026, 7, 9))]


@pytest.mark.parametrize(
    ("today", "step"),
    [
        (date(2026, 8, 30), None),
        (date(2026, 8, 31), 92),
        (date(2026, 10, 31), 92),
        (date(2026, 11, 1), 30),
        (date(2026, 11, 24), 7),
        (date(2026, 12, 1), None),
    ],
)
def test_a_month_is_told_of_in_steps(today, step):
    assert step_due(date(2026, 12, 1), today) == step


days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
spells = st.lists(
    st.builds(lambda day, n: DarkDays(day, day + timedelta(days=n)), days, st.integers(0, 40)),
    max_size=4,
).map(merged)


@given(days, days, spells)
def test_what_was_earned_earlier_never_expires_later(one, other, dark):
    earlier, later = sorted((one, other))

    assert expires_on(earlier, months=12, dark=dark) <= expires_on(later, months=12, dark=dark)


@given(days, spells)
def test_the_cutoff_is_the_last_day_that_has_expired(day, dark):
    last = cutoff(day, months=12, dark=dark)

    assert expires_on(last, months=12, dark=dark) <= day
    assert expires_on(last + timedelta(days=1), months=12, dark=dark) > day


@given(days, spells)
def test_dark_days_never_bring_an_end_forward(day, dark):
    assert moved_on(day, dark) >= day

"""Age counts on the activity date."""

from datetime import date

import pytest

from points.rules.earning import goal_on
from points.rules.eras import SEEDS
from points.rules.seniority import age_on


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(1956, 11, 22), date(2026, 11, 21), 69),
        (date(1956, 11, 22), date(2026, 11, 22), 70),
        (date(1956, 2, 29), date(2026, 2, 28), 69),
        (date(1956, 2, 29), date(2026, 3, 1), 70),
        (date(1956, 2, 29), date(2028, 2, 28), 71),
        (date(1956, 2, 29), date(2028, 2, 29), 72),
        (date(2026, 11, 22), date(2026, 11, 22), 0),
    ],
)
def test_a_year_of_life_is_complete_on_the_birthday(birth, day, age):
    assert age_on(birth, day) == age


@pytest.mark.parametrize(("age", "goal"), [(69, 8000), (70, 5000), (101, 5000), (None, 8000)])
def test_the_lower_goal_begins_at_seventy(age, goal):
    assert goal_on(SEEDS[-1], age) == goal


def test_the_first_era_had_one_goal_for_all():
    assert goal_on(SEEDS[0], 90) == 8000

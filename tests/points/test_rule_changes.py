from datetime import date

import pytest
from django.utils import translation

from points.rules.eras import SEEDS
from points.rules.rule_changes import changes_between, words

YEARS = (date(2023, 1, 1), date(2026, 12, 31))


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def test_every_era_that_took_over_is_a_change_and_the_first_is_none():
    assert [change.day for change in changes_between(SEEDS, *YEARS)] == [
        date(2024, 3, 4),
        date(2025, 3, 21),
        date(2025, 12, 1),
    ]


def test_a_change_is_told_on_its_own_day_only():
    day = date(2025, 3, 21)

    assert [one.key for one in changes_between(SEEDS, day, day)] == ["rule:2025-03-21"]
    assert changes_between(SEEDS, date(2025, 3, 22), date(2025, 11, 30)) == []


TOLD = {
    date(2024, 3, 4): (
        "From 3/4/2024: goal from the age of 70 8,000 → 5,000 steps, no weekly bonus any more"
        " (it was 500 points), limit of points 11,800 half a year / 88,200 half a year"
        " / 100,000 half a year → 170,000 a year."
    ),
    date(2025, 3, 21): "From 3/21/2025: limit of points 170,000 a year → 100,000 a year.",
    date(2025, 12, 1): (
        "From 12/1/2025: 200 → 100 points a day, a weekly bonus of 500 points for 5 goal days"
        " with a weekend day, limit of points 100,000 a year → 62,500 a year / 75,000 a year."
    ),
}


@pytest.mark.parametrize("day", TOLD, ids=str)
def test_a_change_says_what_is_earned_otherwise(day):
    assert words(*changes_between(SEEDS, day, day)) == TOLD[day]

from datetime import date

import pytest

from devices.rules.booking import Facts, NoShows, Priority, parts_of, paused_until, score_of

TODAY = date(2026, 11, 23)
RULE = NoShows(count=2, within_days=60, pause_days=30)
PRIORITIES = [
    Priority("age_from", 65, 20),
    Priority("age_from", 75, 30),
    Priority("first_visit", 0, 10),
    Priority("open_alert", 0, 40),
    Priority("no_shows", 90, -20),
]


@pytest.mark.parametrize(
    ("missed", "until"),
    [
        ([], None),
        ([date(2026, 11, 20)], None),
        ([date(2026, 11, 20), date(2026, 11, 1)], date(2026, 12, 20)),
        ([date(2026, 11, 20), date(2026, 9, 21)], None),
        ([date(2026, 11, 20), date(2026, 9, 22)], date(2026, 12, 20)),
        ([date(2026, 10, 24), date(2026, 10, 1)], date(2026, 11, 23)),
        ([date(2026, 10, 23), date(2026, 10, 1)], None),
        ([date(2026, 11, 20), date(2026, 9, 1), date(2026, 8, 30)], None),
    ],
)
def test_missed_visits_pause_from_the_newest_on(missed, until):
    assert paused_until(missed, RULE, TODAY) == until


def test_without_a_rule_nobody_is_paused():
    assert paused_until([TODAY, TODAY, TODAY], None, TODAY) is None


def test_of_one_kind_only_the_highest_counts():
    facts = Facts(age=80, is_first_visit=True, has_open_alert=True, missed=(date(2026, 11, 1),))

    parts = parts_of(PRIORITIES, facts, TODAY)

    assert [(part.kind, part.points) for part in parts] == [
        ("open_alert", 40),
        ("age_from", 30),
        ("first_visit", 10),
        ("no_shows", -20),
    ]
    assert score_of(parts) == 60


@pytest.mark.parametrize(("age", "points"), [(64, 0), (65, 20), (74, 20), (75, 30), (None, 0)])
def test_age_counts_from_the_birthday_on(age, points):
    facts = Facts(age=age, is_first_visit=False, has_open_alert=False)

    assert score_of(parts_of(PRIORITIES, facts, TODAY)) == points

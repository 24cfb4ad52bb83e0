from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.utils import translation

from participants.rules.eligibility import (
    EVIDENCE_BY_BASIS,
    Applicant,
    Rule,
    age_on,
    failed_rules,
    weekday_failure,
    window_failure,
)
from seoul_health.core.clock import KST

RULE = Rule(
    min_age=19,
    max_age=75,
    reference_date=date(2026, 3, 2),
    bases=frozenset({"resident", "worker", "student"}),
    evidence_needed=EVIDENCE_BY_BASIS,
)
KIM = Applicant(birth_date=date(1980, 5, 17), basis="resident", residence_verified=True)


def codes(rule: Rule = RULE, **changes: object) -> list[str]:
    return [failure.code for failure in failed_rules(replace(KIM, **changes), rule)]


@pytest.mark.parametrize(
    ("birth_date", "day", "age"),
    [
        (date(2007, 3, 2), date(2026, 3, 2), 19),
        (date(2007, 3, 3), date(2026, 3, 2), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2008, 2, 29), date(2028, 2, 28), 19),
        (date(1956, 12, 31), date(2026, 12, 31), 70),
        (date(1957, 1, 1), date(2026, 12, 31), 69),
        (date(1900, 1, 1), date(2026, 1, 1), 126),
    ],
)
def test_age_is_counted_in_full_years(birth_date, day, age):
    assert age_on(birth_date, day) == age


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"birth_date": date(2007, 3, 2)}, []),
        ({"birth_date": date(2007, 3, 3)}, ["too_young"]),
        ({"birth_date": date(1950, 3, 3)}, []),
        ({"birth_date": date(1950, 3, 2)}, ["too_old"]),
        ({"residence_verified": None}, []),
        ({"residence_verified": False}, ["not_resident"]),
        ({"basis": "self_employed"}, ["basis_not_accepted"]),
        ({"basis": "alien"}, ["basis_not_accepted"]),
        ({"basis": "worker"}, ["evidence_missing"]),
        ({"basis": "worker", "residence_verified": False}, ["evidence_missing"]),
        ({"basis": "worker", "evidence": frozenset({"employment"})}, []),
        ({"basis": "worker", "evidence": frozenset({"student_card"})}, ["evidence_missing"]),
        ({"holds_unreturned_watch": True}, ["watch_not_returned"]),
        ({"has_live_participation": True}, ["already_taking_part"]),
    ],
)
def test_each_rule_fails_by_itself(changes, expected):
    assert codes(**changes) == expected


def test_every_failed_rule_is_named_at_once():
    failed = codes(
        birth_date=date(2012, 1, 1), basis="student", holds_unreturned_watch=True,
        has_live_participation=True,
    )  # fmt: skip
    assert failed == [
        "too_young", "evidence_missing", "watch_not_returned", "already_taking_part",
    ]  # fmt: skip


def test_a_rule_may_have_no_upper_age_and_no_conditions_on_conduct():
    open_rule = replace(RULE, max_age=None, no_unreturned_watch=False, no_live_participation=False)
    old = {"birth_date": date(1920, 1, 1), "holds_unreturned_watch": True}
    assert codes(open_rule, **old, has_live_participation=True) == []


def test_a_failure_is_a_sentence_with_the_numbers_in_it():
    failure = failed_rules(replace(KIM, birth_date=date(2010, 5, 17)), RULE)[0]
    with translation.override("en"):
        expected = "You must be at least 19 years old on 2026-03-02; you are 15."
        assert str(failure) == expected


def test_a_missing_document_is_called_by_its_name():
    failure = failed_rules(replace(KIM, basis="student"), RULE)[0]
    with translation.override("en"):
        assert str(failure) == (
            "Please attach this document for the basis “Studies in Seoul”: Student card."
        )


OPENS = datetime(2026, 3, 2, 10, 0, tzinfo=KST)
CLOSES = datetime(2026, 3, 6, 18, 0, tzinfo=KST)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (OPENS - TICK, "not_open_yet"),
        (OPENS, None),
        (CLOSES - TICK, None),
        (CLOSES, "already_closed"),
        (datetime.fromisoformat("2026-03-02T00:59:59+00:00"), "not_open_yet"),
        (datetime.fromisoformat("2026-03-02T01:00:00+00:00"), None),
    ],
)
def test_the_window_is_kept_to_the_moment(now, expected):
    failure = window_failure(now, OPENS, CLOSES)
    assert (failure and failure.code) == expected


def test_an_early_bird_is_told_the_opening_in_seoul_time():
    failure = window_failure(datetime.fromisoformat("2026-03-01T00:00:00+00:00"), OPENS, CLOSES)
    with translation.override("en"):
        assert str(failure) == "Applications open on 2026-03-02 10:00:00 (Seoul time)."


@pytest.mark.parametrize(
    ("birth_year", "weekday"),
    [(2010, 1), (2000, 1), (1990, 2), (1980, 3), (1970, 4), (1960, 5), (1930, 5), (2020, None)],
)
def test_each_decade_has_its_weekday(birth_year, weekday):
    born = date(birth_year, 1, 1)
    monday = datetime(2026, 3, 2, 10, tzinfo=KST)
    week = [monday + timedelta(days=number) for number in range(7)]
    accepted = [now.isoweekday() for now in week if weekday_failure(born, now) is None]
    assert accepted == ([weekday] if weekday else [1, 2, 3, 4, 5, 6, 7])


def test_the_weekday_is_the_one_in_seoul():
    born = date(1980, 1, 1)
    still_tuesday_in_utc = datetime.fromisoformat("2026-03-03T15:00:00+00:00")
    assert weekday_failure(born, still_tuesday_in_utc) is None
    failure = weekday_failure(born, still_tuesday_in_utc - TICK)
    with translation.override("en"):
        assert (
            str(failure)
            == "People of your age can apply on Wednesday. Please come back on that day."
        )


def test_the_weekdays_are_data():
    friday = datetime(2026, 3, 6, 10, tzinfo=KST)
    assert weekday_failure(date(1990, 1, 1), friday, weekdays={30: 5}) is None

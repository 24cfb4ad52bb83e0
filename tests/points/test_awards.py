from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction

from points.models import Award, Transfer
from points.rules.sentences import sentence
from points.services.awards import judge_days
from points.services.syncs import sync_steps
from tests.conftest import JOB
from tests.points.builders import ERA, at, balance, sample, take_part, upload, walk

pytestmark = pytest.mark.django_db
MONDAY = ERA


def judge(walker, *days):
    return judge_days(walker, days, by=JOB)


def facts(walker):
    rows = Award.objects.filter(participant=walker).order_by("period", "item")
    return list(rows.values_list("item", "period", "points", "reason"))


def test_a_day_at_the_goal_earns_its_points(walker):
    walk(walker, ERA, 8_000)
    outcome = judge(walker, ERA)[ERA]

    assert (outcome.points, outcome.reason, outcome.goal) == (100, "goal_reached", 8_000)
    assert balance(walker) == 100
    award = Award.objects.get()
    assert (award.steps, award.goal, award.transfer.amount, award.transfer.business_date) == (
        8_000,
        8_000,
        100,
        ERA,
    )
    assert (award.transfer.source.code, award.transfer.reason) == ("programme-fund", "walking_day")


def test_judging_again_gives_the_same_answer_and_nothing_more(walker):
    walk(walker, ERA, 8_000)

    assert judge(walker, ERA) == judge(walker, ERA)
    assert balance(walker) == 100
    assert Transfer.objects.count() == 1


@pytest.mark.parametrize(("steps", "reason"), [(7_999, "below_goal"), (None, "no_data")])
def test_a_day_without_points_has_its_reason(walker, steps, reason):
    if steps:
        walk(walker, ERA, steps)
    outcome = judge(walker, ERA)[ERA]

    assert (outcome.points, outcome.reason) == (0, reason)
    assert facts(walker) == []
    assert not Transfer.objects.exists()


def test_outside_the_participation_nothing_is_earned(make_participant):
    stranger = make_participant()
    walk(stranger, ERA, 9_000)

    assert judge(stranger, ERA)[ERA].reason == "not_participating"


@pytest.mark.parametrize(("status", "points"), [("completed", 100), ("withdrawn", 0)])
def test_a_participation_that_ended_counts_unless_withdrawn(make_participant, status, points):
    person = make_participant()
    take_part(person, status=status)
    walk(person, ERA, 9_000)

    assert judge(person, ERA)[ERA].points == points


def test_a_senior_reaches_the_lower_goal_from_the_birthday_on(walker):
    walker.senior_from = ERA
    walker.save(update_fields=["senior_from"])
    walk(walker, ERA - timedelta(days=1), 5_000)
    walk(walker, ERA, 5_000)
    outcomes = judge(walker, ERA - timedelta(days=1), ERA)

    assert [one.points for one in outcomes.values()] == [0, 100]
    assert [one.goal for one in outcomes.values()] == [8_000, 5_000]


@pytest.mark.parametrize(
    ("day", "points"),
    [
        (date(2023, 8, 27), 0),
        (date(2023, 8, 28), 200),
        (date(2024, 3, 4), 200),
        (date(2025, 11, 30), 200),
        (date(2025, 12, 1), 100),
    ],
)
def test_a_day_is_judged_by_the_rule_of_its_own_date(walker, day, points):
    walk(walker, day, 8_000)

    assert judge(walker, day)[day].points == points


def fill(walker, days, *, first=date(2026, 1, 1), points=100):
    """Award days as the sweep would have, without walking them."""
    from points.services import awards, earnings
    from points.services.accounts import lock_purses

    facts = awards.read_facts(walker, "walking_day", [first, first + timedelta(days=days)])
    purse = lock_purses([walker.pk])[walker.pk]
    earnings.record(
        "walking_day",
        [
            earnings.Due(
                facts.participations[0][0], walker.pk, purse, first + timedelta(days=n), points,
                "goal_reached", facts.book.ids["2025-12-01"], 8_000, 8_000,
            )
            for n in range(days)
        ],
    )  # fmt: skip


def test_the_limit_of_a_year_stops_points_with_a_recorded_reason(walker):
    fill(walker, 50, points=1_249)
    walk(walker, ERA, 8_000)
    walk(walker, ERA + timedelta(days=1), 8_000)
    outcomes = judge(walker, ERA, ERA + timedelta(days=1))

    assert [one.points for one in outcomes.values()] == [50, 0]
    assert "50" in sentence(outcomes[ERA])
    assert outcomes[ERA + timedelta(days=1)].reason == "cap_reached"
    assert outcomes[ERA + timedelta(days=1)].next_chance == date(2027, 1, 1)
    assert balance(walker) == 62_500
    last = Award.objects.get(period=ERA + timedelta(days=1))
    assert (last.points, last.reason, last.transfer) == (0, "cap_reached", None)
    assert judge(walker, ERA + timedelta(days=1))[ERA + timedelta(days=1)].reason == "cap_reached"


def week(walker, *days):
    for n in days:
        walk(walker, MONDAY + timedelta(days=n), 8_000)


@time_machine.travel(at(MONDAY, 12) + timedelta(days=8), tick=False)
@pytest.mark.parametrize(
    ("days", "bonus"), [((0, 1, 2, 3, 5), 500), ((0, 1, 2, 3, 4), 0), ((0, 1, 2, 5), 0)]
)
def test_a_week_earns_its_bonus_once_monday_is_over(walker, days, bonus):
    week(walker, *days)
    judge(walker, MONDAY)
    judge(walker, MONDAY)

    assert balance(walker) == 100 + bonus


@time_machine.travel(at(MONDAY, 12) + timedelta(days=7), tick=False)
def test_a_week_is_not_judged_while_late_records_may_come(walker):
    week(walker, 0, 1, 2, 3, 5)
    judge(walker, MONDAY)

    assert balance(walker) == 100


@time_machine.travel(at(MONDAY, 20), tick=False)
def test_a_sync_awards_in_the_same_breath(walker):
    synced = sync_steps(walker, upload(sample(MONDAY, 8_000)))

    assert synced.outcomes[MONDAY].points == 100
    assert balance(walker) == 100


@time_machine.travel(at(MONDAY, 20), tick=False)
def test_a_day_that_only_reaches_the_goal_with_both_sources_is_awarded(walker):
    sync_steps(walker, upload(sample(MONDAY, 5_000, hour=6, hours=4), source="phone"))
    synced = sync_steps(walker, upload(sample(MONDAY, 5_000, hour=12), source="watch"))

    assert synced.outcomes[MONDAY].points == 100


@time_machine.travel(at(MONDAY, 20), tick=False)
def test_a_later_lower_upload_takes_nothing_back(walker):
    sync_steps(walker, upload(sample(MONDAY, 8_000)))
    synced = sync_steps(walker, upload(sample(MONDAY, 80)))

    assert (synced.outcomes[MONDAY].points, synced.outcomes[MONDAY].reason) == (100, "goal_reached")
    assert balance(walker) == 100


def test_points_of_the_unverified_are_earned_all_the_same(make_participant):
    person = make_participant(verified=False)
    take_part(person)
    walk(person, ERA, 8_000)
    judge(person, ERA)

    assert balance(person) == 100


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_refuses_awards_that_contradict_themselves(walker):
    walk(walker, ERA, 8_000)
    judge(walker, ERA)
    award = Award.objects.get()

    def again(**changes):
        terms = {name: getattr(award, name) for name in (
            "participation", "participant", "item", "period", "rule", "goal", "reason", "points",
        )}  # fmt: skip
        Award.objects.create(**{**terms, **changes})

    violates("one_award_per_earning_fact", lambda: again(points=0))
    violates("points_are_awarded_by_a_transfer", lambda: again(period=ERA + timedelta(days=1)))
    violates(
        "points_are_awarded_by_a_transfer",
        lambda: again(period=ERA + timedelta(days=2), points=0, transfer=award.transfer),
    )


@pytest.mark.parametrize("act", [lambda rows: rows.update(points=9), lambda rows: rows.delete()])
def test_an_award_cannot_be_changed_or_removed(walker, act):
    walk(walker, ERA, 8_000)
    judge(walker, ERA)

    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        act(Award.objects.all())

    assert Award.objects.get().points == 100

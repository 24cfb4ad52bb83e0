import random
from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from points.errors import PeriodNotOver, SettlementRunning
from points.models import Award, Settlement, SettlementChunk, Transfer
from points.services import settlement
from points.services.awards import judge_days
from points.services.due import ask_day
from points.services.proof import prove
from points.services.rulebook import read_rulebook
from points.services.settlement import (
    award_range,
    plan_settlement,
    settle,
    settle_chunk,
    settle_day,
    settle_week,
)
from seoul_health.core.errors import IllegalMove
from tests.conftest import JOB
from tests.points.builders import ERA, balance, take_part, walk

pytestmark = pytest.mark.django_db


def test_a_sweep_awards_who_was_forgotten_and_says_so(walker):
    walk(walker, ERA, 8_000)
    done = settle_day(ERA, by=JOB)

    assert (done.status, done.posted, done.points, done.capped) == ("done", 1, 100, 0)
    assert done.pots == {
        "programme-fund": -100,
        "payouts-in-transit": 0,
        "paid-out": 0,
        "expired": 0,
        "compensation": 0,
        "campaigns": 0,
    }
    assert balance(walker) == 100


def test_a_second_sweep_finds_nothing_missing(walker):
    walk(walker, ERA, 8_000)
    settle_day(ERA, by=JOB)
    again = settle_day(ERA, by=JOB)

    assert (again.posted, again.points) == (0, 0)
    assert Transfer.objects.count() == 1


def test_a_sweep_after_a_sync_finds_nothing_missing(walker):
    walk(walker, ERA, 8_000)
    judge_days(walker, [ERA], by=JOB)

    assert settle_day(ERA, by=JOB).posted == 0
    assert balance(walker) == 100


def test_a_quiet_range_costs_one_question(walker, django_assert_num_queries):
    walk(walker, ERA, 8_000)
    settle_day(ERA, by=JOB)
    asked = ask_day(read_rulebook(), ERA)

    with django_assert_num_queries(1):
        assert award_range(asked, 0, 10**9) == (0, 0, 0)


def test_the_limit_is_recorded_as_the_reason_for_zero(walker, settings):
    from tests.points.test_awards import fill

    fill(walker, 50, points=1_250)
    walk(walker, ERA, 8_000)
    done = settle_day(ERA, by=JOB)

    assert (done.posted, done.capped, done.points) == (0, 1, 0)
    assert Award.objects.get(period=ERA).reason == "cap_reached"


@time_machine.travel(f"{ERA + timedelta(days=8)} 12:00+09:00", tick=False)
def test_a_week_is_swept_for_everybody(walker):
    for n in (0, 1, 2, 3, 6):
        walk(walker, ERA + timedelta(days=n), 8_000)
    done = settle_week(ERA, by=JOB)

    assert (done.period, done.posted, done.points) == (ERA + timedelta(days=6), 1, 500)
    award = Award.objects.get(item="walking_week")
    assert (award.steps, award.goal, award.period) == (40_000, 5, ERA + timedelta(days=6))
    assert settle_week(ERA, by=JOB).posted == 0


@time_machine.travel(f"{ERA + timedelta(days=7)} 12:00+09:00", tick=False)
def test_a_period_that_is_not_over_is_not_swept(walker):
    with pytest.raises(PeriodNotOver):
        settle_day(ERA + timedelta(days=7), by=JOB)
    with pytest.raises(PeriodNotOver):
        settle_week(ERA, by=JOB)

    assert not Settlement.objects.exists()


def test_one_sweep_of_a_period_runs_at_a_time(walker):
    plan_settlement("day", ERA, by=JOB)

    with pytest.raises(SettlementRunning):
        plan_settlement("day", ERA, by=JOB)

    assert Settlement.objects.get().status == "running"


def test_a_sweep_is_carried_on_where_it_was_left(walker, make_participant, monkeypatch):
    people = [walker, *(make_participant() for _ in range(3))]
    for person in people[1:]:
        take_part(person)
    for person in people:
        walk(person, ERA, 8_000)
    monkeypatch.setattr(settlement, "PEOPLE_PER_CHUNK", 1)
    run = plan_settlement("day", ERA, by=JOB)
    settle_chunk(run, ask_day(read_rulebook(), ERA))
    assert run.chunks.filter(done_at=None).count() == run.chunks.count() - 1

    done = settlement.settle_anew("day", ERA, by=JOB)

    assert (done.pk, done.status, done.posted) == (run.pk, "done", 4)


def test_a_finished_sweep_is_not_finished_twice(walker):
    done = settle_day(ERA, by=JOB)

    settle(done, by=JOB)
    with pytest.raises(IllegalMove):
        done.move("done", by=JOB)

    assert Settlement.objects.get().status == "done"


def test_a_day_before_any_rule_settles_to_nothing(walker):
    walk(walker, date(2022, 5, 5), 9_000)

    assert settle_day(date(2022, 5, 5), by=JOB).posted == 0


def random_city(make_participant, dice):
    """People of all kinds with days from several sources, around a change of rules."""
    people = []
    for _ in range(14):
        person = make_participant(senior_from=dice.choice([None, ERA + timedelta(days=3)]))
        for first in dice.choice([[0], [-3], [3], [], [-9, 2], [-20, 0, 3], [-1, 2, 4]]):
            starts = ERA + timedelta(days=first)
            status = dice.choice(["completed", "completed", "withdrawn"])
            take_part(person, starts, starts + timedelta(days=dice.choice([1, 2, 30])), status)
        for n in range(7):
            for source in dice.sample(["watch", "phone", "healthkit"], dice.choice([0, 1, 2, 3])):
                hour = dice.randrange(20)
                steps = dice.choice([1_000, 4_999, 5_000, 7_999, 8_000, 12_000, 30_000])
                walk(person, ERA + timedelta(days=n), steps, source=source, hour=hour, hours=3)
        people.append(person)
    return people


def book():
    rows = Award.objects.order_by("participant", "item", "period")
    return list(
        rows.values_list(
            "participant", "participation", "item", "period", "points", "reason", "steps", "goal",
            "rule", "transfer__key", "transfer__amount",
        )
    )  # fmt: skip


@pytest.mark.parametrize("way", ["sweep", "sync"])
@pytest.mark.parametrize(
    ("days", "second", "booked"),
    [
        ([0, 1, 2, 3, 5], "completed", 500),  # Three days of the first, two of the second.
        ([0, 1, 2, 3], "completed", None),
        ([0, 1, 2, 3, 4], "completed", None),  # No weekend day.
        ([0, 1, 2, 3, 5], "withdrawn", None),
    ],
)
@time_machine.travel(f"{ERA + timedelta(days=9)} 12:00+09:00", tick=False)
def test_a_week_counts_the_days_of_two_participations(make_participant, way, days, second, booked):
    person = make_participant()
    take_part(person, ERA - timedelta(days=200), ERA + timedelta(days=2), "completed")
    later = take_part(person, ERA + timedelta(days=3), ERA + timedelta(days=200), second)
    for n in days:
        walk(person, ERA + timedelta(days=n), 8_000)
    if way == "sweep":
        settle_week(ERA, by=JOB)
    else:
        judge_days(person, [ERA + timedelta(days=n) for n in days], by=JOB)

    found = list(Award.objects.filter(item="walking_week").values_list("points", "participation"))
    assert found == ([(booked, later.pk)] if booked else [])


@time_machine.travel(f"{ERA + timedelta(days=9)} 12:00+09:00", tick=False)
def test_a_day_between_two_participations_does_not_count_for_the_week(make_participant):
    person = make_participant()
    take_part(person, ERA - timedelta(days=200), ERA + timedelta(days=1), "completed")
    take_part(person, ERA + timedelta(days=3), ERA + timedelta(days=200))
    for n in (0, 1, 2, 3, 5):
        walk(person, ERA + timedelta(days=n), 8_000)

    assert settle_week(ERA, by=JOB).posted == 0
    judge_days(person, [ERA], by=JOB)
    assert not Award.objects.filter(item="walking_week").exists()


@pytest.mark.parametrize("seed", range(12))
@time_machine.travel(f"{ERA + timedelta(days=9)} 12:00+09:00", tick=False)
def test_the_sweep_and_the_pure_rules_agree_on_everybody(make_participant, seed, settings):
    from tests.points.test_awards import fill

    settings.STEPS_PER_HOUR_LIMIT = 6_000
    people = random_city(make_participant, random.Random(seed))
    for person in people[:3]:
        take_part(person, date(2026, 1, 1), date(2026, 2, 1), "completed")
        fill(person, 30, points=random.Random(seed).choice([2_070, 2_073, 2_080]))
    days = [ERA + timedelta(days=n) for n in range(7)]
    with transaction.atomic():
        for person in people:
            judge_days(person, days, by=JOB)
        one_by_one = book()
        transaction.set_rollback(True)
    for day in days:
        settle_day(day, by=JOB)
    settle_week(ERA, by=JOB)

    assert book() == one_by_one
    assert len(one_by_one) > 60
    assert prove(by=JOB).gaps == {"awards_without_day": 90}


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_keeps_sweeps_in_shape(walker):
    run = plan_settlement("day", ERA, by=JOB)

    violates(
        "one_running_settlement_per_period",
        lambda: Settlement.objects.create(kind="day", period=ERA),
    )
    violates("a_finished_settlement_says_when", lambda: Settlement.objects.update(status="done"))
    violates(
        "one_chunk_per_range",
        lambda: SettlementChunk.objects.create(
            settlement=run, first_id=run.chunks.first().first_id, last_id=1
        ),
    )

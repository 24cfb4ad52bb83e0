import random
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from points.errors import (
    RuleNotDraft,
    SimulationMissing,
    SimulationRuns,
    SpanNotOver,
    SpanTooLong,
)
from points.models import (
    Account,
    Award,
    EarningCap,
    EarningRule,
    SimulatedPerson,
    Simulation,
    SimulationChunk,
    Transfer,
)
from points.services import simulations
from points.services.rulebook import release_rule
from points.services.settlement import settle_day, settle_week
from points.services.simulations import (
    last_closed_day,
    plan_simulation,
    simulate,
    void_simulations,
)
from points.tasks import resume_simulations, run_simulation
from tests.conftest import JOB
from tests.points.builders import ERA, take_part, walk
from tests.points.simulating import draft_like, simulated
from tests.points.test_settlement import random_city

pytestmark = pytest.mark.django_db
NOW_RULE = "2025-12-01"
LAST = ERA + timedelta(days=15)


@pytest.fixture
def officer(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def approver(make_staff):
    return make_staff("finance_approver")


def settle_nightly(first, last):
    """Settle as the nights did: a week on the Tuesday after it."""
    day = first
    while day <= last:
        settle_day(day, by=JOB)
        if day.weekday() == 0 and day > first:
            settle_week(day - timedelta(days=1), by=JOB)
        day += timedelta(days=1)
    if day.weekday() == 0:
        settle_week(last, by=JOB)


def by_person(simulation, *names):
    rows = SimulatedPerson.objects.filter(simulation=simulation).order_by("participant")
    return list(rows.values_list(*names))


@pytest.mark.parametrize("seed", range(8))
def test_simulating_the_rule_in_force_gives_exactly_what_was_awarded(
    make_participant, officer, seed, settings
):
    """Both sides: the rules as they were, and a draft that copies them."""
    settings.STEPS_PER_HOUR_LIMIT = 6_000
    dice = random.Random(seed)
    limits = EarningCap.objects.filter(rule__code=NOW_RULE)
    limits.filter(group="walking").update(amount=dice.choice([250, 700, 62_500]))
    limits.filter(group="physical").update(amount=dice.choice([200, 650, 75_000]))
    random_city(make_participant, dice)
    settle_nightly(ERA, LAST)
    done = simulated(draft_like(NOW_RULE, by=officer), first=ERA, last=LAST)

    booked = {
        person: sum(points for who, points in found if who == person)
        for found in [list(Award.objects.values_list("participant", "points"))]
        for person, _points in found
    }
    rows = by_person(done, "participant", "before", "after", "booked")
    assert rows == [(who, told, told, told) for who, told in sorted(booked.items())]
    assert len(rows) > 5
    assert done.figures["off_the_book"] == 0
    assert done.figures["people"]["winners"] == done.figures["people"]["losers"] == 0


def test_the_rules_in_force_go_on_with_limits_used_before(make_participant, officer):
    """The year's limit had little left when the simulated days begin."""
    EarningCap.objects.filter(rule__code=NOW_RULE, group="walking").update(amount=500)
    walker = make_participant()
    take_part(walker)
    for n in range(8):
        walk(walker, ERA + timedelta(days=n), 8_000)
    settle_nightly(ERA, ERA + timedelta(days=8))
    later = ERA + timedelta(days=3)
    done = simulated(draft_like(NOW_RULE, by=officer), first=later, last=ERA + timedelta(days=8))

    # 300 points were used; the draft, like every rule, starts its limits anew.
    assert by_person(done, "before", "after", "booked") == [(200, 500, 200)]
    # The sixth day came too late for the one limit, the bonus of the first week for the other.
    assert by_person(done, "capped_before", "capped_after") == [
        (ERA + timedelta(days=5), ERA + timedelta(days=6))
    ]


def test_a_draft_tells_who_wins_and_who_loses(make_participant, officer):
    daily, weekly, walked = (make_participant(district=name) for name in ("종로구", "중구", "중구"))
    for person in (daily, weekly, walked):
        take_part(person)
    for n in range(7):
        walk(daily, ERA + timedelta(days=n), 8_000)
    for n in (0, 1, 2, 3, 5):
        walk(weekly, ERA + timedelta(days=n), 8_000)
    walk(walked, ERA, 7_000)
    settle_nightly(ERA, ERA + timedelta(days=7))
    rule = draft_like(
        NOW_RULE, by=officer, goal=6_000, daily_points=200, weekly_points=0, weekly_days=0,
        weekly_needs_weekend=False,
    )  # fmt: skip
    before = Transfer.objects.count(), Award.objects.count()
    done = simulated(rule, first=ERA, last=ERA + timedelta(days=7))

    assert by_person(done, "participant", "before", "after", "difference") == [
        (daily.pk, 1_200, 1_400, 200), (weekly.pk, 1_000, 1_000, 0), (walked.pk, 0, 200, 200),
    ]  # fmt: skip
    people = done.figures["people"]
    assert (people["winners"], people["losers"], people["unchanged"]) == (2, 0, 1)
    assert done.figures["months"] == [
        {"month": "2026-03", "before": 2_200, "after": 2_600, "booked": 2_200}
    ]
    assert [(row["group"], row["winners"], row["after"]) for row in done.figures["districts"]] == [
        ("종로구", 1, 1_400), ("중구", 1, 1_200),
    ]  # fmt: skip
    assert sum(bar["people"] for bar in done.figures["histogram"]) == 3
    assert (Transfer.objects.count(), Award.objects.count()) == before
    assert sum(Account.objects.values_list("balance", flat=True)) == 2_200


def test_a_limit_of_the_draft_says_on_which_day_it_cuts(make_participant, officer):
    walker = make_participant()
    take_part(walker)
    for n in range(6):
        walk(walker, ERA + timedelta(days=n), 8_000)
    rule = draft_like(NOW_RULE, by=officer)
    rule.caps.filter(group="walking").update(amount=350)
    done = simulated(rule, first=ERA, last=ERA + timedelta(days=5))

    assert by_person(done, "after", "capped_after") == [(350, ERA + timedelta(days=3))]
    assert done.figures["capped_after"] == [{"month": "2026-03", "people": 1}]


def test_a_simulation_goes_on_where_it_was_left(make_participant, officer, monkeypatch):
    people = [make_participant() for _ in range(3)]
    for person in people:
        take_part(person)
        walk(person, ERA, 8_000)
    monkeypatch.setattr(simulations, "PEOPLE_PER_CHUNK", 1)
    run = plan_simulation(draft_like(NOW_RULE, by=officer), first=ERA, last=ERA, by=JOB)
    simulations.simulate_chunk(run, simulations.question(run))
    assert run.chunks.filter(done_at=None).count() == run.chunks.count() - 1

    done = simulate(run, by=JOB)

    assert (done.status, done.figures["people"]["all"]) == ("done", 3)
    assert simulate(done, by=JOB).figures == done.figures


def test_a_rule_without_a_simulation_of_exactly_this_draft_is_not_released(officer, approver):
    rule = draft_like(NOW_RULE, by=officer)
    with pytest.raises(SimulationMissing):
        release_rule(rule, by=approver)
    simulated(rule)
    EarningCap.objects.filter(rule=rule, group="walking").update(amount=1)
    with pytest.raises(SimulationMissing):
        release_rule(rule, by=approver)

    assert EarningRule.objects.get(pk=rule.pk).status == "draft"


def test_a_simulated_draft_is_released(officer, approver):
    rule = draft_like(NOW_RULE, by=officer)
    simulated(rule)
    release_rule(rule, by=approver)

    assert EarningRule.objects.get(pk=rule.pk).status == "released"


def test_a_new_simulation_makes_the_earlier_one_void_and_drops_its_people(walker, officer):
    walk(walker, ERA, 8_000)
    rule = draft_like(NOW_RULE, by=officer)
    earlier = simulated(rule, first=ERA, last=ERA)
    later = simulated(rule, first=ERA, last=ERA)

    earlier.refresh_from_db()
    assert (earlier.status, later.status) == ("void", "done")
    assert earlier.figures["people"]["all"] == 1
    assert not earlier.people.exists()
    assert later.people.count() == 1


def test_a_void_simulation_is_not_worked_on(walker, officer):
    rule = draft_like(NOW_RULE, by=officer)
    run = plan_simulation(rule, first=ERA, last=ERA, by=JOB)
    void_simulations(rule, by=JOB)

    assert simulate(run, by=JOB).status == "void"
    assert not run.chunks.exclude(done_at=None).exists()


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [
        (ERA + timedelta(days=1), ERA, SpanTooLong),
        (ERA - timedelta(days=400), ERA, SpanTooLong),
        (ERA, None, SpanNotOver),
    ],
)
def test_days_that_cannot_be_simulated_are_refused(officer, first, last, refusal):
    rule = draft_like(NOW_RULE, by=officer)
    open_day = last_closed_day() + timedelta(days=1)
    with pytest.raises(refusal):
        plan_simulation(rule, first=max(first, open_day) if last is None else first,
                        last=last or open_day, by=JOB)  # fmt: skip

    assert not Simulation.objects.exists()


def test_only_a_draft_is_simulated_and_once_at_a_time(officer):
    with pytest.raises(RuleNotDraft):
        plan_simulation(EarningRule.objects.get(code=NOW_RULE), first=ERA, last=ERA, by=JOB)
    rule = draft_like(NOW_RULE, by=officer)
    plan_simulation(rule, first=ERA, last=ERA, by=JOB)
    with pytest.raises(SimulationRuns):
        plan_simulation(rule, first=ERA, last=ERA, by=JOB)

    assert Simulation.objects.get().status == "running"


def test_planning_a_simulation_queues_its_work(officer, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run = plan_simulation(draft_like(NOW_RULE, by=officer), first=ERA, last=ERA, by=JOB)

    assert queued == [("points.run_simulation", run.pk)]


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_keeps_simulations_in_shape(walker, officer):
    walk(walker, ERA, 8_000)
    rule = draft_like(NOW_RULE, by=officer)
    done = simulated(rule, first=ERA, last=ERA)
    mine = Simulation.objects.filter(pk=done.pk)
    chunk = done.chunks.get()

    violates(
        "one_live_simulation_per_rule",
        lambda: Simulation.objects.create(rule=rule, first_day=ERA, last_day=ERA),
    )
    violates("a_simulation_ends_after_it_starts", lambda: mine.update(last_day=date(2020, 1, 1)))
    violates("a_finished_simulation_says_when", lambda: mine.update(finished_at=None))
    violates(
        "one_simulation_chunk_per_range",
        lambda: SimulationChunk.objects.create(
            simulation=done, first_id=chunk.first_id, last_id=chunk.last_id
        ),
    )
    violates(
        "one_row_per_simulation_and_person",
        lambda: SimulatedPerson.objects.create(
            simulation=done, participant=walker, is_senior=False, before=0, after=0, booked=0
        ),
    )


def test_the_workers_task_carries_a_simulation_through(walker, officer):
    walk(walker, ERA, 8_000)
    run = plan_simulation(draft_like(NOW_RULE, by=officer), first=ERA, last=ERA, by=JOB)
    run_simulation(run.pk)
    run_simulation(run.pk)

    assert Simulation.objects.get().figures["people"]["all"] == 1


def test_a_simulation_whose_worker_died_is_rung_for_again(
    officer, queued, django_capture_on_commit_callbacks
):
    run = plan_simulation(draft_like(NOW_RULE, by=officer), first=ERA, last=ERA, by=JOB)
    with django_capture_on_commit_callbacks(execute=True):
        resume_simulations()

    assert queued == [("points.run_simulation", run.pk)]

"""The last points of a budget, wanted by everybody at once: all of them, and not one more."""

import threading
import time
from datetime import date

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from points.models import Award, Budget, BudgetGuard, Transfer, Unfunded
from points.services import budget_counts, earnings, settlement
from points.services.awards import judge_days
from points.services.budget_counts import step, watch_budget
from points.services.budget_guard import draw
from points.services.budgets import ask_budget, fund_waiting, release_budget
from points.services.proof import prove
from points.services.settlement import plan_settlement, settle
from tests.conftest import JOB
from tests.points.builders import ERA, take_part, walk
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]


@pytest.fixture
def in_force(make_staff):
    clerk, head = make_staff("finance_officer"), make_staff("finance_approver")

    def release(ceiling, year=2026):
        budget = ask_budget(
            f"{year}", first_on=date(year, 1, 1), last_on=date(year, 12, 31), ceiling=ceiling,
            why="Council vote", by=clerk,
        )  # fmt: skip
        release_budget(budget, by=head)
        watch_budget(budget.pk, by=JOB)
        return budget

    return release


@pytest.fixture
def crowd(make_participant):
    people = [make_participant() for _ in range(24)]
    for person in people:
        take_part(person)
        walk(person, ERA, 8_000)
    return people


def spent():
    return Transfer.objects.filter(reason="walking_day").aggregate(sum=Sum("amount"))["sum"] or 0


def left():
    return Budget.objects.in_force().get().tills.aggregate(sum=Sum("left"))["sum"]


def one_each(people):
    waiting = iter(people)
    lock = threading.Lock()

    def act():
        with lock:
            person = next(waiting)
        judge_days(person, [ERA], by=JOB)

    return act


@pytest.mark.parametrize(("ceiling", "awarded"), [(1_000, 10), (1_099, 10), (99, 0), (2_400, 24)])
def test_a_crowd_of_uploads_spends_the_budget_to_the_point(in_force, crowd, ceiling, awarded):
    in_force(ceiling)

    assert race(one_each(crowd), runners=24) == ["ok"] * 24
    assert spent() == awarded * 100
    assert left() == ceiling - awarded * 100
    assert Unfunded.objects.count() == 24 - awarded
    assert prove(by=JOB).gaps == {}


def test_workers_of_a_sweep_and_uploads_share_one_budget(in_force, crowd, monkeypatch):
    monkeypatch.setattr(settlement, "PEOPLE_PER_CHUNK", 3)
    in_force(1_150)
    run = plan_settlement("day", ERA, by=JOB)
    jobs = iter([lambda: settle(run, by=JOB)] * 3 + [one_each(crowd[:5])] * 5)
    lock = threading.Lock()

    def act():
        with lock:
            job = next(jobs)
        job()

    assert race(act, runners=8) == ["ok"] * 8
    fund_waiting(by=JOB)
    assert (spent(), left()) == (1_100, 50)
    assert Award.objects.count() + Unfunded.objects.waiting().count() == 24
    assert prove(by=JOB).gaps == {}


def test_a_budget_raised_in_the_rush_is_spent_to_the_new_ceiling(in_force, crowd):
    in_force(500)
    jobs = iter([lambda: in_force(900)] + [one_each(crowd)] * 12)
    lock = threading.Lock()

    def act():
        with lock:
            job = next(jobs)
        job()

    assert race(act, runners=13) == ["ok"] * 13
    watch_budget(Budget.objects.in_force().get().pk, by=JOB)
    fund_waiting(by=JOB)
    assert (spent(), left()) == (900, 0)


def test_control_looking_before_spending_overspends(in_force, crowd, monkeypatch):
    budget = in_force(1_000)
    together = threading.Barrier(24)

    def look(wanted):
        has_room = budget.ceiling - spent() >= sum(points for _, points in wanted)
        together.wait(20)
        return [has_room] * len(wanted)

    monkeypatch.setattr(earnings, "fund", look)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE points_transfer DISABLE TRIGGER USER")
    try:
        race(one_each(crowd), runners=24)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE points_transfer ENABLE TRIGGER USER")
    assert spent() == 2_400
    assert prove(by=JOB).gaps["budgets_overspent"] == 1


def test_what_is_still_being_written_is_waited_for(in_force, crowd, monkeypatch):
    monkeypatch.setattr(budget_counts, "PATIENCE", budget_counts.PATIENCE / 30)
    budget = in_force(10_000_000_000)
    posted, end = threading.Event(), threading.Event()

    def award():
        with transaction.atomic():
            judge_days(crowd[0], [ERA], by=JOB)
            posted.set()
            end.wait(10)
        connection.close()

    writer = threading.Thread(target=award)
    writer.start()
    posted.wait(10)
    step(budget.pk, by=JOB)
    assert BudgetGuard.objects.get().spent == 0
    end.set()
    writer.join()
    step(budget.pk, by=JOB)
    assert BudgetGuard.objects.get().spent == 100


def test_an_award_caught_by_the_closing_line_waits_and_is_not_lost(in_force, crowd, monkeypatch):
    budget = in_force(10_000_000_000)
    monkeypatch.setattr(budget_counts, "CLOSE_BELOW", 10_000_000_000)
    step(budget.pk, by=JOB)  # Closed, and not counted yet.

    assert judge_days(crowd[0], [ERA], by=JOB)[ERA].reason == "budget_spent"
    step(budget.pk, by=JOB)
    fund_waiting(by=JOB)
    assert Award.objects.filter(participant=crowd[0], points=100).count() == 1
    assert BudgetGuard.objects.get().mode == "drawing"


def test_who_looked_into_tills_in_vain_waits_for_no_others(in_force):
    """It holds the first ones: waiting for the second, it could be waited for itself."""
    first, second = in_force(1_000), in_force(1_000, 2027)
    let_go, ready = (threading.Event(), threading.Event()), threading.Barrier(3)

    def empty(budget, until):
        with transaction.atomic():
            assert draw(budget.pk, 1_000) == 1_000
            ready.wait(10)
            until.wait(20)
        connection.close()

    holders = [
        threading.Thread(target=empty, args=pair)
        for pair in zip((first, second), let_go, strict=True)
    ]
    for holder in holders:
        holder.start()
    ready.wait(10)
    waits = threading.Thread(target=lambda: when_somebody_waits(let_go[0].set))
    waits.start()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            assert draw(first.pk, 100) == 0
            cursor.execute("SET LOCAL lock_timeout = '3s'")
            assert draw(second.pk, 100) == 0
    finally:
        for event in let_go:
            event.set()
        for thread in (*holders, waits):
            thread.join()


def when_somebody_waits(act):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            if cursor.fetchone()[0]:
                break
        time.sleep(0.05)
    act()
    connection.close()

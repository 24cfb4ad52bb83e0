"""The budget board: figures that add up, an outlook, and requests that two people decide."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from points.models import Budget, BudgetForecast, SpentCount, SpentDay, Transfer
from points.services import budget_counts
from points.services.awards import judge_days
from points.services.budget_outlook import foresee, past_of
from points.services.budgets import ask_budget, release_budget
from points.services.settlement import settle_day
from points.services.spending import add_up, daily
from points.tasks import foresee_budgets, fund_waiting, watch_budgets
from tests.conftest import JOB
from tests.points.builders import ERA, give, take_part, walk

pytestmark = pytest.mark.django_db
YEAR = {"first_on": date(2026, 1, 1), "last_on": date(2026, 12, 31)}
BOARD = "/staff/points/budget/"


@pytest.fixture
def clerk(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def head(make_staff):
    return make_staff("finance_approver")


@pytest.fixture
def budget(clerk, head):
    made = ask_budget("2026", ceiling=5_000, why="Council vote", by=clerk, **YEAR)
    release_budget(made, by=head)
    budget_counts.watch_budget(made.pk, by=JOB)
    return made


@pytest.fixture
def walkers(make_participant):
    people = [make_participant() for _ in range(3)]
    for person in people:
        take_part(person)
        for n in range(14):
            walk(person, ERA + timedelta(days=n), 8_000)
    return people


@pytest.fixture
def settled(budget, walkers):
    for n in range(14):
        settle_day(ERA + timedelta(days=n), by=JOB)
    add_up()
    return budget


@time_machine.travel("2026-03-04 08:00+09:00", tick=False)
def test_days_are_added_up_as_the_ledger_grows(walkers):
    judge_days(walkers[0], [ERA], by=JOB)
    add_up()
    judge_days(walkers[1], [ERA, ERA + timedelta(days=1)], by=JOB)
    give(walkers[0], 30, ERA)
    assert add_up()
    add_up()

    assert list(
        SpentDay.objects.order_by("day", "reason").values_list(
            "day", "reason", "points", "transfers"
        )
    ) == [
        (ERA, "compensation", 30, 1),
        (ERA, "walking_day", 200, 2),
        (ERA + timedelta(days=1), "walking_day", 100, 1),
    ]
    assert daily(["walking_day"], ERA, ERA) == {ERA: 200}


def test_days_are_not_added_up_while_somebody_writes(walkers, monkeypatch):
    from points.services import spending

    judge_days(walkers[0], [ERA], by=JOB)
    monkeypatch.setattr(spending, "all_have_ended", lambda begun: False)

    assert not add_up()
    assert SpentCount.objects.get().counted_to == 0
    assert not SpentDay.objects.exists()


@time_machine.travel("2026-03-18 08:00+09:00", tick=False)
def test_the_outlook_carries_whole_weeks_on(settled):
    last = ERA + timedelta(days=13)
    past = past_of(settled, last)
    assert (past.spent, sum(past.daily), past.rooms) == (4_200, 4_200, {62_500 - 1_400: 3})

    made = foresee(settled, by=JOB)
    # 300 a day: 800 are left after the second Sunday.
    assert made.runs_out_on == last + timedelta(days=3)
    assert made.earners == 3


@time_machine.travel("2026-03-04 08:00+09:00", tick=False)
def test_there_is_no_outlook_before_the_first_whole_week(clerk, head):
    made = ask_budget(
        "march", first_on=ERA, last_on=date(2026, 12, 31), ceiling=10, why="x", by=clerk
    )
    release_budget(made, by=head)

    assert foresee(made, by=JOB) is None


@time_machine.travel("2026-03-18 08:00+09:00", tick=False)
def test_the_board_shows_what_is_used_up_and_until_when(settled, client, head):
    foresee(settled, by=JOB)
    client.force_login(head)
    page = client.get(BOARD)

    assert page.status_code == 200
    told = page.content.decode()
    assert "84%" in told
    assert "4,200" in told
    assert 'class="band c1"' in told
    assert page.context["outlook"].runs_out_on == date(2026, 3, 18)
    assert [(month.name, month.earned) for month in page.context["months"]] == [("2026-03", 4_200)]


@time_machine.travel("2026-03-18 08:00+09:00", tick=False)
def test_the_board_asks_few_questions(settled, client, head, django_assert_max_num_queries):
    foresee(settled, by=JOB)
    client.force_login(head)
    client.get(BOARD)
    with django_assert_max_num_queries(26):
        client.get(BOARD)


def test_without_a_budget_the_board_says_so(client, clerk):
    client.force_login(clerk)

    page = client.get(BOARD)
    assert page.status_code == 200
    assert page.context["budget"] is None
    assert client.get(reverse("boards:budget-days")).status_code == 404


@time_machine.travel("2026-03-18 08:00+09:00", tick=False)
def test_every_figure_leads_to_its_rows(settled, client, head):
    client.force_login(head)
    month = client.get("/staff/points/budget/2026-03/").content.decode()

    assert f"business_date={ERA.isoformat()}&amp;reason__exact=walking_day" in month
    rows = client.get(
        f"/admin/points/transfer/?business_date={ERA.isoformat()}&reason__exact=walking_day"
    )
    assert rows.status_code == 200
    assert Transfer.objects.filter(business_date=ERA).count() == 3
    assert client.get("/staff/points/budget/2026-13/").status_code == 404


@time_machine.travel("2026-03-18 08:00+09:00", tick=False)
def test_the_days_are_there_as_a_file(settled, client, head):
    client.force_login(head)
    told = client.get(reverse("boards:budget-days")).content.decode("utf-8-sig").splitlines()

    assert len(told) == 15
    assert told[1].startswith(f'"{ERA.isoformat()}",')
    assert told[1].endswith('"300","3"')


ASKED = {
    "code": "2026", "first_on": "2026-01-01", "last_on": "2026-12-31", "ceiling": "9000",
    "warn_at": "50, 90", "why": "Supplementary budget",
}  # fmt: skip


def test_one_asks_and_another_releases(budget, client, clerk, head):
    client.force_login(clerk)
    assert client.post(reverse("boards:budget-ask"), ASKED).status_code == 302
    asked = Budget.objects.get(version=2)
    assert (asked.status, asked.ceiling, asked.warn_at) == ("asked", 9_000, [50, 90])
    assert client.post(reverse("boards:budget-release", args=[asked.pk])).status_code == 403

    client.force_login(head)
    assert client.post(reverse("boards:budget-release", args=[asked.pk])).status_code == 302
    assert Budget.objects.in_force().get() == asked
    again = client.post(reverse("boards:budget-refuse", args=[asked.pk]), follow=True)
    assert again.status_code == 200
    assert Budget.objects.in_force().get() == asked


def test_a_request_can_be_refused(budget, client, clerk, head):
    client.force_login(clerk)
    client.post(reverse("boards:budget-ask"), ASKED)
    client.force_login(head)
    client.post(reverse("boards:budget-refuse", args=[Budget.objects.get(version=2).pk]))

    assert Budget.objects.get(version=2).status == "refused"
    assert Budget.objects.in_force().get() == budget


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"ceiling": "0"}, 400),
        ({"ceiling": "much"}, 400),
        ({"ceiling": "99999999999999999999"}, 400),
        ({"warn_at": "70;80"}, 400),
        ({"warn_at": "0, 300"}, 400),
        ({"last_on": "2025-01-01"}, 400),
        ({"last_on": "2026-11-30"}, 422),
        ({"why": ""}, 400),
        ({"code": "a b"}, 400),
    ],
)
def test_a_wrong_request_is_answered_and_changes_nothing(budget, client, clerk, wrong, status):
    client.force_login(clerk)

    assert client.post(reverse("boards:budget-ask"), ASKED | wrong).status_code == status
    assert Budget.objects.count() == 1


def test_who_may_not_see_it_does_not(client, make_staff, budget):
    client.force_login(make_staff("agent"))
    assert client.get(BOARD).status_code == 403
    client.logout()
    assert client.get(BOARD).status_code == 302


def test_an_outlook_is_asked_for(client, head, queued, django_capture_on_commit_callbacks):
    client.force_login(head)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("boards:budget-foresee")).status_code == 302
    assert [one[0] for one in queued] == ["points.foresee_budgets"]


@time_machine.travel("2026-03-18 08:00+09:00", tick=False)
def test_the_jobs_may_run_twice(settled):
    for _ in range(2):
        watch_budgets()
        foresee_budgets()
        fund_waiting()

    assert BudgetForecast.objects.count() == 2
    assert SpentDay.objects.filter(reason="walking_day").count() == 14


def test_the_database_keeps_the_sums_in_shape(settled):
    def violates(name, act):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            act()

    day = {"day": ERA, "reason": "walking_day", "points": 1, "transfers": 1}
    violates("one_sum_per_day_and_reason", lambda: SpentDay.objects.create(**day))
    violates("spending_is_counted_once", lambda: SpentCount.objects.create(pk=2))
    made = BudgetForecast.objects.create(
        budget=settled, last_day=ERA, at_the_end=1, earners=1, ahead=[]
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        BudgetForecast.objects.filter(pk=made.pk).update(at_the_end=2)

"""A budget stops awards at its ceiling, loses none of them, and goes on when it is raised."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from points.errors import BudgetKeepsItsDays, BudgetsOverlap, CeilingBelowSpent
from points.models import Award, Budget, BudgetGuard, BudgetTill, BudgetWarning, Transfer, Unfunded
from points.rules.sentences import sentence
from points.services import budget_counts, earnings
from points.services.activities import award_activity
from points.services.awards import judge_days
from points.services.budget_counts import watch_budget
from points.services.budget_guard import draw, give_back
from points.services.budgets import ask_budget, fund_waiting, refuse_budget, release_budget
from points.services.evidence import panel
from points.services.proof import prove
from points.services.settlement import settle_day, settle_week
from points.services.statements import days_of
from seoul_health.core.errors import IllegalMove, SamePerson
from tests.conftest import JOB
from tests.points.builders import ERA, balance, take_part, walk

pytestmark = pytest.mark.django_db
YEAR = {"first_on": date(2026, 1, 1), "last_on": date(2026, 12, 31)}


@pytest.fixture
def clerk(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def head(make_staff):
    return make_staff("finance_approver")


@pytest.fixture
def in_force(clerk, head):
    """Put a ceiling into force, and count what was awarded before it."""

    def release(ceiling, *, warn_at=()):
        budget = ask_budget(
            "2026", ceiling=ceiling, why="Council vote", by=clerk, warn_at=warn_at, **YEAR
        )
        release_budget(budget, by=head)
        watch_budget(budget.pk, by=JOB)
        return budget

    return release


@pytest.fixture
def people(make_participant):
    def walked(number, *days):
        made = [make_participant() for _ in range(number)]
        for person in made:
            take_part(person)
            for day in days or (ERA,):
                walk(person, day, 8_000)
        return made

    return walked


def spent():
    return sum(
        Transfer.objects.filter(reason__startswith="walking").values_list("amount", flat=True)
    )


def guard():
    return BudgetGuard.objects.get()


def left(budget):
    return sum(budget.tills.values_list("left", flat=True))


def test_far_from_the_ceiling_an_award_leaves_no_trace_in_the_tills(in_force, people):
    budget = in_force(10_000_000_000)
    (walker,) = people(1)

    assert judge_days(walker, [ERA], by=JOB)[ERA].points == 100
    assert (guard().mode, left(budget), spent()) == ("free", 0, 100)


def test_near_the_ceiling_every_award_is_drawn(in_force, people):
    budget = in_force(1_000)
    (walker,) = people(1)
    judge_days(walker, [ERA], by=JOB)

    assert (guard().mode, left(budget), spent()) == ("drawing", 900, 100)


def test_a_sync_at_the_ceiling_earns_nothing_and_says_why(in_force, people):
    budget = in_force(250)
    first, second, third = people(3)
    for person in (first, second):
        judge_days(person, [ERA], by=JOB)
    outcome = judge_days(third, [ERA], by=JOB)[ERA]

    assert (outcome.points, outcome.reason, outcome.due) == (0, "budget_spent", 100)
    assert "100" in sentence(outcome)
    assert (spent(), left(budget)) == (200, 50)
    assert balance(third) == 0
    assert list(Unfunded.objects.values_list("participant", "item", "period", "points")) == [
        (third.pk, "walking_day", ERA, 100)
    ]
    (told,) = days_of(third, ERA, ERA)
    assert (told.outcome.points, told.outcome.reason) == (0, "budget_spent")
    told = panel(third, ERA)
    assert told.finding.outcome == "budget_spent"
    assert prove(by=JOB).gaps == {}


def test_a_sweep_awards_whom_the_money_reaches_and_notes_the_others(in_force, people):
    budget = in_force(720)
    made = people(10)
    done = settle_day(ERA, by=JOB)

    assert (done.posted, done.points) == (7, 700)
    assert (spent(), left(budget)) == (700, 20)
    assert Unfunded.objects.count() == 3
    awarded = set(Award.objects.values_list("participant", flat=True))
    assert awarded != {person.pk for person in made[:7]}  # By lot, not by number.
    assert prove(by=JOB).gaps == {}


def test_a_second_sweep_neither_awards_nor_notes_anything_again(in_force, people):
    in_force(300)
    people(5)
    settle_day(ERA, by=JOB)
    again = settle_day(ERA, by=JOB)

    assert (again.posted, spent(), Unfunded.objects.count()) == (0, 300, 2)


@time_machine.travel(f"{ERA + timedelta(days=9)} 12:00+09:00", tick=False)
def test_a_week_without_money_waits_like_a_day(in_force, people):
    days = [ERA + timedelta(days=n) for n in (0, 1, 2, 3, 5)]
    in_force(1_000)
    (walker,) = people(1, *days)
    judge_days(walker, days, by=JOB)
    assert spent() == 1_000
    (other,) = people(1, *days)
    settle_week(ERA, by=JOB)

    assert list(Unfunded.objects.values_list("participant", "item", "points")) == [
        (other.pk, "walking_week", 500)
    ]


def test_what_waits_is_awarded_when_the_budget_is_raised(in_force, people):
    in_force(300)
    made = people(5)
    settle_day(ERA, by=JOB)
    raised = in_force(450)
    fund_waiting(by=JOB)

    assert (spent(), left(raised), Unfunded.objects.waiting().count()) == (400, 50, 1)
    in_force(500)
    fund_waiting(by=JOB)
    assert [balance(person) for person in made] == [100] * 5
    assert not Unfunded.objects.waiting().exists()
    assert Unfunded.objects.count() == 2


def test_what_waits_is_awarded_by_the_next_upload_too(in_force, people):
    in_force(100)
    first, second = people(2)
    judge_days(first, [ERA], by=JOB)
    judge_days(second, [ERA], by=JOB)
    in_force(200)

    assert judge_days(second, [ERA], by=JOB)[ERA].points == 100
    assert not Unfunded.objects.waiting().exists()


@time_machine.travel(f"{ERA} 12:00+09:00", tick=False)
def test_an_activity_waits_like_a_walk_and_is_awarded_later(in_force, people):
    in_force(1_000)
    (walker,) = people(1)
    outcome = award_activity(walker, "survey", ERA)
    assert (outcome.points, outcome.reason, outcome.due) == (0, "budget_spent", 1_500)
    assert award_activity(walker, "survey", ERA).reason == "budget_spent"

    in_force(2_000)
    with time_machine.travel(f"{ERA + timedelta(days=300)} 12:00+09:00", tick=False):
        fund_waiting(by=JOB)
    assert balance(walker) == 1_500
    assert not Unfunded.objects.waiting().exists()


def test_nothing_is_asked_while_there_is_no_money(in_force, people, django_assert_max_num_queries):
    in_force(100)
    people(2)
    settle_day(ERA, by=JOB)
    before = Award.objects.count()

    with django_assert_max_num_queries(6):
        fund_waiting(by=JOB)
    assert Award.objects.count() == before


def test_a_raised_budget_goes_back_to_asking_nothing(in_force, people):
    in_force(100)
    people(2)
    settle_day(ERA, by=JOB)
    raised = in_force(10_000_000_000)

    assert (guard().mode, guard().spent, left(raised)) == ("free", 100, 0)
    fund_waiting(by=JOB)
    assert spent() == 200


def test_more_money_far_from_the_ceiling_needs_no_count(in_force, clerk, head):
    in_force(10_000_000_000)
    more = ask_budget("2026", ceiling=20_000_000_000, why="Vote", by=clerk, **YEAR)
    line = guard().free_until
    release_budget(more, by=head)

    now = guard()
    assert (now.budget, now.mode, now.free_until > line) == (more, "free", True)


def test_the_line_is_closed_before_it_can_be_crossed(in_force, people, monkeypatch):
    budget = in_force(10_000_000_000)
    largest = guard().largest
    (walker,) = people(1)
    judge_days(walker, [ERA], by=JOB)
    monkeypatch.setattr(budget_counts, "CLOSE_BELOW", 10_000_000_000)
    watch_budget(budget.pk, by=JOB)

    assert (guard().mode, guard().spent, guard().largest) == ("drawing", 100, largest)
    assert left(budget) == 9_999_999_900


def test_a_larger_award_closes_the_line_until_it_is_counted(in_force):
    from points.models import ActivityRate

    budget = in_force(10_000_000_000)
    rate = ActivityRate.objects.create(
        item="survey", effective_from=date(2027, 1, 1), points=9_000, how_often="year"
    )
    ActivityRate.objects.filter(pk=rate.pk).update(status="released", released_at="2026-01-01T00Z")
    watch_budget(budget.pk, by=JOB)

    assert (guard().mode, guard().largest) == ("free", 9_000)


def test_the_database_refuses_awards_nobody_drew(in_force, people, monkeypatch):
    in_force(100)
    (walker,) = people(1)
    monkeypatch.setattr(earnings, "fund", lambda wanted: [True] * len(wanted))

    with pytest.raises(IntegrityError, match="only 0 drawn"), transaction.atomic():
        judge_days(walker, [ERA], by=JOB)
    assert spent() == 0


def test_what_is_given_back_cannot_be_posted_either(in_force):
    budget = in_force(500)
    assert draw(budget.pk, 300) == 300
    give_back(budget.pk, 300)

    assert left(budget) == 500
    assert draw(budget.pk, 800) == 500
    assert draw(budget.pk, 1) == 0


def test_warnings_are_said_once(in_force, people):
    budget = in_force(1_000, warn_at=[10, 50, 90])
    for person in people(5):
        judge_days(person, [ERA], by=JOB)
    watch_budget(budget.pk, by=JOB)
    watch_budget(budget.pk, by=JOB)

    assert list(BudgetWarning.objects.order_by("percent").values_list("percent", flat=True)) == [
        10, 50,
    ]  # fmt: skip


def test_one_person_does_not_release_what_they_asked_for(clerk):
    budget = ask_budget("2026", ceiling=100, why="Vote", by=clerk, **YEAR)

    with pytest.raises(SamePerson):
        release_budget(budget, by=clerk)
    assert not BudgetGuard.objects.exists()


def test_a_refused_budget_is_not_released(clerk, head):
    budget = ask_budget("2026", ceiling=100, why="Vote", by=clerk, **YEAR)
    refuse_budget(budget, by=head)

    with pytest.raises(IllegalMove):
        release_budget(Budget.objects.get(), by=head)


def test_a_ceiling_is_not_set_below_what_was_awarded(in_force, people, clerk, head):
    in_force(500)
    for person in people(3):
        judge_days(person, [ERA], by=JOB)
    less = ask_budget("2026", ceiling=200, why="Cut", by=clerk, **YEAR)

    with pytest.raises(CeilingBelowSpent):
        release_budget(less, by=head)
    assert Budget.objects.in_force().get().ceiling == 500


def test_a_lower_ceiling_above_it_is(in_force, people):
    in_force(500)
    for person in people(3):
        judge_days(person, [ERA], by=JOB)

    assert left(in_force(320)) == 20


def test_another_budget_cannot_cover_the_same_days(in_force, clerk, head):
    in_force(500)
    other = ask_budget(
        "autumn", first_on=date(2026, 9, 1), last_on=date(2027, 2, 1), ceiling=9, why="x", by=clerk
    )

    with pytest.raises(BudgetsOverlap):
        release_budget(other, by=head)
    assert Budget.objects.in_force().get().code == "2026"


def test_a_version_keeps_its_days(in_force, clerk):
    in_force(500)

    with pytest.raises(BudgetKeepsItsDays):
        ask_budget(
            "2026", first_on=date(2026, 1, 1), last_on=date(2026, 11, 30), ceiling=9, why="x",
            by=clerk,
        )  # fmt: skip


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_keeps_budgets_in_shape(in_force, clerk, head, people):
    budget = in_force(500)
    row = {"requested_by": clerk, "status": "asked", "why": "x", **YEAR}

    def make(**fields):
        return lambda: Budget.objects.create(**{**row, "code": "b", "ceiling": 1, **fields})

    violates("one_budget_per_version", make(code="2026"))
    violates("a_budget_is_more_than_nothing", make(ceiling=0))
    violates("a_budget_ends_after_it_starts", make(last_on=date(2025, 1, 1)))
    violates("a_budget_in_force_was_decided", make(status="refused"))
    violates("budget_needs_two_people", make(
        status="refused", decided_by=clerk, decided_at="2026-01-01T00Z"))  # fmt: skip
    violates("budget_decision_says_when", make(status="refused", decided_by=head))
    violates("one_budget_per_day", make(
        status="released", decided_by=head, decided_at="2026-01-01T00Z"))  # fmt: skip
    tills = BudgetTill.objects.filter(budget=budget)
    violates("one_till_per_place", lambda: BudgetTill.objects.create(budget=budget, place=0))
    violates("tills_are_never_overdrawn", lambda: tills.update(left=-1))
    violates("a_guard_knows_the_largest", lambda: BudgetGuard.objects.update(largest=0))
    BudgetWarning.objects.create(budget=budget, percent=1)
    violates(
        "one_warning_per_share", lambda: BudgetWarning.objects.create(budget=budget, percent=1)
    )
    (walker,) = people(1)
    wait = {
        "participation": walker.participations.get(), "participant": walker, "item": "walking_day",
        "period": ERA,
    }  # fmt: skip
    violates("a_wait_is_for_something", lambda: Unfunded.objects.create(points=0, **wait))
    Unfunded.objects.create(points=100, **wait)
    violates("one_wait_per_earning_fact", lambda: Unfunded.objects.create(points=100, **wait))


@pytest.mark.parametrize("change", [{"ceiling": 9}, {"first_on": date(2026, 2, 1)}, {"version": 9}])
def test_the_terms_of_a_budget_are_never_edited(in_force, change):
    from django.db import DatabaseError

    in_force(500)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Budget.objects.update(**change)


def test_budgets_are_never_deleted(in_force):
    from django.db import DatabaseError

    in_force(500)
    with pytest.raises(DatabaseError), transaction.atomic():
        Budget.objects.all()._raw_delete("default")

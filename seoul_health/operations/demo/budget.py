"""This year's budget, used up to 78 %, and who carries how much of what is paid out."""

from datetime import date

from points.models import Budget, CostShare
from points.services.budget_counts import watch_budget
from points.services.budget_outlook import foresee
from points.services.budgets import ask_budget, release_budget
from points.services.cost_shares import release_share
from points.services.spending import EARNED, add_up, daily
from seoul_health.core.models import StaffUser

from .plans import World
from .staff import LOADER

USED = 78
WEIGHTS = {"city": 50, "district": 30, "partner": 20}


def load_budget(world: World) -> int:
    """Put a budget into force that people have earned most of; give its ceiling."""
    add_up()
    load_shares(world)
    first, last = date(world.today.year, 1, 1), date(world.today.year, 12, 31)
    earned = sum(daily(EARNED, first, last).values())
    if not earned:
        return 0
    budget = ask_budget(
        str(first.year),
        first_on=first,
        last_on=last,
        ceiling=earned * 100 // USED,
        why="시의회 의결 예산",
        by=StaffUser.objects.get(username="finance"),
    )
    release_budget(budget, by=StaffUser.objects.get(username="approver"))
    watch_budget(budget.pk, by=LOADER)
    foresee(budget, by=LOADER)
    ask_more(budget)
    return budget.ceiling


def ask_more(budget: Budget) -> None:
    """Leave a request open for the second person."""
    ask_budget(
        budget.code,
        first_on=budget.first_on,
        last_on=budget.last_on,
        ceiling=budget.ceiling * 5 // 4,
        why="추가경정예산 반영",
        by=StaffUser.objects.get(username="finance"),
    )


def load_shares(world: World) -> None:
    """Agree on who carries what is paid out, from the start of last year."""
    first = date(world.today.year - 1, 1, 1)
    drafter = StaffUser.objects.get(username="finance")
    share = CostShare.objects.create(
        code=f"share-{first.year}", effective_from=first, drafted_by=drafter
    )
    for party, weight in WEIGHTS.items():
        share.parts.create(party=party, weight=weight)
    release_share(share, by=StaffUser.objects.get(username="approver"))

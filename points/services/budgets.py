"""Budgets in force: asked for by one person, released by another; a change is a new version."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Min

from points.errors import BudgetKeepsItsDays, BudgetsOverlap, CeilingBelowSpent
from points.models import Budget, BudgetGuard, BudgetTill, Settlement, Unfunded
from points.rules.budgets import free_transfers
from points.rules.earning import WALKING_DAY, WALKING_WEEK
from points.services.activities import award_done
from points.services.budget_counts import empty_tills, largest_award, last_transfer
from points.services.settlement import settle_anew
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

Status, Mode = Budget.Status, BudgetGuard.Mode
KINDS = {WALKING_DAY: Settlement.Kind.DAY, WALKING_WEEK: Settlement.Kind.WEEK}
PERIODS_AT_ONCE, ACTIVITIES_AT_ONCE = 14, 500
USUAL_WARNINGS = (70, 80, 90)


@transaction.atomic
def ask_budget(
    code: str,
    *,
    first_on: date,
    last_on: date,
    ceiling: int,
    why: str,
    by: StaffUser,
    warn_at: Sequence[int] = USUAL_WARNINGS,
) -> Budget:
    """Ask for a budget, or for another ceiling of one that is known."""
    last = Budget.objects.filter(code=code).order_by("-version").first()
    if last and (last.first_on, last.last_on) != (first_on, last_on):
        raise BudgetKeepsItsDays(first=last.first_on, last=last.last_on)
    budget = Budget(
        code=code, version=last.version + 1 if last else 1, first_on=first_on, last_on=last_on,
        ceiling=ceiling, why=why, requested_by=by, status=Status.ASKED,
        warn_at=sorted(set(warn_at)),
    )  # fmt: skip
    budget.full_clean(exclude=["requested_at"], validate_constraints=False)
    budget.save()
    audit.record("requested", budget, by=by, ceiling=ceiling)
    return budget


@transaction.atomic
def release_budget(budget: Budget, *, by: StaffUser) -> None:
    """Put a budget into force, in the place of the version before, by a second person."""
    decided = budget.decided(by)
    running = BudgetGuard.objects.select_for_update(of=("self",)).select_related("budget")
    old = running.filter(budget__code=budget.code, budget__status=Status.RELEASED).first()
    guard = follow(old, budget) if old else BudgetGuard(budget=budget)
    if old:
        if budget.ceiling < guard.spent:
            raise CeilingBelowSpent(spent=f"{guard.spent:,}")
        old.budget.move(Status.SUPERSEDED, by=by)
        BudgetTill.objects.filter(budget=old.budget).delete()
        old.delete()
    with constraint("one_budget_per_day", BudgetsOverlap()):
        budget.move(Status.RELEASED, by=by, **decided)
    if guard.mode == Mode.CLOSING:
        guard.free_until, guard.largest = last_transfer(), largest_award()
    guard.save(force_insert=True)
    enqueue("points.watch_budgets")
    enqueue("points.fund_waiting")


def follow(old: BudgetGuard, budget: Budget) -> BudgetGuard:
    """Carry what was counted over to the next version; more money needs no new count."""
    guard = BudgetGuard(budget=budget, spent=old.spent, counted_to=old.counted_to)
    if old.mode == Mode.DRAWING:
        guard.spent = old.budget.ceiling - empty_tills(old.budget_id)
        guard.counted_to = last_transfer()
    elif old.mode == Mode.FREE and budget.ceiling >= old.budget.ceiling:
        more = free_transfers(budget.ceiling - old.spent, old.largest)
        guard.mode, guard.largest = Mode.FREE, old.largest
        guard.free_until = old.counted_to + more
    return guard


@transaction.atomic
def refuse_budget(budget: Budget, *, by: StaffUser, why: str = "") -> None:
    budget.move(Status.REFUSED, by=by, why=why, **budget.decided(by))


def fund_waiting(*, by: Actor) -> None:
    """Judge again what waits for money, the oldest first, as far as there is some."""
    for budget in Budget.objects.in_force():
        last = min(budget.last_on, clock.today() - timedelta(days=1))
        waiting = Unfunded.objects.waiting().filter(period__range=(budget.first_on, last))
        least = waiting.aggregate(points=Min("points"))["points"]
        if least is None or not has_room(budget, least):
            continue
        walked = waiting.filter(item__in=KINDS).order_by("period", "item")
        for period, item in walked.values_list("period", "item").distinct()[:PERIODS_AT_ONCE]:
            settle_anew(KINDS[item], period, by=by)
        done = waiting.exclude(item__in=KINDS).order_by("pk").select_related("participant")
        for row in done[:ACTIVITIES_AT_ONCE]:
            award_done(row.participant, row.item, row.period)


def has_room(budget: Budget, points: int) -> bool:
    if budget.guard.mode == Mode.FREE:
        return True
    return sum(budget.tills.values_list("left", flat=True)) >= points

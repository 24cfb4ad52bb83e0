"""Drafts of earning rules: written and changed as a whole, with their limits."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction

from points.errors import RuleCodeTaken, RuleNotDraft, RuleUnfit
from points.models import Award, EarningCap, EarningRule
from points.rules.drafting import Problem, problems
from points.rules.earning import Cap, Rule
from points.services.simulations import void_simulations
from seoul_health.core import audit, clock
from seoul_health.core.db import constraint
from seoul_health.core.models import StaffUser

TERMS = (
    "code", "effective_from", "goal", "senior_goal", "daily_points", "weekly_points",
    "weekly_days", "weekly_needs_weekend",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One term of a rule, before and after."""

    field: str
    before: Any
    after: Any


def rule_before(rule: Rule) -> Rule | None:
    """Give the released rule that a draft follows."""
    earlier = EarningRule.objects.released().filter(effective_from__lt=rule.effective_from)
    found = earlier.prefetch_related("caps").order_by("-effective_from").first()
    return found.as_rule() if found else None


def starts_after() -> date:
    """Give the day after which the next rule may begin: today, or the first day of the last."""
    newest = EarningRule.objects.released().order_by("-effective_from").first()
    today = clock.today()
    return max(today, newest.effective_from) if newest else today


def problems_of(rule: Rule) -> list[Problem]:
    return problems(rule, items=Award.Item.values, after=starts_after())


@transaction.atomic
def draft_rule(terms: Rule, *, by: StaffUser) -> EarningRule:
    """Write a draft with its limits."""
    check(terms)
    with constraint("points_earningrule_code_key", RuleCodeTaken(code=terms.code)):
        rule = EarningRule.objects.create(drafted_by=by, **values_of(terms))
    write_caps(rule, terms.caps)
    audit.record("drafted", rule, by=by)
    return rule


@transaction.atomic
def change_draft(rule: EarningRule, terms: Rule, *, by: StaffUser) -> None:
    """Write a draft anew. What was simulated was another rule; who writes last has drafted it."""
    held = EarningRule.objects.select_for_update().get(pk=rule.pk)
    if held.status != EarningRule.Status.DRAFT:
        raise RuleNotDraft
    changed = [change.field for change in differences(held.as_rule(), terms)]
    if not changed:
        return
    check(terms)
    rows = EarningRule.objects.filter(pk=held.pk)
    with constraint("points_earningrule_code_key", RuleCodeTaken(code=terms.code)):
        rows.update(drafted_by=by, **values_of(terms))
    held.caps.all().delete()
    write_caps(held, terms.caps)
    void_simulations(held, by=by)
    audit.record("changed", held, by=by, fields=changed)


@transaction.atomic
def discard_draft(rule: EarningRule, *, by: StaffUser) -> None:
    """Throw a draft away, with its simulations."""
    held = EarningRule.objects.select_for_update().get(pk=rule.pk)
    if held.status != EarningRule.Status.DRAFT:
        raise RuleNotDraft
    audit.record("discarded", held, by=by)
    held.delete()


def check(terms: Rule) -> None:
    if found := problems_of(terms):
        raise RuleUnfit(reasons=" ".join(str(problem.message) for problem in found))


def values_of(terms: Rule) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in TERMS}


def write_caps(rule: EarningRule, caps: tuple[Cap, ...]) -> None:
    EarningCap.objects.bulk_create(
        EarningCap(
            rule=rule, group=cap.group, items=list(cap.items), amount=cap.amount, period=cap.period
        )
        for cap in caps
    )


def differences(before: Rule | None, after: Rule) -> list[Change]:
    """Give every term that two rules do not share, limits one by one."""
    old = before or replace(after, caps=())
    found = [
        Change(name, getattr(old, name), getattr(after, name))
        for name in TERMS
        if before is None or getattr(old, name) != getattr(after, name)
    ]
    return found + cap_changes(old, after)


def cap_changes(before: Rule, after: Rule) -> list[Change]:
    old, new = ({cap.group: cap for cap in rule.caps} for rule in (before, after))
    return [
        Change(f"cap:{group}", old.get(group), new.get(group))
        for group in dict.fromkeys([*old, *new])
        if old.get(group) != new.get(group)
    ]

"""A draft that has been simulated, the way its release asks for."""

from datetime import date, timedelta

from points.models import EarningCap, EarningRule, Simulation
from points.services.simulations import last_closed_day, plan_simulation, simulate
from seoul_health.core import clock
from seoul_health.core.models import StaffUser
from tests.conftest import JOB


def simulated(
    rule: EarningRule, *, first: date | None = None, last: date | None = None
) -> Simulation:
    last = last or last_closed_day()
    return simulate(plan_simulation(rule, first=first or last, last=last, by=JOB), by=JOB)


def draft_like(code: str, *, by: StaffUser, starts_in: int = 30, **changes: object) -> EarningRule:
    """Copy a rule into a draft, but for some terms."""
    rule = EarningRule.objects.get(code=code)
    caps = list(rule.caps.all())
    rule.pk, rule.code, rule.status = None, f"draft-{code}", "draft"
    rule.effective_from = clock.today() + timedelta(days=starts_in)
    rule.effective_to = rule.released_at = rule.released_by = None
    rule.drafted_by = by
    for name, value in changes.items():
        setattr(rule, name, value)
    rule.save()
    for cap in caps:
        EarningCap.objects.create(
            rule=rule, group=cap.group, items=cap.items, amount=cap.amount, period=cap.period
        )
    return rule

"""The released earning rules, in their pure form, and how a rule comes into force."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from points.errors import RulesOverlap, RuleStartsTooSoon, SamePerson, SimulationMissing
from points.models import Campaign, EarningRule, Simulation
from points.rules.earning import Rule
from points.rules.simulating import fingerprint
from seoul_health.core import clock
from seoul_health.core.db import constraint
from seoul_health.core.models import StaffUser

# One scalar to select along with other facts: it changes with every released rule and campaign.
VERSION = """(SELECT concat_ws(' ', count(*), max(id), max(released_at), (
    SELECT concat_ws(' ', count(*), max(id), max(decided_at), max(closed_at))
    FROM points_campaign WHERE status <> 'draft'))
FROM points_earningrule WHERE status = 'released')"""


@dataclass(frozen=True, slots=True)
class Rulebook:
    rules: tuple[Rule, ...]
    ids: dict[str, int]
    campaigns: tuple[Campaign, ...] = ()


_known: tuple[str, Rulebook] = ("", Rulebook((), {}))


def read_rulebook() -> Rulebook:
    """Read every released rule and every campaign that still gives places."""
    rows = list(EarningRule.objects.released().prefetch_related("caps"))
    return Rulebook(
        tuple(row.as_rule() for row in rows),
        {row.code: row.pk for row in rows},
        tuple(Campaign.objects.released().order_by("pk")),
    )


def rulebook_at(version: str) -> Rulebook:
    """Give the rules of a version just read, from memory when it is the one in memory."""
    global _known
    kept, book = _known
    if kept != version:
        book = read_rulebook()
        _known = (version, book)
    return book


def known_campaigns() -> tuple[Campaign, ...]:
    """Give the campaigns of the rules last read; whoever just judged a day has read them."""
    return _known[1].campaigns


@transaction.atomic
def release_rule(rule: EarningRule, *, by: StaffUser) -> None:
    """Put a drafted and simulated rule into force, by a second person, for days still to come."""
    if rule.drafted_by_id == by.pk:
        raise SamePerson
    if rule.status == EarningRule.Status.DRAFT and not is_simulated(rule):
        raise SimulationMissing
    today = clock.today()
    if rule.effective_from <= today:
        raise RuleStartsTooSoon(day=today)
    last = rule.effective_from - timedelta(days=1)
    running = EarningRule.objects.open_ended().filter(effective_from__lt=rule.effective_from)
    running.update(effective_to=last)
    with constraint("one_released_rule_per_day", RulesOverlap()):
        rule.move(EarningRule.Status.RELEASED, by=by, released_by=by, released_at=clock.now())


def is_simulated(rule: EarningRule) -> bool:
    """Tell whether exactly this draft has been tried; whoever changes it meanwhile waits."""
    held = EarningRule.objects.select_for_update().get(pk=rule.pk)
    done = held.simulations.filter(status=Simulation.Status.DONE)
    return done.filter(fingerprint=fingerprint(held.as_rule())).exists()

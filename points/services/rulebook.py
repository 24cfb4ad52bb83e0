"""The released earning rules, in their pure form, and how a rule comes into force."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from points.errors import RulesOverlap, RuleStartsTooSoon, SamePerson
from points.models import EarningRule
from points.rules.earning import Rule
from seoul_health.core import clock
from seoul_health.core.db import constraint
from seoul_health.core.models import StaffUser

# One scalar to select along with other facts: it changes whenever a rule is released.
VERSION = """(SELECT concat_ws(' ', count(*), max(id), max(released_at))
FROM points_earningrule WHERE status = 'released')"""


@dataclass(frozen=True, slots=True)
class Rulebook:
    rules: tuple[Rule, ...]
    ids: dict[str, int]


_known: tuple[str, Rulebook] = ("", Rulebook((), {}))


def read_rulebook() -> Rulebook:
    """Read every released rule."""
    rows = list(EarningRule.objects.released().prefetch_related("caps"))
    return Rulebook(tuple(row.as_rule() for row in rows), {row.code: row.pk for row in rows})


def rulebook_at(version: str) -> Rulebook:
    """Give the rules of a version just read, from memory when it is the one in memory."""
    global _known
    kept, book = _known
    if kept != version:
        book = read_rulebook()
        _known = (version, book)
    return book


@transaction.atomic
def release_rule(rule: EarningRule, *, by: StaffUser) -> None:
    """Put a drafted rule into force, by a second person, for days still to come."""
    if rule.drafted_by_id == by.pk:
        raise SamePerson
    today = clock.today()
    if rule.effective_from <= today:
        raise RuleStartsTooSoon(day=today)
    last = rule.effective_from - timedelta(days=1)
    running = EarningRule.objects.open_ended().filter(effective_from__lt=rule.effective_from)
    running.update(effective_to=last)
    with constraint("one_released_rule_per_day", RulesOverlap()):
        rule.move(EarningRule.Status.RELEASED, by=by, released_by=by, released_at=clock.now())

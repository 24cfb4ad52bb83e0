"""What still stands between a draft round and its announcement, as a list to tick off."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from participants.models import EligibilityRule, Lane, RecruitmentRound
from participants.rules import round_shape
from participants.rules.eligibility import BASES, EVIDENCE, Failure
from participants.rules.round_shape import LaneShape, QuotaShape
from seoul_health.core import clock


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a round needs before citizens are told of it."""

    code: str
    sentence: str | Promise
    is_met: bool
    fields: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.sentence).format(**self.fields)


def checks(round_: RecruitmentRound) -> list[Check]:
    """List everything a round needs, met or not."""
    lanes = list(round_.lanes.order_by("pk").prefetch_related("quotas"))
    rules = list(round_.rules.released().order_by("effective_from", "pk"))
    return [
        Check("has_lanes", _("There is at least one lane."), bool(lanes)),
        *[seats_check(lane) for lane in lanes],
        *[Check(failure.code, str(failure), False) for failure in shape_failures(lanes)],
        *rule_checks(rules, lanes),
        *date_checks(round_, lanes),
    ]


def missing(round_: RecruitmentRound) -> list[Check]:
    return [check for check in checks(round_) if not check.is_met]


def seats_check(lane: Lane) -> Check:
    seats = sum(quota.seats for quota in lane.quotas.all())
    sentence = _("The lane “{lane}” has seats.")
    return Check("has_seats", sentence, seats > 0, {"lane": lane.get_kind_display()})


def shape_failures(lanes: list[Lane]) -> Iterator[Failure]:
    for lane in lanes:
        yield from round_shape.lane_failures(shape_of(lane))


def shape_of(lane: Lane) -> LaneShape:
    """Give the plain form of a lane and its quotas."""
    return LaneShape(
        name=str(lane.get_kind_display()),
        method=lane.method,
        opens_at=lane.opens_at,
        closes_at=lane.closes_at,
        offer_hours=lane.offer_hours,
        weekdays=lane.weekdays,
        quotas=[
            QuotaShape(
                code=quota.code,
                group=quota.group,
                value=quota.value,
                seats=quota.seats,
                spill_order=quota.spill_order,
                opens_at=quota.opens_at,
                closes_at=quota.closes_at,
            )
            for quota in lane.quotas.all()
        ],
    )


def rule_checks(rules: list[EligibilityRule], lanes: list[Lane]) -> Iterator[Check]:
    opens = min((clock.seoul_day(lane.opens_at) for lane in lanes), default=None)
    in_force = [rule for rule in rules if opens is None or rule.effective_from <= opens]
    sentence = _("A rule is in force on the day the first lane opens.")
    yield Check("has_rule", sentence, bool(in_force))
    for rule in rules:
        for failure in rule_failures(rule):
            yield Check(failure.code, str(failure), False)


def rule_failures(rule: EligibilityRule) -> Iterator[Failure]:
    """Judge a version of the rules by itself."""
    if not rule.bases:
        yield Failure("no_bases", _("A rule must let somebody apply."))
    if rule.max_age is not None and rule.max_age < rule.min_age:
        yield Failure("ages_backwards", _("The oldest age must not be below the youngest."))
    if rule.effective_to and rule.effective_to < rule.effective_from:
        yield Failure("rule_backwards", _("A rule must not end before it starts."))
    if not are_papers(rule.evidence_needed):
        sentence = _("Papers needed must name papers we know for each way to apply.")
        yield Failure("papers_wrong", sentence)


def are_papers(needed: object) -> bool:
    return isinstance(needed, dict) and all(
        basis in BASES and isinstance(kinds, list) and set(map(str, kinds)) <= set(EVIDENCE)
        for basis, kinds in needed.items()
    )


def date_checks(round_: RecruitmentRound, lanes: list[Lane]) -> Iterator[Check]:
    last = max((clock.seoul_day(lane.closes_at) for lane in lanes), default=None)
    sentence = _("Every lane closes before participation ends.")
    yield Check("closes_in_time", sentence, last is None or last <= round_.ends_on)

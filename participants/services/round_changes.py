"""The only changes to a round that was announced: one person proposes, another decides."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from participants.errors import (
    ChangeWaits,
    EndsNoLater,
    NotWhileDraft,
    RuleTooEarly,
    RuleUnfit,
    SamePerson,
    WindowOver,
)
from participants.models import EligibilityRule, Lane, Quota, RecruitmentRound, RoundChange
from participants.services.round_checks import rule_failures
from seoul_health.core import audit, clock
from seoul_health.core.db import constraint
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser

Status = RoundChange.Status
TAKING = (RecruitmentRound.Status.ANNOUNCED, RecruitmentRound.Status.OPEN)


@dataclass(frozen=True)
class RuleTerms:
    """What a version of the rules asks, apart from its round and number."""

    effective_from: date
    reference_date: date
    min_age: int
    bases: list[str]
    max_age: int | None = None
    evidence_needed: dict[str, list[str]] = field(default_factory=dict)
    no_unreturned_watch: bool = True
    no_live_participation: bool = True


@transaction.atomic
def extend_window(lane: Lane, *, closes_at: datetime, reason: str, by: StaffUser) -> RoundChange:
    """Propose a later end of a lane that still takes applications."""
    check_reason(reason)
    lane = lock_lane(lane.pk)
    check_end(lane, closes_at)
    with constraint("one_open_change_per_lane", ChangeWaits()):
        change = RoundChange.objects.create(
            round=lane.round,
            kind=RoundChange.Kind.WINDOW,
            lane=lane,
            closed_at_before=lane.closes_at,
            closes_at=closes_at,
            reason=reason.strip(),
            proposed_by=by,
        )
    audit.record("proposed", lane.round, by=by, change=str(change), why=reason)
    return change


@transaction.atomic
def propose_rule(
    round_: RecruitmentRound, *, terms: RuleTerms, reason: str, by: StaffUser
) -> RoundChange:
    """Propose a version of the rules for days still to come."""
    check_reason(reason)
    round_ = RecruitmentRound.objects.select_for_update().get(pk=round_.pk)
    if round_.status == RecruitmentRound.Status.DRAFT:
        raise NotWhileDraft
    check_day(round_, terms.effective_from)
    rule = EligibilityRule(
        round=round_,
        version=(round_.rules.aggregate(last=Max("version"))["last"] or 0) + 1,
        status=EligibilityRule.Status.PROPOSED,
        **vars(terms),
    )
    if failures := list(rule_failures(rule)):
        raise RuleUnfit(reasons=" ".join(map(str, failures)))
    rule.save(force_insert=True)
    change = RoundChange.objects.create(
        round=round_,
        kind=RoundChange.Kind.RULE,
        rule=rule,
        reason=reason.strip(),
        proposed_by=by,
    )
    audit.record("proposed", round_, by=by, change=str(change), why=reason)
    return change


@transaction.atomic
def apply_change(change: RoundChange, *, by: StaffUser) -> None:
    """Let a proposal come true; never by whoever proposed it."""
    if change.proposed_by_id == by.pk:
        raise SamePerson
    decide(change, to=Status.APPLIED, by=by)
    if change.kind == RoundChange.Kind.WINDOW:
        move_end(change)
    else:
        release(change, by=by)
    audit.record("changed", change.round, by=by, change=str(change), why=change.reason)


@transaction.atomic
def drop_change(change: RoundChange, *, by: StaffUser) -> None:
    """Put a proposal aside; whoever made it may do this too."""
    decide(change, to=Status.DROPPED, by=by)
    if change.rule is not None:
        change.rule.move(EligibilityRule.Status.DROPPED, by=by)


def decide(change: RoundChange, *, to: str, by: StaffUser) -> None:
    change.move(to, by=by, why=change.reason, decided_by=by, decided_at=clock.now())


def move_end(change: RoundChange) -> None:
    """Write the later end into the lane, and into the waves that ended with it."""
    assert change.lane_id is not None, "a longer window names its lane"
    lane = lock_lane(change.lane_id)
    assert change.closes_at is not None, "a longer window says until when"
    check_end(lane, change.closes_at)
    Lane.objects.filter(pk=lane.pk).update(closes_at=change.closes_at)
    waves = Quota.objects.filter(lane=lane, closes_at=change.closed_at_before)
    waves.update(closes_at=change.closes_at)


def release(change: RoundChange, *, by: StaffUser) -> None:
    rule = change.rule
    assert rule is not None, "a change of the rules names its version"
    RecruitmentRound.objects.select_for_update().get(pk=change.round_id)
    check_day(change.round, rule.effective_from)
    rule.move(EligibilityRule.Status.RELEASED, by=by)


def lock_lane(pk: int) -> Lane:
    lanes = Lane.objects.select_for_update(of=("self",)).select_related("round")
    return lanes.get(pk=pk)


def check_reason(reason: str) -> None:
    if len(reason.strip()) < 5:
        raise ReasonNeeded


def check_end(lane: Lane, closes_at: datetime) -> None:
    """Refuse an end that is no later, is past, or comes when nobody can apply any more."""
    now = clock.now()
    if lane.round.status not in TAKING or lane.closes_at <= now:
        raise WindowOver
    last = clock.day_ends(lane.round.ends_on)
    if not lane.closes_at < closes_at <= last:
        raise EndsNoLater(before=local(lane.closes_at), last=local(last))


def local(moment: datetime) -> str:
    return f"{moment.astimezone(clock.KST):%Y-%m-%d %H:%M}"


def check_day(round_: RecruitmentRound, day: date) -> None:
    """Refuse a version for days that have come, or before a version that is released."""
    latest = round_.rules.released().aggregate(day=Max("effective_from"))["day"]
    if day <= max(clock.today(), latest or clock.today()):
        raise RuleTooEarly(day=max(clock.today(), latest or clock.today()))


def history(round_: RecruitmentRound) -> list[dict[str, Any]]:
    """Tell everybody what became of a round since it was announced, newest first."""
    changes = round_.changes.applied().select_related("lane", "rule")
    return [told(change) for change in changes]


def told(change: RoundChange) -> dict[str, Any]:
    return {
        "at": change.decided_at,
        "kind": change.kind,
        "lane": change.lane.kind if change.lane else None,
        "before": change.closed_at_before,
        "closes_at": change.closes_at,
        "rule_version": change.rule.version if change.rule else None,
        "effective_from": change.rule.effective_from if change.rule else None,
        "reason": change.reason,
    }

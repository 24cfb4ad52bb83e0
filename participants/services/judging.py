"""Puts the facts about an applicant before the rules of a round."""

from collections.abc import Mapping
from datetime import date, datetime

from participants.errors import NoRuleInForce, NotEligible, OutsideWindow, RoundNotOpen
from participants.models import (
    Application,
    EligibilityRule,
    EvidenceDocument,
    Lane,
    Participant,
    Participation,
    Quota,
    RecruitmentRound,
)
from participants.rules import eligibility
from participants.rules.eligibility import Applicant, Failure, Rule
from participants.rules.groups import group_failure
from participants.services.identity import birth_date_of
from participants.signals import unreturned_watch_asked
from seoul_health.core import clock

# The sweep that opens a round may be late; the window itself is not.
TAKING = (RecruitmentRound.Status.ANNOUNCED, RecruitmentRound.Status.OPEN)
UNDECIDED = (
    Application.Status.DRAFT,
    Application.Status.SUBMITTED,
    Application.Status.UNDER_REVIEW,
    Application.Status.ON_HOLD,
)


def rule_in_force(round_: RecruitmentRound, day: date | None = None) -> EligibilityRule | None:
    """Give the rule of a round in force on a day, or today; of several, the one that came last."""
    asked = day or clock.today()
    in_force = [rule for rule in round_.rules.all() if rule.is_in_force(asked)]
    return max(in_force, key=lambda rule: (rule.effective_from, rule.pk), default=None)


def rule_of(round_: RecruitmentRound) -> EligibilityRule:
    """Give the rule of a round that is in force today, or refuse."""
    rule = rule_in_force(round_)
    if rule is None:
        raise NoRuleInForce
    return rule


def judge(application: Application, rule: EligibilityRule, *, with_papers: bool) -> list[Failure]:
    """List what an application fails; papers may follow after it was submitted."""
    terms = terms_of(rule, with_papers=with_papers)
    facts = application.facts or applicant_of(application)
    failures = eligibility.failed_rules(facts, terms)
    outsider = outside_group(application, rule)
    return [*failures, outsider] if outsider else failures


def terms_of(rule: EligibilityRule, *, with_papers: bool) -> Rule:
    return Rule(
        min_age=rule.min_age,
        max_age=rule.max_age,
        reference_date=rule.reference_date,
        bases=frozenset(rule.bases),
        evidence_needed=papers_of(rule) if with_papers else {},
        no_unreturned_watch=rule.no_unreturned_watch,
        no_live_participation=rule.no_live_participation,
        residence_proven=with_papers,
    )


def papers_of(rule: EligibilityRule) -> dict[str, frozenset[str]]:
    return {basis: frozenset(kinds) for basis, kinds in rule.evidence_needed.items()}


def open_failures(application: Application) -> list[str]:
    """Say what still stands in an application's way, or what it was rejected for."""
    rule = application.rule or rule_in_force(application.round)
    undecided = application.status in UNDECIDED
    if rule is None or not (undecided or application.failed_rules):
        return []
    failures = judge(application, rule, with_papers=True)
    return [
        str(failure)
        for failure in failures
        if undecided or failure.code in application.failed_rules
    ]


def applicant_of(application: Application) -> Applicant:
    participant = application.participant
    live = Participation.objects.live().filter(participant=participant)
    return Applicant(
        birth_date=birth_date_of(participant),
        basis=application.basis,
        district=participant.district,
        evidence=papers_seen(application),
        holds_unreturned_watch=holds_watch(participant, keeps=bool(application.continues_id)),
        has_live_participation=live.exclude(pk=application.continues_id or 0).exists(),
        residence_verified=participant.is_resident,
    )


def papers_seen(application: Application) -> frozenset[str]:
    """Name the kinds of papers seen; whoever goes on need not send again what was approved."""
    own = application.evidence.values_list("kind", flat=True) if application.pk else ()
    if application.continues_id is None:
        return frozenset(own)
    earlier = EvidenceDocument.objects.filter(
        application__participation=application.continues_id, frozen_at__isnull=False
    )
    return frozenset(own) | frozenset(earlier.values_list("kind", flat=True))


def holds_watch(participant: Participant, *, keeps: bool = False) -> bool:
    """Ask about watches; who goes on keeps the one in use, but still owes a lost one."""
    answers = unreturned_watch_asked.send(sender=Participant, participant=participant, keeps=keeps)
    return any(answer for _receiver, answer in answers)


def outside_group(application: Application, rule: EligibilityRule) -> Failure | None:
    quota = application.quota
    if quota is None:
        return None
    return group_failure(
        quota.group,
        quota.value,
        birth=birth_date_of(application.participant),
        district=application.participant.district,
        day=rule.reference_date,
    )


def check_rules(application: Application, *, with_papers: bool) -> EligibilityRule:
    """Give the rule that lets the application pass, or refuse with every reason."""
    rule = rule_of(application.round)
    if failures := judge(application, rule, with_papers=with_papers):
        raise NotEligible(failures)
    return rule


def check_round(lane: Lane, *, now: datetime) -> None:
    """Refuse what comes after the last moment, or to a round that takes nobody."""
    if lane.round.status not in TAKING:
        raise RoundNotOpen
    late = eligibility.window_failure(max(now, lane.opens_at), lane.opens_at, lane.closes_at)
    if late:
        raise OutsideWindow(late)


def check_window(
    lane: Lane, participant: Participant, *, quota: Quota | None = None, now: datetime
) -> None:
    """Refuse whoever comes too early, too late or on another age group's day."""
    check_round(lane, now=now)
    opens_at, closes_at = window_of(lane, quota)
    failure = eligibility.window_failure(now, opens_at, closes_at)
    if failure is None and goes_by_weekday(lane, quota):
        failure = eligibility.weekday_failure(
            birth_date_of(participant), now, weekdays=weekdays_of(lane)
        )
    if failure:
        raise OutsideWindow(failure)


def window_of(lane: Lane, quota: Quota | None) -> tuple[datetime, datetime]:
    """Give the window of a wave or special day, within that of its lane."""
    opens_at = quota and quota.opens_at
    closes_at = quota and quota.closes_at
    return (
        max(opens_at or lane.opens_at, lane.opens_at),
        min(closes_at or lane.closes_at, lane.closes_at),
    )


def goes_by_weekday(lane: Lane, quota: Quota | None) -> bool:
    """Tell whether decades have their weekdays; a special day is for all ages of its group."""
    if lane.method != Lane.Method.WEEKDAY_BY_BIRTH_YEAR:
        return False
    return quota is None or quota.opens_at is None or quota.group == Quota.Group.GENERAL


def weekdays_of(lane: Lane) -> Mapping[int, int]:
    named = {int(decade): int(day) for decade, day in lane.weekdays.items()}
    return named or eligibility.WEEKDAYS_BY_DECADE

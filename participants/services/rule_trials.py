"""Rules tried on everybody who applied before: who would pass, who not, and by which rule."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from participants.errors import NoRounds, RuleUnfit
from participants.models import (
    EligibilityRule,
    EvidenceDocument,
    Participation,
    RecruitmentRound,
    RuleTrial,
    TrialResult,
)
from participants.rules import eligibility
from participants.rules.bands import age_band
from participants.rules.eligibility import Rule, age_on, failed_rules
from participants.rules.words import in_words
from participants.services.judging import terms_of
from participants.services.round_checks import rule_failures
from participants.services.round_counts import Applicant, run
from participants.signals import watch_holders_asked
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

Outcome = TrialResult.Outcome
ASKED = (
    "min_age", "max_age", "bases", "evidence_needed", "no_unreturned_watch",
    "no_live_participation",
)  # fmt: skip
RULES: Mapping[str, Promise] = {
    "too_young": _("Too young"),
    "too_old": _("Too old"),
    "basis_not_accepted": _("Basis not accepted"),
    "not_resident": _("Not a resident"),
    "evidence_missing": _("Papers missing"),
    "watch_not_returned": _("Watch not returned"),
    "already_taking_part": _("Already taking part"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What else is known of the applicants of a chunk."""

    papers: dict[int, frozenset[str]]
    stays: dict[int, list[tuple[int, date, date]]]
    holders: frozenset[int]


@transaction.atomic
def plan_trial(
    name: str, *, rule: EligibilityRule, rounds: Iterable[RecruitmentRound], by: StaffUser
) -> RuleTrial:
    """Ask for rules, drafted or of some version, to be tried on the applicants of past rounds."""
    chosen = list(rounds)
    if not chosen:
        raise NoRounds
    if failures := list(rule_failures(rule)):
        raise RuleUnfit(reasons=" ".join(map(str, failures)))
    terms = {key: getattr(rule, key) for key in ASKED}
    terms["reference_date"] = rule.reference_date.isoformat()
    trial = RuleTrial.objects.create(name=name, terms=terms, asked_by=by)
    trial.rounds.set(chosen)
    audit.record("planned", trial, by=by, rounds=[row.code for row in chosen])
    enqueue("participants.run_rule_trial", trial.pk)
    return trial


def run_trial(trial: RuleTrial, *, by: Actor) -> None:
    """Try the rules to the end; a second worker finds the trial taken or finished."""
    rounds = list(trial.rounds.values_list("pk", flat=True))
    real = rules_of(rounds)
    tried = rule_from(trial.terms)

    def count(row: RuleTrial, chunk: list[Applicant]) -> None:
        count_chunk(row, chunk, tried, real)

    run(trial, count, lambda row: None, rounds, by=by)


def rule_from(terms: dict[str, Any]) -> Rule:
    return Rule(
        min_age=terms["min_age"],
        max_age=terms["max_age"],
        reference_date=date.fromisoformat(terms["reference_date"]),
        bases=frozenset(terms["bases"]),
        evidence_needed={
            basis: frozenset(kinds) for basis, kinds in terms["evidence_needed"].items()
        },
        no_unreturned_watch=terms["no_unreturned_watch"],
        no_live_participation=terms["no_live_participation"],
    )


def said(trial: RuleTrial) -> list[str]:
    """Say the rules that are tried in words."""
    day = date.fromisoformat(trial.terms["reference_date"])
    return in_words(EligibilityRule(**(trial.terms | {"reference_date": day})))


def rules_of(rounds: list[int]) -> dict[int, list[EligibilityRule]]:
    """Give the released versions of each round, newest first."""
    found: dict[int, list[EligibilityRule]] = defaultdict(list)
    versions = EligibilityRule.objects.released().filter(round__in=rounds)
    for rule in versions.order_by("-effective_from", "-pk"):
        found[rule.round_id].append(rule)
    return found


def really(applicant: Applicant, rules: dict[int, list[EligibilityRule]]) -> Rule:
    """Give the rules that were in force when somebody applied."""
    versions = rules[applicant.round]
    day = clock.seoul_day(applicant.submitted_at)
    judged = next((rule for rule in versions if rule.pk == applicant.rule), None)
    then = next((rule for rule in versions if rule.effective_from <= day), versions[-1])
    return terms_of(judged or then, with_papers=True)


def count_chunk(
    trial: RuleTrial,
    chunk: list[Applicant],
    tried: Rule,
    real: dict[int, list[EligibilityRule]],
) -> None:
    facts, results = facts_of(chunk), []
    for one in chunk:
        known = as_applicant(one, facts)
        now = [failure.code for failure in failed_rules(known, tried)]
        before = [failure.code for failure in failed_rules(known, really(one, real))]
        band = age_band(age_on(one.born, tried.reference_date))
        tally(trial.counts, one, now, band)
        if outcome := outcome_of(now, before):
            add(trial.counts, "outcomes", outcome)
            results.append(
                TrialResult(
                    trial=trial,
                    application_id=one.application,
                    outcome=outcome,
                    failed_rules=now,
                    failed_before=before,
                    district=one.district,
                    age_band=band,
                )
            )
    TrialResult.objects.bulk_create(results, batch_size=1_000)


def outcome_of(now: list[str], before: list[str]) -> str:
    if now:
        return Outcome.STILL_FAILS if before else Outcome.NEWLY_FAILS
    return Outcome.NEWLY_PASSES if before else ""


def tally(counts: dict[str, Any], one: Applicant, failed: list[str], band: str) -> None:
    word = "fails" if failed else "passes"
    add(counts, "all", word)
    add(counts, f"district {word}", one.district or "–")
    add(counts, f"age {word}", band)
    for code in failed:
        add(counts, "rules", code)


def add(counts: dict[str, Any], kind: str, value: str) -> None:
    group = counts.setdefault(kind, {})
    group[value] = group.get(value, 0) + 1


def as_applicant(one: Applicant, facts: Facts) -> eligibility.Applicant:
    return eligibility.Applicant(
        birth_date=one.born,
        basis=one.basis,
        district=one.district,
        evidence=facts.papers.get(one.application, frozenset()),
        holds_unreturned_watch=one.participant in facts.holders,
        has_live_participation=took_part(one, facts),
        residence_verified=one.is_resident,
    )


def took_part(one: Applicant, facts: Facts) -> bool:
    """Tell whether somebody was taking part in another round when they applied."""
    day = clock.seoul_day(one.submitted_at)
    stays = facts.stays.get(one.participant, ())
    return any(round_ != one.round and starts <= day <= ends for round_, starts, ends in stays)


def facts_of(chunk: list[Applicant]) -> Facts:
    """Read papers, earlier participations and watches of a whole chunk, a query each."""
    papers: dict[int, set[str]] = defaultdict(set)
    of_chunk = [one.application for one in chunk]
    documents = EvidenceDocument.objects.filter(application__in=of_chunk)
    for application, kind in documents.values_list("application", "kind"):
        papers[application].add(kind)
    people = list({one.participant for one in chunk})
    answers = watch_holders_asked.send(sender=RuleTrial, participants=people)
    return Facts(
        papers={application: frozenset(kinds) for application, kinds in papers.items()},
        stays=stays_of(people),
        holders=frozenset(all_of(answers)),
    )


def all_of(answers: Iterable[tuple[object, Any]]) -> Iterator[int]:
    return (person for _receiver, held in answers for person in held or ())


def stays_of(people: list[int]) -> dict[int, list[tuple[int, date, date]]]:
    stays: dict[int, list[tuple[int, date, date]]] = defaultdict(list)
    rows = Participation.objects.filter(participant__in=people)
    for person, round_, starts_on, ends_on, ended_at in rows.values_list(
        "participant", "round", "starts_on", "ends_on", "ended_at"
    ):
        last = min(ends_on, clock.seoul_day(ended_at)) if ended_at else ends_on
        stays[person].append((round_, starts_on, last))
    return stays

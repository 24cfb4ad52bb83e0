"""Writes down what was decided, on which facts, and keeps what it rests on from changing."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from participants.errors import ReasonUnfit
from participants.models import (
    Application,
    Decision,
    EligibilityRule,
    EvidenceDocument,
    Quota,
    ReasonCode,
)
from participants.rules.eligibility import age_on
from participants.services.identity import birth_date_of
from seoul_health.core import clock
from seoul_health.core.audit import Actor


def sentence_of(code: ReasonCode | None, note: str, *, use: str) -> str:
    """Say what the citizen reads: the sentence of the reason, and what staff added."""
    if code is None:
        return note
    if code.use != use or not code.is_active:
        raise ReasonUnfit(reason=code)
    return f"{code.sentence} {note}".strip()


def write_decision(
    application: Application,
    outcome: Decision.Outcome,
    *,
    rule: EligibilityRule | None,
    failed: Iterable[str] = (),
    by: Actor,
    at: datetime,
    code: ReasonCode | None = None,
    reason: str = "",
) -> Decision:
    """Keep a decision with its facts; a final one also freezes the papers."""
    decision = Decision.objects.create(
        **facts_of(application, rule),
        outcome=outcome,
        failed_rules=list(failed),
        evidence=[seen(paper) for paper in application.evidence.order_by("pk")],
        reason_code=code,
        reason=reason,
        decided_by=by.actor_name,
        decided_at=at,
    )
    if outcome != Decision.Outcome.ON_HOLD:
        freeze([application.pk], at=at)
    return decision


def facts_of(application: Application, rule: EligibilityRule | None) -> dict[str, Any]:
    """Gather what an application is judged on; the birth date stays where it is."""
    participant, quota = application.participant, application.quota
    day = rule.reference_date if rule else clock.today()
    special = quota is not None and quota.group != Quota.Group.GENERAL
    return {
        "application": application,
        "rule": rule,
        "age": age_on(birth_date_of(participant), day),
        "basis": application.basis,
        "district": participant.district,
        "is_resident": participant.is_resident,
        "group": quota.group if special and quota else "",
    }


def seen(paper: EvidenceDocument) -> dict[str, str]:
    return {
        "id": str(paper.public_id),
        "kind": paper.kind,
        "sha256": paper.kept_sha256 or paper.sha256,
    }


def freeze(applications: list[int], *, at: datetime) -> None:
    papers = EvidenceDocument.objects.filter(application__in=applications, frozen_at=None)
    papers.update(frozen_at=at)


def is_as_decided(decision: Decision) -> bool:
    """Tell whether every paper a decision rests on is still what was seen."""
    papers = {str(paper.public_id): paper for paper in decision.application.evidence.all()}
    return all(
        (paper := papers.get(line["id"])) is not None and digest_of(paper) == line["sha256"]
        for line in decision.evidence
    )


def digest_of(paper: EvidenceDocument) -> str:
    with paper.file.open("rb") as kept:
        return hashlib.sha256(kept.read()).hexdigest()

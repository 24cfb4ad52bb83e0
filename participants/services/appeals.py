"""Objections to a rejection: filed once, in time, and judged by somebody else."""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from participants.errors import (
    AppealedAlready,
    AppealTooLate,
    NothingToAppeal,
    SomebodyElseDecides,
)
from participants.models import Appeal, Application, Decision, ReasonCode
from participants.services.decisions import sentence_of
from participants.services.notices import tell_applicant
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser

Status = Appeal.Status


@transaction.atomic
def file_appeal(application: Application, *, text: str, by: Actor) -> Appeal:
    """Object to the last decision, which must be a rejection not too long ago."""
    decision = application.decisions.order_by("-pk").first()
    rejected = application.status == Application.Status.REJECTED
    if decision is None or not rejected or decision.outcome != Decision.Outcome.REJECTED:
        raise NothingToAppeal
    if clock.today() > last_day(decision):
        raise AppealTooLate(day=last_day(decision))
    with constraint("participants_appeal_decision_id_key", AppealedAlready()):
        appeal = Appeal.objects.create(decision=decision, text=text)
    audit.record("filed", appeal, by=by, application=application.receipt_no)
    tell_applicant(application, "appeal_received", key=f":{appeal.pk}")
    return appeal


def last_day(decision: Decision) -> date:
    """Give the last day on which a decision can be appealed."""
    return clock.seoul_day(decision.decided_at) + timedelta(days=settings.APPEAL_DAYS)


def can_appeal_until(application: Application) -> date | None:
    """Give the last day for an appeal that is still possible."""
    if application.status != Application.Status.REJECTED:
        return None
    decision = application.decisions.order_by("-pk").first()
    if decision is None or Appeal.objects.filter(decision=decision).exists():
        return None
    return last_day(decision) if clock.today() <= last_day(decision) else None


def take(appeal: Appeal, *, by: StaffUser) -> None:
    """Start to judge an appeal; not one's own decision."""
    if appeal.decision.decided_by == by.actor_name:
        raise SomebodyElseDecides
    appeal.move(Status.UNDER_REVIEW, by=by, handler=by)


@transaction.atomic
def uphold(appeal: Appeal, *, by: Actor, code: ReasonCode | None = None, note: str = "") -> None:
    """Agree with the citizen: the application comes back to the desk on its old place."""
    close(appeal, Status.UPHELD, by=by, code=code, note=note)
    application = appeal.decision.application
    application.move(
        Application.Status.UNDER_REVIEW,
        by=by,
        why=str(appeal),
        decided_at=None,
        reason="",
        reason_code=None,
        failed_rules=[],
    )


@transaction.atomic
def dismiss(appeal: Appeal, *, by: Actor, code: ReasonCode | None = None, note: str = "") -> None:
    """Stand by the decision, and say why."""
    close(appeal, Status.DISMISSED, by=by, code=code, note=note)


def close(appeal: Appeal, to: Status, *, by: Actor, code: ReasonCode | None, note: str) -> None:
    answer = sentence_of(code, note.strip(), use=ReasonCode.Use.APPEAL)
    if not answer:
        raise ReasonNeeded
    with constraint("somebody_else_decides_an_appeal", SomebodyElseDecides()):
        appeal.move(
            to,
            by=by,
            why=answer,
            answer=answer,
            reason_code=code,
            decided_by=by.actor_name,
            decided_at=clock.now(),
        )
    tell_applicant(appeal.decision.application, "appeal_decided", key=f":{appeal.pk}")

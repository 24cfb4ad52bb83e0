"""Whether the wallet operator answers: one state in the database, shared by every worker.

A few silences in a row open the breaker: then one worker at a time tries the operator, with longer
and longer pauses, and everything else waits. A refusal of a person is an answer, not a failure.
"""

import random
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from points.models import Breaker, Operator, Outage, Payout
from points.rules.backoff import pause_after
from points.services.operators import in_force
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

log = structlog.get_logger("partner_health")
Status = Breaker.Status

SILENCES_TO_OPEN = 3
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
TRY_LASTS = timedelta(minutes=2)
chance = random.SystemRandom()


def is_dark(operator: str | None = None) -> bool:
    """Tell whether nobody can be paid now: the operator is silent or paused, or there is none."""
    return dark_since(operator) is not None


def dark_since(operator: str | None = None) -> datetime | None:
    """Say since when nobody could be paid by an operator, or by whoever is in force."""
    found = Operator.objects.filter(code=operator).first() if operator else in_force()
    if found is None:
        return last_closing()
    breaker = Breaker.objects.get(operator=found)
    return None if breaker.status == Status.CLOSED else breaker.failing_since or breaker.since


def last_closing() -> datetime:
    """Give the moment the last operator stopped; between two nobody is paid."""
    last = Operator.objects.over(clock.now()).first()
    return last.ends_at if last and last.ends_at else clock.now()


def answers(operator: Operator) -> bool:
    return Breaker.objects.filter(operator=operator, status=Status.CLOSED).exists()


@transaction.atomic
def take_try(operator: Operator, *, by: Actor) -> bool:
    """Let one worker try a silent operator; a worker that dies trying lets go after a while."""
    now = clock.now()
    waiting = Breaker.objects.to_probe(now).filter(operator=operator)
    breaker = waiting.select_for_update(skip_locked=True).first()
    if breaker is None:
        return False
    breaker.move(Status.HALF_OPEN, by=by, next_try_at=now + TRY_LASTS)
    return True


def take_room(operator: Operator) -> bool:
    """Count one payout against the operator's rate of this minute, across all workers."""
    minute = clock.now().replace(second=0, microsecond=0)
    breaker = Breaker.objects.select_for_update().get(operator=operator)
    sent = breaker.sent if breaker.minute == minute else 0
    if sent >= operator.per_minute:
        return False
    Breaker.objects.filter(pk=breaker.pk).update(minute=minute, sent=sent + 1)
    return True


@transaction.atomic
def note_silence(operator: Operator, *, why: str, by: Actor) -> None:
    """Count a call without an answer; the third in a row, or one of a try, opens the breaker."""
    breaker = Breaker.objects.select_for_update().get(operator=operator)
    if breaker.status not in {Status.CLOSED, Status.HALF_OPEN}:
        return
    now = clock.now()
    failures, since = breaker.failures + 1, breaker.failing_since or now
    Breaker.objects.filter(pk=breaker.pk).update(failures=failures, failing_since=since)
    if breaker.status == Status.CLOSED and failures < SILENCES_TO_OPEN:
        return
    open_breaker(breaker, since=since, why=why, by=by)


def open_breaker(breaker: Breaker, *, since: datetime, why: str, by: Actor) -> None:
    is_new = breaker.status == Status.CLOSED
    now, tries = clock.now(), 0 if is_new else breaker.tries + 1
    pause = pause_after(tries, first=FIRST_PAUSE, longest=LONGEST_PAUSE, luck=chance.random())
    stamps = {"tries": tries, "next_try_at": now + pause}
    if is_new:
        stamps["since"] = now
    breaker.move(Status.OPEN, by=by, why=why, **stamps)
    begin_outage(breaker.operator, Outage.Cause.SILENCE, why=why, began_at=since)
    Outage.objects.lasting().filter(operator=breaker.operator_id).update(tries=tries)
    log.warning("operator_silent", operator=breaker.operator_id, tries=tries, why=why)


def begin_outage(operator: Operator, cause: str, *, why: str, began_at: datetime) -> None:
    terms = {"cause": cause, "why": why[:200], "began_at": began_at}
    Outage.objects.get_or_create(operator=operator, ended_at=None, defaults=terms)


def note_answer(operator: Operator, *, by: Actor) -> None:
    """Forget silences; the answer to a try closes the breaker and wakes everybody who waits."""
    if not Breaker.objects.filter(operator=operator, failures__gt=0).exists() and answers(operator):
        return
    if close_breaker(operator, by=by):
        unanswered = Payout.objects.filter(operator=operator, status=Payout.Status.UNKNOWN)
        unanswered.filter(problem="").update(next_at=clock.now())


@transaction.atomic
def close_breaker(operator: Operator, *, by: Actor) -> bool:
    breaker = Breaker.objects.select_for_update().get(operator=operator)
    forget: dict[str, Any] = {"failures": 0, "failing_since": None, "tries": 0}
    if breaker.status == Status.CLOSED:
        Breaker.objects.filter(pk=breaker.pk).update(**forget)
    if breaker.status != Status.HALF_OPEN:
        return False
    now = clock.now()
    breaker.move(Status.CLOSED, by=by, since=now, next_try_at=None, reason="", **forget)
    Outage.objects.lasting().filter(operator=operator).update(ended_at=now)
    enqueue("points.send_due_payouts")
    enqueue("points.resolve_unknown_payouts")
    log.info("operator_answers", operator=operator.pk)
    return True


@transaction.atomic
def pause_operator(operator: Operator, *, why: str, by: StaffUser) -> None:
    """Send nothing until staff resumes; requests are still taken."""
    breaker = Breaker.objects.select_for_update().get(operator=operator)
    now = clock.now()
    breaker.move(Status.PAUSED, by=by, why=why, reason=why, since=now, next_try_at=None)
    begin_outage(operator, Outage.Cause.PAUSE, why=why, began_at=now)


@transaction.atomic
def resume_operator(operator: Operator, *, why: str, by: StaffUser) -> None:
    """Try a paused operator with one call; its answer opens the way for the rest."""
    breaker = Breaker.objects.select_for_update().get(operator=operator)
    breaker.move(Status.OPEN, by=by, why=why, reason="", next_try_at=clock.now())
    enqueue("points.send_due_payouts")


@transaction.atomic
def try_now(operator: Operator, *, by: StaffUser) -> None:
    """Do not wait for the next try of a silent operator."""
    breaker = Breaker.objects.select_for_update().get(operator=operator)
    if breaker.status == Status.OPEN:
        Breaker.objects.filter(pk=breaker.pk).update(next_try_at=clock.now())
    audit.record("asked", breaker, by=by)
    enqueue("points.send_due_payouts")

"""The desk's queue of overdue watches: take the next, call, and write down what came of it."""

from datetime import date, datetime, timedelta

from django.db import transaction

from devices.errors import DueDayNotLater, NotTheCaller
from devices.models import Loan, RecoveryCall, RecoveryTask
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.models import StaffUser

TRIES = 3
TRY_AGAIN = timedelta(days=1)
TAKEN_FOR = timedelta(hours=1)
BATCH = 200
Status, Outcome = RecoveryTask.Status, RecoveryCall.Outcome
ENDS = {
    Outcome.PROMISED: Status.PROMISED,
    Outcome.REFUSED: Status.REFUSED,
    Outcome.SAYS_LOST: Status.REFUSED,
    Outcome.WRONG_NUMBER: Status.UNREACHED,
}


@transaction.atomic
def take_next(*, by: StaffUser) -> RecoveryTask | None:
    """Give the longest overdue task to one member of staff, never to two."""
    mine = RecoveryTask.objects.filter(status=Status.TAKEN, handler=by).order_by("pk").first()
    if mine is not None:
        return mine
    waiting = RecoveryTask.objects.visible_to(by).waiting(clock.now())
    task = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if task is not None:
        task.move(Status.TAKEN, by=by, handler=by, taken_at=clock.now())
    return task


@transaction.atomic
def put_back(task: RecoveryTask, *, by: Actor, why: str = "") -> None:
    """Let somebody else call."""
    task.move(Status.OPEN, by=by, why=why, handler=None, taken_at=None)


@transaction.atomic
def record_call(
    task: RecoveryTask,
    *,
    outcome: str,
    note: str = "",
    promised_on: date | None = None,
    next_at: datetime | None = None,
    by: StaffUser,
) -> RecoveryCall:
    """Write down a call: an answer closes the task, silence is tried again a few times."""
    held = RecoveryTask.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if held.status == Status.TAKEN and held.handler_id != by.pk:
        raise NotTheCaller
    if not held.may(Status.OPEN):
        raise IllegalMove(what=held, to=RecoveryTask.status_label(Status.UNREACHED))
    call = RecoveryCall.objects.create(
        task=held, outcome=outcome, note=note, called_by=by.actor_name
    )
    audit.record("called", held, by=by, outcome=outcome)
    if outcome == Outcome.NO_ANSWER and held.calls.count() < TRIES:
        again = max(next_at or clock.now() + TRY_AGAIN, clock.now())
        held.move(Status.OPEN, by=by, handler=None, taken_at=None, next_at=again)
        return call
    close(held, outcome=outcome, promised_on=promised_on, by=by)
    return call


def close(task: RecoveryTask, *, outcome: str, promised_on: date | None, by: Actor) -> None:
    to = ENDS.get(Outcome(outcome), Status.UNREACHED)
    promise = (promised_on or clock.today()) if to == Status.PROMISED else None
    task.move(to, by=by, why=outcome, closed_at=clock.now(), promised_on=promise)


@transaction.atomic
def extend_due(loan: Loan, *, until: date, by: Actor, why: str) -> None:
    """Give somebody more time; the ladder begins anew from the new due day."""
    if not why.strip():
        raise ReasonNeeded
    held = Loan.objects.select_for_update(of=("self",)).get(pk=loan.pk)
    if not Loan.objects.out().filter(pk=held.pk).exists():
        raise IllegalMove(what=held, to=Loan.status_label(Loan.Status.LIVE))
    if until <= max(held.due_on, clock.today()):
        raise DueDayNotLater(day=max(held.due_on, clock.today()))
    before, held.due_on = held.due_on, until
    held.save(update_fields=["due_on"])
    audit.record("extended", held, by=by, why=why, due_before=before.isoformat())
    for task in RecoveryTask.objects.unfinished().filter(loan=held):
        task.move(Status.POINTLESS, by=by, why=why, closed_at=clock.now(), handler=None)


def release_forgotten(*, by: Actor) -> int:
    """Put tasks back that somebody took and did not finish."""
    old = clock.now() - TAKEN_FOR
    rows = RecoveryTask.objects.filter(status=Status.TAKEN, taken_at__lt=old)
    done = 0
    for task in rows.order_by("pk")[:BATCH]:
        try:
            put_back(task, by=by, why="forgotten")
        except IllegalMove:
            continue  # The call has been made meanwhile.
        done += 1
    return done

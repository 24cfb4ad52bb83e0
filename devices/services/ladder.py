"""The ladder of recovery: what is due tonight, each rung once per loan and due day.

Messages are a reminder of the present: only the newest rung reached is sent. Calls, letters and
compensation follow one another: none is skipped, and each waits for the one before it.
"""

from collections.abc import Iterable
from datetime import date

from django.db import connection, transaction

from devices.models import Loan, RecoveryPolicy, RecoveryStep, RecoveryTask
from devices.services import compensation
from participants.rules.messages import spoken_day
from participants.services import notices
from participants.services.notices import Planned
from seoul_health.core import clock
from seoul_health.core.audit import Actor

CHUNK = 2_000
WRITTEN = (RecoveryStep.Kind.MESSAGE, RecoveryStep.Kind.LETTER)
DONE_BY_PEOPLE = (RecoveryStep.Kind.CALL, RecoveryStep.Kind.VISIT)

# Whose watch is with its citizen and has no parcel on the way back.
OUT = """
    loan.status IN ('delivered', 'live', 'recall_requested')
    AND NOT EXISTS (
        SELECT FROM devices_shipment parcel
        WHERE parcel.loan_id = loan.id AND parcel.direction = 'back'
            AND parcel.status IN ('planned', 'accepted', 'in_transit'))
"""
RUNGS = """
    SELECT * FROM devices_recoverypolicy
    WHERE effective_from <= %(today)s AND (effective_to IS NULL OR effective_to >= %(today)s)
"""
LOG = """
INSERT INTO devices_recoverystep (loan_id, kind, due_on, offset_days, cost, note, taken_by)
SELECT due.loan_id, due.kind, due.due_on, due.offset_days, due.cost, '', %(by)s
FROM ({due}) due
ORDER BY due.loan_id LIMIT %(chunk)s
ON CONFLICT (loan_id, due_on, offset_days) WHERE due_on IS NOT NULL DO NOTHING
RETURNING id
"""
MESSAGES = f"""
    SELECT DISTINCT ON (loan.id) loan.id AS loan_id, rung.kind, loan.due_on, rung.offset_days,
        rung.cost
    FROM ({RUNGS}) rung
    JOIN devices_loan loan ON loan.due_on <= %(today)s - rung.offset_days
    WHERE rung.kind = 'message' AND {OUT}
        AND loan.due_on > %(today)s - (
            SELECT coalesce(min(act.offset_days), 32000) FROM ({RUNGS}) act
            WHERE act.kind <> 'message')
        AND NOT EXISTS (
            SELECT FROM devices_recoverystep step
            WHERE step.loan_id = loan.id AND step.due_on = loan.due_on
                AND step.offset_days >= rung.offset_days)
    ORDER BY loan.id, rung.offset_days DESC
"""  # noqa: S608 - made of constants
ACTS = f"""
    SELECT loan.id AS loan_id, rung.kind, loan.due_on, rung.offset_days, rung.cost
    FROM (
        SELECT *, lag(offset_days) OVER (ORDER BY offset_days) AS before
        FROM ({RUNGS}) acts WHERE kind <> 'message') rung
    JOIN devices_loan loan ON loan.due_on <= %(today)s - rung.offset_days
    WHERE {OUT}
        AND NOT EXISTS (
            SELECT FROM devices_recoverystep step
            WHERE step.loan_id = loan.id AND step.due_on = loan.due_on
                AND step.offset_days >= rung.offset_days)
        AND (rung.before IS NULL OR EXISTS (
            SELECT FROM devices_recoverystep step
            WHERE step.loan_id = loan.id AND step.due_on = loan.due_on
                AND step.offset_days = rung.before
                AND (step.taken_at AT TIME ZONE 'Asia/Seoul')::date + rung.wait_days
                    <= %(today)s))
"""  # noqa: S608 - made of constants


def climb(*, by: Actor, today: date | None = None) -> int:
    """Take every rung that is due; a second run the same night takes none."""
    day = today or clock.today()
    close_pointless(by=by)
    compensation.withdraw_returned(by=by)
    taken = 0
    for due in (MESSAGES, ACTS):
        while new := climb_some(due, day, by=by):
            taken += new
    return taken


@transaction.atomic
def climb_some(due: str, day: date, *, by: Actor) -> int:
    """Log one chunk of rungs and do what each of them says, or neither."""
    terms: dict[str, date | str | int] = {
        "today": day,
        "by": by.actor_name,
        "chunk": CHUNK,
    }
    with connection.cursor() as cursor:
        cursor.execute(LOG.format(due=due), terms)
        ids = [row[0] for row in cursor.fetchall()]
    steps = RecoveryStep.objects.select_related("loan__device__lot").filter(pk__in=ids)
    act_on(list(steps.order_by("pk")), day, by=by)
    return len(ids)


def act_on(steps: list[RecoveryStep], day: date, *, by: Actor) -> None:
    templates = dict(RecoveryPolicy.objects.in_force(day).values_list("offset_days", "template"))
    for template in sorted({templates[rung(step)] for step in steps if step.kind in WRITTEN}):
        told = [s for s in steps if s.kind in WRITTEN and templates[rung(s)] == template]
        notices.plan(template, wordings(told))
    open_tasks([step for step in steps if step.kind in DONE_BY_PEOPLE])
    for step in steps:
        if step.kind == RecoveryStep.Kind.COMPENSATION:
            compensation.open_if_possible(step.loan, by=by)


def rung(step: RecoveryStep) -> int:
    assert step.offset_days is not None, "a step of the ladder has a rung"
    return step.offset_days


def wordings(steps: Iterable[RecoveryStep]) -> list[Planned]:
    return [
        Planned(
            step.loan.participant_id,
            f"step:{step.pk}",
            {"serial": step.loan.device.serial, "due_on": spoken_day(step.loan.due_on)},
        )
        for step in steps
    ]


def open_tasks(steps: Iterable[RecoveryStep]) -> None:
    """Put calls and visits into the queue of the desk."""
    RecoveryTask.objects.bulk_create(
        RecoveryTask(loan=step.loan, step=step, kind=step.kind, due_on=step.loan.due_on)
        for step in steps
    )


def close_pointless(*, by: Actor) -> int:
    """Close tasks about watches that are back, on their way, or due another day."""
    rows = RecoveryTask.objects.pointless().order_by("pk")
    for task in rows[:CHUNK]:
        task.move(RecoveryTask.Status.POINTLESS, by=by, closed_at=clock.now(), handler=None)
    return len(rows)


def overdue_without_case(today: date) -> int:
    """Count loans whose last rung was taken although no policy gave an amount."""
    taken = RecoveryStep.objects.filter(kind="compensation", due_on__isnull=False)
    loans = Loan.objects.overdue(today).filter(recovery__in=taken, compensation=None)
    return loans.distinct().count()

"""Watches nobody walks with: found every night, and told kindly, step by step.

After 30 days without a step a message asks about the connection, after 60 one offers an exchange,
after 90 one asks for the watch; and somebody may be called. Each is done once per silence.
"""

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from devices.lending_errors import NobodySilent
from devices.models import RecoveryPolicy, RecoveryStep, SilentLoan, SilentStep
from devices.models.silent import SilentLoanQuerySet
from devices.services.ladder import open_tasks
from participants.services import notices
from participants.services.notices import Planned
from seoul_health.core import clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import StaffUser

DAYS = (30, 60, 90)
CHUNK = 2_000
MESSAGE, CALL = RecoveryStep.Kind.MESSAGE, RecoveryStep.Kind.CALL
# What a step costs where no policy of the ladder says it.
COST = {MESSAGE: 20, CALL: 900}

# Whoever never walked with the watch is silent since the day it was accepted.
FOUND = """
INSERT INTO devices_silentloan (loan_id, silent_since, seen_at)
SELECT loan.id, greatest(walked.last, (loan.accepted_at AT TIME ZONE 'Asia/Seoul')::date), %(now)s
FROM devices_loan loan
LEFT JOIN LATERAL (
    SELECT day.activity_date AS last FROM devices_daysteps day
    WHERE day.participant_id = loan.participant_id AND day.steps > 0
    ORDER BY day.activity_date DESC LIMIT 1
) walked ON true
WHERE loan.id > %(after)s AND loan.id <= %(upto)s AND loan.status IN ('live', 'recall_requested')
    AND loan.accepted_at IS NOT NULL
    AND greatest(walked.last, (loan.accepted_at AT TIME ZONE 'Asia/Seoul')::date)
        <= %(today)s - 30
ON CONFLICT (loan_id) DO UPDATE
SET silent_since = EXCLUDED.silent_since, seen_at = EXCLUDED.seen_at
"""
OVER = "DELETE FROM devices_silentloan WHERE seen_at < %(now)s"
ENDS = (
    "SELECT max(id) FROM (SELECT id FROM devices_loan WHERE id > %s ORDER BY id LIMIT %s) AS next"
)


def find_silent(*, by: Actor) -> int:
    """Look at every watch that is out, block by block; give how many are silent now."""
    now, after = clock.now(), 0
    while upto := end_of_block(after):
        with connection.cursor() as cursor:
            cursor.execute(
                FOUND, {"now": now, "today": clock.today(), "after": after, "upto": upto}
            )
        after = upto
    with connection.cursor() as cursor:
        cursor.execute(OVER, {"now": now})
    return SilentLoan.objects.count()


def end_of_block(after: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(ENDS, [after, CHUNK])
        found: int | None = cursor.fetchone()[0]
    return found


def untold(rows: SilentLoanQuerySet, *, days: int, kind: str) -> SilentLoanQuerySet:
    """Those who have been silent so long and were not yet told or called in this silence."""
    done = SilentStep.objects.filter(
        loan=OuterRef("loan"), silent_since=OuterRef("silent_since"), days__gte=days, kind=kind
    )
    return rows.since(days, clock.today()).filter(~Exists(done)).order_by("silent_since", "loan")


@transaction.atomic
def tell(rows: SilentLoanQuerySet, *, days: int, by: StaffUser) -> int:
    """Write to those who are silent; give to how many."""
    steps = take_steps(rows, days=days, kind=MESSAGE, by=by)
    notices.plan(f"watch_silent_{days}", wordings(steps, days))
    return len(steps)


@transaction.atomic
def have_called(rows: SilentLoanQuerySet, *, days: int, by: StaffUser) -> int:
    """Put those who are silent on the list of calls; give how many."""
    steps = take_steps(rows, days=days, kind=CALL, by=by)
    open_tasks(steps)
    return len(steps)


def take_steps(
    rows: SilentLoanQuerySet, *, days: int, kind: str, by: StaffUser
) -> list[RecoveryStep]:
    """Log one step for each, once: who is taken by somebody else just now is left to them."""
    locked = untold(rows, days=days, kind=kind).select_for_update(of=("self",), skip_locked=True)
    silent = list(locked.select_related("loan__device")[:CHUNK])
    if not silent:
        raise NobodySilent
    cost = cost_of(kind)
    note = f"silent {days}"
    steps = RecoveryStep.objects.bulk_create(
        RecoveryStep(loan=each.loan, kind=kind, cost=cost, note=note, taken_by=by.actor_name)
        for each in silent
    )
    SilentStep.objects.bulk_create(
        SilentStep(loan=each.loan, silent_since=each.silent_since, days=days, kind=kind, step=step)
        for each, step in zip(silent, steps, strict=True)
    )
    return steps


def cost_of(kind: str) -> int:
    rung = RecoveryPolicy.objects.in_force(clock.today()).filter(kind=kind).first()
    return rung.cost if rung else COST[RecoveryStep.Kind(kind)]


def wordings(steps: Sequence[RecoveryStep], days: int) -> list[Planned]:
    return [
        Planned(
            step.loan.participant_id,
            f"silent:{step.pk}",
            {"serial": step.loan.device.serial, "days": days},
        )
        for step in steps
    ]

"""Make-good runs: the people of a check are given points, each once per incident, and told.

The list is laid down when it is asked for and its hash is what is approved. A job posts it batch
by batch: points, rows and messages in one transaction, so that a killed worker leaves nothing half
done. The key of a transfer names incident and person: no run can give a second time.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from psycopg import sql

from complaints.errors import (
    AboveMakeGoodBudget,
    AlreadyMadeGood,
    MakeGoodListChanged,
    NobodyAffected,
)
from complaints.models import Incident, MakeGoodItem, MakeGoodRun, MemberCheck
from participants.rules.messages import Values
from participants.services import notices
from participants.services.notices import Planned
from points.models import Pot, Reason
from points.services import ledger
from points.services.accounts import lock_purses, pot
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

AT_ONCE = 1_000
Status, Outcome, Basis = MakeGoodRun.Status, MakeGoodItem.Outcome, MakeGoodRun.Basis

OWED = sql.SQL("""
    SELECT member.participant_id, cardinality(member.days) AS days,
        CASE WHEN %(basis)s = 'day' THEN cardinality(member.days) ELSE 1 END * %(rate)s AS points
    FROM complaints_checkedmember AS member
    JOIN participants_participant AS person
        ON person.id = member.participant_id AND person.withdrawn_at IS NULL
    WHERE member.check_run_id = %(check)s
        AND NOT EXISTS (SELECT FROM complaints_makegooditem AS given
            WHERE given.incident_id = %(incident)s AND given.outcome <> 'dropped'
                AND given.participant_id = member.participant_id)
""")
SHARES = sql.SQL("""
    SELECT days, count(*), sum(points)::bigint FROM ({owed}) AS owed GROUP BY days ORDER BY days
""").format(owed=OWED)
LAY_DOWN = sql.SQL("""
    INSERT INTO complaints_makegooditem (
        run_id, incident_id, participant_id, days, points, outcome, why)
    SELECT %(run)s, %(incident)s, participant_id, days, points, 'planned', ''
    FROM ({owed}) AS owed ORDER BY participant_id
""").format(owed=OWED)
LIST = """
SELECT participant_id, points FROM complaints_makegooditem WHERE run_id = %s ORDER BY participant_id
"""
LEAVE_OUT = """
UPDATE complaints_makegooditem AS item SET outcome = 'dropped', why = 'left'
FROM participants_participant AS person
WHERE item.run_id = %s AND item.outcome = 'planned' AND person.id = item.participant_id
    AND person.withdrawn_at IS NOT NULL
"""
TRANSFERS = sql.SQL("""
    SELECT 'make-good:' || item.incident_id || ':' || item.participant_id AS key,
        %(source)s::bigint AS source_id, purse.id AS target_id, item.points AS amount,
        %(reason)s AS reason, %(day)s::date AS business_date, %(case)s AS "case",
        NULL::bigint AS reversal_of_id
    FROM complaints_makegooditem AS item
    JOIN points_account AS purse ON purse.participant_id = item.participant_id
    WHERE item.id = ANY(%(items)s::bigint[])
""")
SETTLE = """
UPDATE complaints_makegooditem AS item SET outcome = 'posted', transfer_id = transfer.id
FROM points_transfer AS transfer
WHERE item.id = ANY(%s::bigint[])
    AND transfer.key = 'make-good:' || item.incident_id || ':' || item.participant_id
"""


@dataclass(frozen=True, slots=True)
class Share:
    """People who lost as many days as each other."""

    days: int
    people: int
    points: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a run would give how much, before anybody is asked."""

    shares: tuple[Share, ...]
    # Those of the check who were made good before, or have left.
    left_out: int

    @property
    def people(self) -> int:
        return sum(share.people for share in self.shares)

    @property
    def points(self) -> int:
        return sum(share.points for share in self.shares)


@dataclass(frozen=True, slots=True)
class Offer:
    """How much is given for what, and at most in all."""

    basis: str
    rate: int
    budget: int
    reason: str


def preview(check: MemberCheck, *, basis: str, rate: int) -> Preview:
    """Count what a run would give; nothing is written."""
    with connection.cursor() as cursor:
        cursor.execute(SHARES, terms_of(check, basis=basis, rate=rate))
        shares = tuple(Share(*row) for row in cursor.fetchall())
    return Preview(shares, check.people - sum(share.people for share in shares))


def terms_of(check: MemberCheck, *, basis: str, rate: int) -> dict[str, Any]:
    return {"check": check.pk, "incident": check.incident_id, "basis": basis, "rate": rate}


@transaction.atomic
def request_run(check: MemberCheck, offer: Offer, *, by: StaffUser) -> MakeGoodRun:
    """Lay down who gets what and ask for it; a second person decides."""
    if not offer.reason.strip():
        raise ReasonNeeded
    # Who asks for the same incident at once waits here and then sees the other's list.
    Incident.objects.select_for_update().get(pk=check.incident_id)
    seen = preview(check, basis=offer.basis, rate=offer.rate)
    if not seen.people:
        raise NobodyAffected
    if seen.points > offer.budget:
        raise AboveMakeGoodBudget(points=f"{seen.points:,}", budget=f"{offer.budget:,}")
    run = MakeGoodRun.objects.create(
        incident=check.incident,
        check_run=check,
        basis=offer.basis,
        rate=offer.rate,
        budget=offer.budget,
        reason=offer.reason.strip(),
        people=seen.people,
        points=seen.points,
        requested_by=by,
    )
    lay_down(run)
    audit.record("requested", run, by=by, people=run.people, points=run.points)
    return run


def lay_down(run: MakeGoodRun) -> None:
    """Write the list of a run; of two that want the same people one is refused."""
    terms = {**terms_of(run.check_run, basis=run.basis, rate=run.rate), "run": run.pk}
    with (
        constraint("a_person_is_made_good_once_per_incident", AlreadyMadeGood()),
        connection.cursor() as cursor,
    ):
        cursor.execute(LAY_DOWN, terms)
    run.list_hash = hash_of(run)
    run.save(update_fields=["list_hash"])


def hash_of(run: MakeGoodRun) -> str:
    """Fold the list into one figure: who gets how much."""
    digest, people, points = hashlib.sha256(), 0, 0
    with connection.cursor() as cursor:
        cursor.execute(LIST, [run.pk])
        for person, amount in cursor.fetchall():
            digest.update(f"{person}:{amount}\n".encode())
            people, points = people + 1, points + amount
    if (people, points) != (run.people, run.points):
        raise MakeGoodListChanged
    return digest.hexdigest()


@transaction.atomic
def approve_run(run: MakeGoodRun, *, by: StaffUser) -> None:
    """Let a run be posted, by a second person and exactly as it was asked for."""
    run.move(Status.APPROVED, by=by, **run.decided(by))
    if hash_of(run) != run.list_hash:
        raise MakeGoodListChanged
    enqueue("complaints.make_good")


@transaction.atomic
def decline_run(run: MakeGoodRun, *, why: str, by: StaffUser) -> None:
    """Give nothing; the people may stand on another list."""
    if not why.strip():
        raise ReasonNeeded
    run.move(Status.DECLINED, by=by, why=why.strip(), **run.decided(by))
    run.items.update(outcome=Outcome.DROPPED, why="declined")


def carry_on_all(*, by: Actor) -> int:
    """Post what is approved; what a killed worker left is taken up again."""
    return sum(carry_on(run, by=by) for run in MakeGoodRun.objects.running())


def carry_on(run: MakeGoodRun, *, by: Actor) -> int:
    posted = 0
    while (batch := post_batch(run, by=by)) is not None:
        posted += batch
    return posted


@transaction.atomic
def post_batch(run: MakeGoodRun, *, by: Actor) -> int | None:
    """Give the next people their points and tell them; None when the run is done."""
    held = MakeGoodRun.objects.running().select_for_update(of=("self",))
    row = held.select_related("incident").filter(pk=run.pk).first()
    if row is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(LEAVE_OUT, [row.pk])
    waiting = row.items.filter(outcome=Outcome.PLANNED).order_by("pk")
    items = list(waiting[:AT_ONCE])
    if not items:
        row.move(Status.DONE, by=by, finished_at=clock.now())
        return None
    post(row, items)
    notices.plan("make_good_posted", (message(row, item) for item in items))
    return len(items)


def post(run: MakeGoodRun, items: list[MakeGoodItem]) -> None:
    lock_purses(sorted(item.participant_id for item in items))
    numbers = [item.pk for item in items]
    values = {
        "items": numbers,
        "source": pot(Pot.COMPENSATION).pk,
        "reason": Reason.COMPENSATION,
        "day": clock.today(),
        "case": run.incident.number,
    }
    ledger.post_many(TRANSFERS, values)
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, [numbers])
        assert cursor.rowcount == len(numbers), "everybody of a batch has a purse"


@dataclass(frozen=True, slots=True)
class Figures:
    """How far a run has come by its rows, and what the book says of it."""

    planned: int
    posted: int
    dropped: int
    points: int
    in_book: int

    @property
    def percent(self) -> int:
        return 100 * (self.posted + self.dropped) // (self.planned + self.posted + self.dropped)

    @property
    def agrees(self) -> bool:
        return self.points == self.in_book


def figures_of(run: MakeGoodRun) -> Figures:
    found = run.items.aggregate(
        planned=Count("pk", Q(outcome=Outcome.PLANNED)),
        posted=Count("pk", Q(outcome=Outcome.POSTED)),
        dropped=Count("pk", Q(outcome=Outcome.DROPPED)),
        points=Coalesce(Sum("points", filter=Q(outcome=Outcome.POSTED)), 0),
        in_book=Coalesce(Sum("transfer__amount"), 0),
    )
    return Figures(**found)


def message(run: MakeGoodRun, item: MakeGoodItem) -> Planned:
    values: Values = {
        "incident": run.incident.title,
        "days": item.days,
        "points": f"{item.points:,}",
    }
    return Planned(item.participant_id, f"{run.incident_id}:{item.participant_id}", values)

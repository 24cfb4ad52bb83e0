"""Watches for those who wait for one: by set, block by block, the same however often it is asked.

Whoever stands first in line gets the watch that stands first in stock. The database decides who
has a watch already; a block is one transaction, so a run that was killed goes on where it stopped.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet

from devices.lending_errors import AllocationRuns, NewerAllocation, NobodyWaits, NoWatchFits
from devices.models import Allocation, Device, Loan, Lot, Site
from participants.models import Lane, Participation
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

BLOCK = 10_000
DRAWN = (Lane.Method.LOTTERY,)
Status = Allocation.Status

# Who drew a seat stands by its number, the others by when they applied; a participation that is
# just ending is left to whoever ends it.
LINE = """
    SELECT participation.id, participation.participant_id
    FROM participants_participation participation
    JOIN participants_application application ON application.id = participation.application_id
    WHERE participation.status IN ('active', 'suspended') AND participation.needs_watch
        AND {whose}
        AND NOT EXISTS (
            SELECT FROM devices_loan had WHERE had.participation_id = participation.id
                AND had.status <> 'cancelled')
        AND NOT EXISTS (
            SELECT FROM devices_loan held WHERE held.participant_id = participation.participant_id
                AND held.status IN ('reserved', 'shipped', 'delivered', 'live',
                    'recall_requested', 'returning'))
    ORDER BY {order} LIMIT %(block)s
    FOR SHARE OF participation SKIP LOCKED
"""
IN_LANE = "application.lane_id = %(lane)s"
BY_ITSELF = "application.lane_id <> ALL(%(by_hand)s)"
IN_TURN = "CASE WHEN %(drawn)s THEN application.seat_no END, application.sequence, participation.id"
AS_THEY_CAME = "participation.id"
GIVE = """
WITH line AS MATERIALIZED (
    SELECT id, participant_id, row_number() OVER () AS turn FROM ({line}) AS found
), shelf AS MATERIALIZED (
    SELECT id, row_number() OVER () AS turn FROM (
        SELECT id FROM devices_device
        WHERE status = 'in_stock' AND (%(lot)s::bigint IS NULL OR lot_id = %(lot)s)
            AND (%(site)s::bigint IS NULL OR site_id = %(site)s)
        ORDER BY id LIMIT (SELECT count(*) FROM line)
        FOR UPDATE SKIP LOCKED) AS found
), lent AS (
    INSERT INTO devices_loan (public_id, device_id, participant_id, participation_id, status,
        due_on, accepted_terms, allocation_id)
    SELECT gen_random_uuid(), shelf.id, line.participant_id, line.id, 'reserved', %(due_on)s, '',
        %(allocation)s
    FROM line JOIN shelf USING (turn) ORDER BY turn
    ON CONFLICT DO NOTHING
    RETURNING id, device_id
), taken AS (
    UPDATE devices_device device SET status = 'allocated'
    FROM lent WHERE device.id = lent.device_id
    RETURNING device.id, device.serial
), written AS (
    INSERT INTO core_auditevent (actor, verb, subject, detail)
    SELECT %(actor)s, 'reserved', 'devices.loan:' || lent.id,
        jsonb_build_object('serial', taken.serial, 'allocation', %(allocation)s::bigint)
    FROM lent JOIN taken ON taken.id = lent.device_id
    UNION ALL
    SELECT %(actor)s, 'allocated', 'devices.device:' || taken.id,
        jsonb_build_object('why', '', 'before', 'in_stock')
    FROM taken
)
SELECT count(*) FROM taken
"""
# Whoever packs holds the loan: only a statement begun after that sees the parcel.
HOLD = """
SELECT count(*) FROM (
    SELECT id FROM devices_loan
    WHERE allocation_id = %s AND status = 'reserved' ORDER BY id FOR UPDATE) AS held
"""
TAKE_BACK = """
WITH chosen AS MATERIALIZED (
    SELECT loan.id, loan.device_id FROM devices_loan loan
    WHERE loan.allocation_id = %(allocation)s AND loan.status = 'reserved'
        AND NOT EXISTS (
            SELECT FROM devices_shipment parcel WHERE parcel.loan_id = loan.id
                AND parcel.status IN ('planned', 'accepted', 'in_transit'))
    ORDER BY loan.id LIMIT %(block)s FOR UPDATE
), ended AS (
    UPDATE devices_loan loan SET status = 'cancelled' FROM chosen
    WHERE loan.id = chosen.id AND loan.status = 'reserved'
    RETURNING loan.id, loan.device_id
), shelved AS (
    UPDATE devices_device device SET status = 'in_stock' FROM ended
    WHERE device.id = ended.device_id AND device.status = 'allocated'
    RETURNING device.id
), written AS (
    INSERT INTO core_auditevent (actor, verb, subject, detail)
    SELECT %(actor)s, 'cancelled', 'devices.loan:' || id,
        jsonb_build_object('why', %(why)s::text, 'before', 'reserved')
    FROM ended
    UNION ALL
    SELECT %(actor)s, 'in_stock', 'devices.device:' || id,
        jsonb_build_object('why', '', 'before', 'allocated')
    FROM shelved
)
SELECT count(*) FROM shelved
"""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How many of a lane wait, and how many watches there are for them."""

    waiting: int
    in_stock: int

    @property
    def short(self) -> int:
        return max(0, self.waiting - self.in_stock)


def outlook(lane: Lane, *, lot: Lot | None = None, site: Site | None = None) -> Outlook:
    """Count before anything is set aside."""
    return Outlook(waiting_in(lane).count(), fitting(lot, site).count())


def waiting_in(lane: Lane) -> QuerySet[Participation]:
    """Those of a lane who wait for their first watch, whoever is to give it."""
    return Loan.objects.without_watch().filter(application__lane=lane)


def fitting(lot: Lot | None, site: Site | None) -> QuerySet[Device]:
    rows = Device.objects.filter(status=Device.Status.IN_STOCK)
    rows = rows.filter(lot=lot) if lot else rows
    return rows.filter(site=site) if site else rows


@transaction.atomic
def ask_allocation(
    lane: Lane, *, lot: Lot | None, site: Site | None, most: int | None, by: StaffUser
) -> Allocation:
    """Set watches aside for a lane's winners; the work is done in the background."""
    if not waiting_in(lane).exists():
        raise NobodyWaits
    if not fitting(lot, site).exists():
        raise NoWatchFits
    with constraint("one_running_allocation_per_lane", AllocationRuns()):
        allocation = Allocation.objects.create(
            lane=lane, lot=lot, site=site, most=most, asked_by=by
        )
    audit.record("asked_for", allocation, by=by, most=most)
    enqueue("devices.allocate", allocation.pk)
    return allocation


def allocate(allocation: Allocation, *, by: Actor) -> int:
    """Set aside block after block until nobody waits or nothing is left; give how many."""
    given = 0
    while new := give_block(allocation.pk, by=by):
        given += new
    return given


@transaction.atomic
def give_block(allocation_pk: int, *, by: Actor) -> int:
    """Set one block aside, or end the run; a second worker at the same time does nothing."""
    rows = Allocation.objects.running().select_related("lane", "lot", "site")
    rows = rows.select_for_update(of=("self",), skip_locked=True)
    held = rows.filter(pk=allocation_pk).first()
    if held is None:
        return 0
    room = BLOCK if held.most is None else min(BLOCK, held.most - held.given)
    line = LINE.format(order=IN_TURN, whose=IN_LANE)
    given = give(line, block=room, allocation=held, by=by) if room else 0
    held.given += given
    held.save(update_fields=["given"])
    if not given and (not room or is_over(held)):
        held.move(Status.DONE, by=by, ended_at=clock.now())
    return given


def is_over(allocation: Allocation) -> bool:
    """Tell whether nobody waits or nothing is left; who is only locked is served next time."""
    nobody = not waiting_in(allocation.lane).exists()
    return nobody or not fitting(allocation.lot, allocation.site).exists()


def give(line: str, *, block: int, allocation: Allocation | None, by: Actor) -> int:
    terms = {
        "lane": allocation.lane_id if allocation else None,
        "lot": allocation.lot_id if allocation else None,
        "site": allocation.site_id if allocation else None,
        "allocation": allocation.pk if allocation else None,
        "drawn": allocation is not None and allocation.lane.method in DRAWN,
        "by_hand": list(Allocation.objects.by_hand().values_list("lane", flat=True)),
        "due_on": Loan.usual_end(clock.today()),
        "block": block,
        "actor": by.actor_name,
    }
    with connection.cursor() as cursor:
        cursor.execute(GIVE.format(line=line), terms)
        return int(cursor.fetchone()[0])


def reserve_waiting(*, by: Actor) -> int:
    """Give the watches in stock to those who wait for one, first come first served."""
    given = 0
    while new := give_next(by=by):
        given += new
    return given


@transaction.atomic
def give_next(*, by: Actor) -> int:
    if not Device.objects.ready().exists():
        return 0
    line = LINE.format(order=AS_THEY_CAME, whose=BY_ITSELF)
    return give(line, block=BLOCK, allocation=None, by=by)


def resume(*, by: Actor) -> int:
    """Go on with runs whose worker died."""
    return sum(allocate(each, by=by) for each in Allocation.objects.running().order_by("pk"))


@transaction.atomic
def take_back(allocation: Allocation, *, why: str, by: Actor) -> int:
    """Put back every watch of a run that is not packed yet; its lane then waits for a person."""
    if not why.strip():
        raise ReasonNeeded
    newer = Allocation.objects.filter(lane=allocation.lane_id, pk__gt=allocation.pk).first()
    if newer:
        raise NewerAllocation(newer=newer)
    allocation.move(Status.UNDONE, by=by, why=why, ended_at=clock.now())
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [allocation.pk])
    back = 0
    while new := take_block_back(allocation, why=why, by=by):
        back += new
    allocation.taken_back = back
    allocation.save(update_fields=["taken_back"])
    return back


def take_block_back(allocation: Allocation, *, why: str, by: Actor) -> int:
    terms: dict[str, str | int] = {
        "allocation": allocation.pk,
        "block": BLOCK,
        "why": why,
        "actor": by.actor_name,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK, terms)
        return int(cursor.fetchone()[0])

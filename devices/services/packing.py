"""Parcels packed together for a courier who works with lists instead of a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from devices.lending_errors import (
    ListOver,
    NothingToPack,
    NotThisCarrier,
    PackingTaken,
    ReasonForList,
)
from devices.models import Carrier, Loan, ParcelBatch, Shipment
from participants.models import Profile
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

LARGEST = 5_000
# The line may be asking the courier just now.
PATIENCE = timedelta(minutes=2)
Direction, Status = Shipment.Direction, ParcelBatch.Status

PACK = """
WITH chosen AS MATERIALIZED (
    SELECT loan.id, loan.public_id FROM devices_loan loan
    WHERE loan.id = ANY(%(loans)s) AND loan.status = 'reserved'
    ORDER BY loan.id FOR UPDATE
), packed AS (
    INSERT INTO devices_shipment (loan_id, direction, status, reference, carrier, tracking_no,
        batch_id)
    SELECT chosen.id, 'out', 'planned', replace(chosen.public_id::text, '-', '') || '-out-' || (
            SELECT count(*) + 1 FROM devices_shipment earlier
            WHERE earlier.loan_id = chosen.id AND earlier.direction = 'out'),
        %(carrier)s, '', %(batch)s
    FROM chosen ORDER BY chosen.id
    ON CONFLICT DO NOTHING
    RETURNING id
), written AS (
    INSERT INTO core_auditevent (actor, verb, subject, detail)
    SELECT %(actor)s, 'planned', 'devices.shipment:' || id,
        jsonb_build_object('list', %(batch)s::bigint)
    FROM packed
)
SELECT count(*) FROM packed
"""


@dataclass(frozen=True, slots=True)
class Packed:
    """A new list, and how many people it leaves out for want of an address."""

    batch: ParcelBatch
    parcels: int
    without_address: int


@dataclass(frozen=True, slots=True)
class Addressee:
    """One line of the list for the courier."""

    reference: str
    name: str
    phone: str
    address: str
    serial: str
    number: str


def to_pack(loans: QuerySet[Loan]) -> QuerySet[Loan]:
    """Reserved watches of these loans that are in no parcel yet, the longest waiting first."""
    parcels = Shipment.objects.unfinished().filter(loan=OuterRef("pk"), direction=Direction.OUT)
    rows = loans.filter(status=Loan.Status.RESERVED).filter(~Exists(parcels))
    return rows.order_by("reserved_at", "pk")


def to_fetch(parcels: QuerySet[Shipment]) -> QuerySet[Shipment]:
    """Planned parcels back that the line has not booked."""
    waits = parcels.filter(
        status=Shipment.Status.PLANNED,
        direction=Direction.BACK,
        batch=None,
        planned_at__lt=clock.now() - PATIENCE,
    )
    return waits.order_by("planned_at", "pk")


@transaction.atomic
def pack(loans: QuerySet[Loan], *, carrier: Carrier, by: StaffUser) -> Packed:
    """Put reserved watches into parcels of one list; the rest of a large choice stays."""
    chosen = list(to_pack(loans).values_list("pk", "participant")[:LARGEST])
    reachable = with_address([person for _loan, person in chosen])
    fit = [loan for loan, person in chosen if person in reachable]
    if not fit:
        raise NothingToPack
    batch = begin(Direction.OUT, carrier=carrier, by=by)
    terms: dict[str, str | int | list[int]] = {
        "loans": fit,
        "batch": batch.pk,
        "carrier": carrier.name,
        "actor": by.actor_name,
    }
    with connection.cursor() as cursor:
        cursor.execute(PACK, terms)
        packed = int(cursor.fetchone()[0])
    if packed != len(fit):
        raise PackingTaken
    return Packed(batch, packed, len(chosen) - len(fit))


def with_address(people: list[int]) -> set[int]:
    """Tell who can be found by a courier; nothing of it is shown or kept."""
    profiles = Profile.objects.filter(participant__in=people).only("participant", "name", "address")
    return {
        each.participant_id
        for each in profiles
        if str(each.address).strip() and str(each.name).strip()
    }


@transaction.atomic
def pack_returns(parcels: QuerySet[Shipment], *, carrier: Carrier, by: StaffUser) -> Packed:
    """Put watches to be fetched onto one list, instead of asking over the line."""
    rows = to_fetch(parcels).select_for_update(of=("self",), skip_locked=True)
    chosen = list(rows.values_list("pk", "loan__participant")[:LARGEST])
    reachable = with_address([person for _parcel, person in chosen])
    fit = [parcel for parcel, person in chosen if person in reachable]
    if not fit:
        raise NothingToPack
    batch = begin(Direction.BACK, carrier=carrier, by=by)
    free = Shipment.objects.filter(pk__in=fit, status=Shipment.Status.PLANNED, batch=None)
    if free.update(batch=batch, carrier=carrier.name) != len(fit):
        raise PackingTaken
    return Packed(batch, len(fit), len(chosen) - len(fit))


def begin(direction: str, *, carrier: Carrier, by: StaffUser) -> ParcelBatch:
    if not carrier.is_active:
        raise NotThisCarrier
    batch = ParcelBatch.objects.create(direction=direction, carrier=carrier, made_by=by)
    audit.record("packed", batch, by=by, carrier=carrier.code)
    return batch


@transaction.atomic
def call_off(batch: ParcelBatch, *, why: str, by: Actor) -> int:
    """Unpack what has no tracking number yet; give how many parcels."""
    batch.move(Status.CANCELLED, by=by, why=why, ended_at=clock.now())
    planned = batch.parcels.planned().order_by("pk").select_for_update(of=("self",))
    if batch.direction == Direction.BACK:
        freed = list(planned.values_list("pk", flat=True))
        Shipment.objects.filter(pk__in=freed).update(batch=None, carrier="")
        for pk in freed:
            enqueue("devices.book_shipment", pk)
        return len(freed)
    unpacked = list(planned)
    for parcel in unpacked:
        parcel.move(Shipment.Status.CANCELLED, by=by, why=why)
    return len(unpacked)


def hold(parcels: Sequence[int]) -> None:
    """Lock the lists, then the loans, as everybody does who goes on to a parcel."""
    rows = Shipment.objects.filter(pk__in=parcels)
    lists = ParcelBatch.objects.filter(pk__in=rows.filter(batch__isnull=False).values("batch"))
    loans = Loan.objects.filter(pk__in=rows.values("loan"))
    for each in (lists, loans):
        list(each.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))


@transaction.atomic
def give_out(batch: ParcelBatch, *, why: str, by: Actor) -> list[Addressee]:
    """Give the courier the names and addresses of a list that is still open; it is written down."""
    if len(why.strip()) < 2:
        raise ReasonForList
    held = ParcelBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if held.status != Status.OPEN:
        raise ListOver(number=held)
    rows = batch.parcels.planned().select_related("loan__device", "loan__participant__profile")
    people = [addressee(parcel) for parcel in rows.order_by("pk")]
    audit.record("list_given", batch, by=by, why=why, parcels=len(people))
    return people


def addressee(parcel: Shipment) -> Addressee:
    loan = parcel.loan
    profile = loan.participant.profile
    return Addressee(
        reference=parcel.reference,
        name=str(profile.name),
        phone=str(profile.phone),
        address=str(profile.address),
        serial=loan.device.serial,
        number=loan.participant.number,
    )

"""Files of the courier: looked at row by row, the good rows taken in whole or not at all."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import connection, transaction

from devices.lending_errors import (
    FileTakenInBefore,
    NoRowToTakeIn,
    NumbersChanged,
    SwappedColumns,
    WrongCourierColumns,
)
from devices.models import Carrier, CourierFile, ParcelBatch, Shipment
from devices.models.shipments import ShipmentQuerySet
from devices.rules.courier_rows import Line, Swapped, column_names, read_numbers, read_progress
from devices.services import packing
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.models import StaffUser
from seoul_health.core.spreadsheets import BadHeader, numbered_rows

KEPT_FOR = timedelta(days=7)
Kind, Status = CourierFile.Kind, CourierFile.Status
GOOD, KNOWN = "good", "known"
NEEDED = {Kind.NUMBERS: ("reference", "tracking_no"), Kind.PROGRESS: ("tracking_no", "progress")}
ENDS = {"delivered": "delivered", "came_back": "cancelled", "lost": "lost"}

NUMBER = """
WITH told AS (
    SELECT * FROM unnest(%(parcels)s::bigint[], %(numbers)s::text[]) AS told (id, number)
), moved AS (
    UPDATE devices_shipment parcel
    SET status = 'accepted', tracking_no = told.number, carrier = %(carrier)s
    FROM told WHERE parcel.id = told.id AND parcel.status = 'planned'
    RETURNING parcel.id, parcel.loan_id, parcel.direction, parcel.tracking_no
), sent AS (
    UPDATE devices_loan loan SET status = 'shipped' FROM moved
    WHERE loan.id = moved.loan_id AND moved.direction = 'out' AND loan.status = 'reserved'
    RETURNING loan.id, loan.device_id
), left_us AS (
    UPDATE devices_device device SET status = 'shipped' FROM sent
    WHERE device.id = sent.device_id AND device.status = 'allocated'
    RETURNING device.id
), written AS (
    INSERT INTO core_auditevent (actor, verb, subject, detail)
    SELECT %(actor)s, 'accepted', 'devices.shipment:' || id,
        jsonb_build_object('why', '', 'before', 'planned', 'file', %(file)s::bigint)
    FROM moved
    UNION ALL
    SELECT %(actor)s, 'shipped', 'devices.loan:' || id,
        jsonb_build_object('why', '', 'before', 'reserved')
    FROM sent
    UNION ALL
    SELECT %(actor)s, 'shipped', 'devices.device:' || id,
        jsonb_build_object('why', '', 'before', 'allocated')
    FROM left_us
)
SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM sent) - (SELECT count(*) FROM left_us)
"""
MOVE_ON = """
WITH told AS (
    SELECT * FROM unnest(%(parcels)s::bigint[], %(statuses)s::text[], %(moments)s::timestamptz[])
        AS told (id, status, at)
), earlier AS (
    SELECT parcel.id, parcel.status FROM devices_shipment parcel JOIN told USING (id)
    WHERE parcel.status IN ('accepted', 'in_transit')
), moved AS (
    UPDATE devices_shipment parcel SET status = told.status,
        delivered_at = CASE WHEN told.status = 'delivered' THEN told.at END
    FROM told JOIN earlier USING (id)
    WHERE parcel.id = told.id AND parcel.status = earlier.status
    RETURNING parcel.id, parcel.loan_id, parcel.direction, parcel.status, earlier.status AS before
), arrived AS (
    UPDATE devices_loan loan SET status = 'delivered' FROM moved
    WHERE loan.id = moved.loan_id AND moved.direction = 'out' AND moved.status = 'delivered'
        AND loan.status = 'shipped'
    RETURNING loan.id
), worn AS (
    UPDATE devices_device device SET status = 'on_loan'
    FROM devices_loan loan JOIN moved ON moved.loan_id = loan.id
    WHERE device.id = loan.device_id AND device.status = 'shipped'
        AND moved.direction = 'out' AND moved.status = 'delivered'
    RETURNING device.id
), written AS (
    INSERT INTO core_auditevent (actor, verb, subject, detail)
    SELECT %(actor)s, status, 'devices.shipment:' || id,
        jsonb_build_object('why', '', 'before', before, 'file', %(file)s::bigint)
    FROM moved
    UNION ALL
    SELECT %(actor)s, 'delivered', 'devices.loan:' || id,
        jsonb_build_object('why', '', 'before', 'shipped')
    FROM arrived
    UNION ALL
    SELECT %(actor)s, 'on_loan', 'devices.device:' || id,
        jsonb_build_object('why', '', 'before', 'shipped')
    FROM worn
)
SELECT count(*), 0 FROM moved
"""


@dataclass(frozen=True, slots=True)
class Item:
    """A row with what would become of it."""

    line: Line
    outcome: str
    problem: str = ""
    other: str = ""
    parcel: int = 0


def read_file(content: bytes, *, name: str, carrier: Carrier, by: StaffUser) -> CourierFile:
    """Keep the rows of a file until somebody takes it in; nothing is moved yet."""
    kind, rows = rows_of(content)
    lines = judged(kind, rows, carrier)
    with transaction.atomic():
        found = CourierFile.objects.create(
            kind=kind,
            carrier=carrier,
            file_name=name[-100:],
            digest=hashlib.sha256(content).hexdigest(),
            content=json.dumps(lines, ensure_ascii=False),
            rows=len(lines),
            uploaded_by=by,
        )
        audit.record("filed", found, by=by, rows=len(lines))
    return found


def rows_of(content: bytes) -> tuple[str, list[tuple[int, Mapping[str, str]]]]:
    """Read XLSX or CSV under Korean or English column names; its columns say what it is."""
    header, rows = numbered_rows(content)
    names = column_names(header)
    kinds = [kind for kind, needed in NEEDED.items() if set(needed) <= set(names)]
    if not kinds:
        raise WrongCourierColumns(columns=", ".join(header)[:200])
    # A list that says how far parcels are, and repeats our references, tells of progress.
    kind = kinds[-1]
    places = {name: place for place, name in enumerate(names) if name}
    if len(places) < sum(1 for name in names if name):
        raise BadHeader
    told: list[tuple[int, Mapping[str, str]]] = [
        (line, {name: cells[place] for name, place in places.items()}) for line, cells in rows
    ]
    if not told:
        raise NoRowToTakeIn
    return kind, told


def judged(
    kind: str, rows: Sequence[tuple[int, Mapping[str, str]]], carrier: Carrier
) -> list[Line]:
    if kind == Kind.PROGRESS:
        return read_progress(rows, lengths=carrier.lengths, now=clock.now())
    try:
        return read_numbers(rows, lengths=carrier.lengths)
    except Swapped as swap:
        raise SwappedColumns from swap


def preview(found: CourierFile) -> list[Item]:
    """Say what would become of every row, and change nothing."""
    lines = [Line(*row) for row in json.loads(found.content)]
    if found.kind == Kind.PROGRESS:
        return list(examine_progress(lines, seen_by(found)))
    return list(examine_numbers(lines, found.carrier, seen_by(found)))


def seen_by(found: CourierFile) -> ShipmentQuerySet:
    """A file moves only parcels that whoever sent it may see."""
    return Shipment.objects.visible_to(found.uploaded_by)


def examine_numbers(
    lines: Sequence[Line], carrier: Carrier, seen: ShipmentQuerySet
) -> Iterator[Item]:
    wanted = [line.reference for line in lines]
    rows = seen.filter(reference__in=wanted).select_related("batch")
    parcels = {each.reference: each for each in rows}
    numbers = [line.tracking_no for line in lines if line.tracking_no]
    held = dict(
        Shipment.objects.filter(tracking_no__in=numbers).values_list("tracking_no", "reference")
    )
    for line in lines:
        yield judge_number(line, parcels.get(line.reference), held, carrier)


def judge_number(
    line: Line, parcel: Shipment | None, held: Mapping[str, str], carrier: Carrier
) -> Item:
    refused = partial(Item, line, "refused")
    if line.problem:
        return refused(line.problem, line.other)
    if parcel is None:
        return refused("unknown_parcel")
    if parcel.tracking_no == line.tracking_no:
        return Item(line, KNOWN, parcel=parcel.pk)
    if parcel.tracking_no:
        return refused("has_other_number", parcel.tracking_no)
    if parcel.status != Shipment.Status.PLANNED:
        return refused("parcel_over", parcel.get_status_display())
    if parcel.batch is not None and parcel.batch.carrier_id != carrier.pk:
        return refused("other_carrier", parcel.carrier)
    if line.tracking_no in held:
        return refused("number_taken", held[line.tracking_no])
    return Item(line, GOOD, parcel=parcel.pk)


def examine_progress(lines: Sequence[Line], seen: ShipmentQuerySet) -> Iterator[Item]:
    numbers = [line.tracking_no for line in lines if line.tracking_no]
    rows = seen.filter(tracking_no__in=numbers)
    parcels = {each.tracking_no: each for each in rows}
    for line in lines:
        yield judge_progress(line, parcels.get(line.tracking_no))


def judge_progress(line: Line, parcel: Shipment | None) -> Item:
    if line.problem:
        return Item(line, "refused", line.problem, line.other)
    if parcel is None:
        return Item(line, "refused", "unknown_number")
    is_old_news = line.progress == "in_transit" and parcel.status == Shipment.Status.DELIVERED
    if is_old_news or parcel.status == ENDS.get(line.progress, line.progress):
        return Item(line, KNOWN, parcel=parcel.pk)
    if parcel.status not in {Shipment.Status.ACCEPTED, Shipment.Status.IN_TRANSIT}:
        return Item(line, "refused", "parcel_over", str(parcel.get_status_display()))
    return Item(line, GOOD, parcel=parcel.pk)


@transaction.atomic
def take_in(found: CourierFile, *, by: StaffUser) -> CourierFile:
    """Carry out the good rows together; what is refused stays where it was."""
    items = preview(found)
    good = [item for item in items if item.outcome == GOOD]
    if not good:
        raise NoRowToTakeIn
    with constraint("a_courier_file_is_taken_in_once", FileTakenInBefore()):
        found.move(Status.DONE, by=by, ended_at=clock.now())
    packing.hold([item.parcel for item in good])
    with constraint("one_shipment_per_tracking_number", NumbersChanged()):
        carry_out(found, good, by=by)
    counted = Counter(item.outcome for item in items)
    found.accepted, found.known = counted[GOOD], counted[KNOWN]
    found.refused = counted["refused"]
    found.save(update_fields=["accepted", "known", "refused"])
    end_full_lists([item.parcel for item in good], by=by)
    return found


def carry_out(found: CourierFile, good: Sequence[Item], *, by: Actor) -> None:
    terms: dict[str, str | int | list[int] | list[str]] = {
        "parcels": [item.parcel for item in good],
        "numbers": [item.line.tracking_no for item in good],
        "statuses": [ENDS.get(item.line.progress, item.line.progress) for item in good],
        "moments": [item.line.at or clock.now().isoformat() for item in good],
        "carrier": found.carrier.name,
        "file": found.pk,
        "actor": by.actor_name,
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVE_ON if found.kind == Kind.PROGRESS else NUMBER, terms)
        moved, astray = cursor.fetchone()
    if moved != len(good) or astray:
        raise NumbersChanged


def end_full_lists(parcels: Sequence[int], *, by: Actor) -> None:
    """End the lists all of whose parcels have their number."""
    rows = ParcelBatch.objects.filter(status=ParcelBatch.Status.OPEN, parcels__in=parcels)
    for batch in rows.distinct():
        if not batch.parcels.planned().exists():
            batch.move(ParcelBatch.Status.DONE, by=by, ended_at=clock.now())


@transaction.atomic
def drop(found: CourierFile, *, by: Actor) -> None:
    """Do not take a file in; its rows are gone."""
    found.move(Status.DROPPED, by=by, ended_at=clock.now(), content="[]")


def drop_forgotten(*, by: Actor) -> int:
    """Drop files that were looked at and left lying for a week."""
    old = CourierFile.objects.filter(status=Status.DRAFT, uploaded_at__lt=clock.now() - KEPT_FOR)
    rows = list(old.order_by("pk")[:100])
    for found in rows:
        drop(found, by=by)
    return len(rows)

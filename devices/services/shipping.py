"""Parcels: planned here, booked with the courier outside any transaction, followed until done."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from devices.errors import TrackingNumberTaken
from devices.gateways.courier import (
    Consignment,
    Courier,
    Direction,
    Progress,
    Refused,
    Tracking,
    Unreachable,
)
from devices.models import Device, Loan, Shipment
from devices.services.loans import plan_parcel
from seoul_health.core import clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import IllegalMove
from seoul_health.core.tasks import enqueue

log = structlog.get_logger("devices")
CHUNK = 200
PATIENCE = timedelta(minutes=1)


def book_shipment(shipment: Shipment, *, courier: Courier, by: Actor) -> None:
    """Book a planned parcel. Silence leaves it planned: asking again books nothing twice."""
    if shipment.status != Shipment.Status.PLANNED or shipment.batch_id:
        return
    try:
        consignment = courier.ship(
            shipment.reference,
            direction=Direction(shipment.direction),
            serial=shipment.loan.device.serial,
        )
    except Refused as refusal:
        log.warning("parcel_refused", shipment=shipment.pk, code=refusal.code)
        shipment.move(Shipment.Status.REFUSED, by=by, why=refusal.code[:100])
    except Unreachable:
        log.warning("courier_silent", shipment=shipment.pk)
    else:
        keep_consignment(shipment, consignment, by=by)


def keep_consignment(shipment: Shipment, consignment: Consignment, *, by: Actor) -> None:
    numbers = {"carrier": consignment.carrier, "tracking_no": consignment.tracking_no}
    try:
        with constraint("one_shipment_per_tracking_number", TrackingNumberTaken()):
            shipment.move(Shipment.Status.ACCEPTED, by=by, **numbers)
    except IllegalMove:
        # Booked twice at once, or the watch came by hand while we asked.
        log.warning("parcel_no_longer_planned", shipment=shipment.pk, **numbers)


@transaction.atomic
def plan_again(shipment: Shipment, *, by: Actor) -> Shipment:
    """Plan a new parcel after the courier refused one."""
    if shipment.status != Shipment.Status.REFUSED:
        raise IllegalMove(what=shipment, to=Shipment.status_label(Shipment.Status.PLANNED))
    return plan_parcel(shipment.loan, Shipment.Direction(shipment.direction), by=by)


def ask_courier(*, courier: Courier, by: Actor) -> int:
    """Ask where the parcels are, longest unasked first; ring again for those never booked."""
    followed = 0
    for shipment in claim_parcels():
        if shipment.status == Shipment.Status.PLANNED:
            enqueue("devices.book_shipment", shipment.pk)
            continue
        try:
            tracking = courier.track(shipment.tracking_no)
        except Unreachable:
            log.warning("courier_silent", shipment=shipment.pk)
            break
        followed += tracking is not None and follow(shipment, tracking, by=by)
    return followed


@transaction.atomic
def claim_parcels() -> list[Shipment]:
    """Take a share of the open parcels; a second sweep at the same time takes others."""
    now = clock.now()
    rows = Shipment.objects.unfinished().by_line()
    rows = rows.order_by(F("asked_at").asc(nulls_first=True), "pk")
    settled = rows.exclude(status=Shipment.Status.PLANNED, planned_at__gt=now - PATIENCE)
    claimed = list(settled.select_for_update(skip_locked=True, of=("self",))[:CHUNK])
    Shipment.objects.filter(pk__in=[each.pk for each in claimed]).update(asked_at=now)
    return claimed


def follow(shipment: Shipment, tracking: Tracking, *, by: Actor) -> bool:
    """Move a parcel on if the courier has."""
    try:
        if tracking.status == Progress.DELIVERED:
            deliver(shipment, at=tracking.at, by=by)
        elif tracking.status == Progress.IN_TRANSIT and shipment.may(Shipment.Status.IN_TRANSIT):
            shipment.move(Shipment.Status.IN_TRANSIT, by=by)
        else:
            return False
    except IllegalMove:
        return False  # A person was quicker: the parcel has ended another way.
    return True


@transaction.atomic
def deliver(shipment: Shipment, *, at: datetime, by: Actor) -> None:
    """Note a parcel's arrival. One that came back is in only once its watch is scanned."""
    loan = Loan.objects.select_for_update(of=("self",)).get(pk=shipment.loan_id)
    shipment.move(Shipment.Status.DELIVERED, by=by, delivered_at=at)
    if shipment.direction == Shipment.Direction.BACK:
        return
    if loan.status == Loan.Status.SHIPPED:
        loan.move(Loan.Status.DELIVERED, by=by)
    device = Device.objects.select_for_update(of=("self",)).get(pk=loan.device_id)
    if device.status == Device.Status.SHIPPED:
        device.move(Device.Status.ON_LOAN, by=by)

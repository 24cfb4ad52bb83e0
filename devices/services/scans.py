"""The scan station: every scan is kept once, under the id its screen gave it."""

from typing import Any
from uuid import UUID

from django.db import transaction

from devices.errors import NothingToUndo, ScanRefused, TooLateToUndo
from devices.models import Device, Inspection, Loan, Scan, Shipment, Site, WatchPaper
from devices.services.inspections import inspect
from devices.services.labels import find_by_label
from devices.services.loans import scan_in
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import KeyReused

Snapshot = dict[str, Any]


@transaction.atomic
def record_scan(
    client_id: UUID, *, text: str, grade: str = "", site: Site | None = None, by: Actor
) -> Scan:
    """Take a watch in and keep what came of it; the same id again gives the first outcome."""
    read = text.strip()[:64]
    scan, is_new = Scan.objects.get_or_create(
        client_id=client_id,
        defaults={"text": read, "grade": grade, "site": site, "scanned_by": by.actor_name},
    )
    if is_new:
        settle(scan, by=by)
    elif (scan.scanned_by, scan.text) != (by.actor_name, read):
        raise KeyReused
    return scan


def settle(scan: Scan, *, by: Actor) -> None:
    try:
        with transaction.atomic():
            take_in(scan, by=by)
    except ScanRefused as refusal:
        scan.outcome = Scan.Outcome.REFUSED
        scan.code, scan.message = refusal.code, str(refusal)[:200]
    scan.save()


def take_in(scan: Scan, *, by: Actor) -> None:
    found = find_by_label(scan.text)
    loan = found.loans.unsettled().order_by("-pk").select_for_update(of=("self",)).first()
    held = Device.objects.select_for_update(of=("self",)).get(pk=found.pk)
    before = snapshot(held, loan)
    device = scan_in(scan.text, by=by)
    if scan.site is not None:
        Device.objects.filter(pk=device.pk).update(site=scan.site)
    if scan.grade:
        before["inspection"] = inspect(device, grade=scan.grade, by=by).pk
    scan.outcome, scan.device, scan.loan = Scan.Outcome.TAKEN_IN, device, loan
    scan.before = before


def snapshot(device: Device, loan: Loan | None) -> Snapshot:
    kept = ("status", "holds_personal_data", "grade", "site_id")
    parcels = loan.shipments.unfinished().values_list("pk", "status") if loan else []
    return {
        "device": {name: getattr(device, name) for name in kept},
        "loan": loan.status if loan else "",
        "parcels": dict(parcels),
    }


@transaction.atomic
def undo_scan(client_id: UUID, *, by: Actor) -> Scan:
    """Put everything back as it was before one's own scan, unless somebody has worked on it."""
    mine = Scan.objects.filter(client_id=client_id, scanned_by=by.actor_name)
    scan = mine.filter(outcome=Scan.Outcome.TAKEN_IN).select_for_update(of=("self",)).first()
    if scan is None or scan.device is None:
        raise NothingToUndo
    if scan.undone_at is None:
        put_loan_back(scan, by=by)
        put_device_back(scan, scan.device, by=by)
        scan.undone_at = clock.now()
        scan.save(update_fields=["undone_at"])
    return scan


def put_loan_back(scan: Scan, *, by: Actor) -> None:
    """Undo is the one way against NEXT, so it is guarded here as a move is."""
    if scan.loan is None:
        return
    left_as = Loan.Status.CLOSED if "inspection" in scan.before else Loan.Status.RETURNED
    rows = Loan.objects.filter(pk=scan.loan.pk, status=left_as)
    if not rows.update(status=scan.before["loan"], returned_at=None, closed_at=None):
        raise TooLateToUndo(serial=scan.device)
    for pk, status in scan.before["parcels"].items():
        Shipment.objects.filter(pk=pk, loan=scan.loan).update(status=status, delivered_at=None)
    audit.record("scan_undone", scan.loan, by=by, back_to=scan.before["loan"])


def put_device_back(scan: Scan, device: Device, *, by: Actor) -> None:
    held = Device.objects.select_for_update(of=("self",)).get(pk=device.pk)
    own = scan.before.get("inspection", 0)
    later = held.inspections.filter(inspected_at__gte=scan.scanned_at).exclude(pk=own)
    wiped = held.wipes.filter(wiped_at__gte=scan.scanned_at)
    pictured = WatchPaper.objects.filter(inspection=own)
    waits = held.status == Device.Status.AWAITING_INSPECTION
    if not waits or later.exists() or wiped.exists() or pictured.exists():
        raise TooLateToUndo(serial=held)
    Inspection.objects.filter(pk=own).delete()
    Device.objects.filter(pk=held.pk).update(**scan.before["device"])
    audit.record("scan_undone", held, by=by, back_to=scan.before["device"]["status"])

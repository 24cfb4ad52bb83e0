"""Deliveries under the scanner: every label is kept once and answered at once."""

from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from devices.errors import NothingToUndo, TooLateToUndo
from devices.models import ArrivalScan, Device, ExpectedWatch, Manifest
from devices.register_errors import NoSuchQuestion, NotArriving, QuestionsOpen
from devices.rules.serials import BadSerial, look_of, normalise_serial
from devices.services.manifests import entering, take_out, uses
from devices.services.stock import register_watches
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import KeyReused
from seoul_health.core.tasks import enqueue

Outcome = ArrivalScan.Outcome


class Seen(NamedTuple):
    """What a label turned out to be."""

    outcome: ArrivalScan.Outcome
    message: str = ""
    lines: tuple[ExpectedWatch, ...] = ()


@transaction.atomic
def scan_arrival(client_id: UUID, *, manifest: Manifest, text: str, by: Actor) -> ArrivalScan:
    """Take in what a label names; the same id again gives the first answer."""
    read = text.strip()[:64]
    held = hold(manifest)
    earlier = ArrivalScan.objects.filter(client_id=client_id).first()
    if earlier is not None:
        if (earlier.scanned_by, earlier.text, earlier.manifest_id) != (
            by.actor_name, read, held.pk,
        ):  # fmt: skip
            raise KeyReused
        return earlier
    arriving(held)
    seen = see(held, read)
    scan = ArrivalScan.objects.create(
        client_id=client_id,
        manifest=held,
        text=read,
        outcome=seen.outcome,
        message=seen.message[:200],
        units=len(seen.lines),
        scanned_by=by.actor_name,
    )
    enter(seen.lines, scan=scan, by=by)
    return scan


def hold(manifest: Manifest) -> Manifest:
    """Let one scanner after the other at a delivery: two may hold one watch."""
    rows = Manifest.objects.select_related("lot", "site")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=manifest.pk)


def arriving(manifest: Manifest) -> None:
    if manifest.status != Manifest.Status.EXPECTED:
        raise NotArriving(number=manifest.number, status=manifest.get_status_display())


def see(manifest: Manifest, text: str) -> Seen:
    try:
        serial = normalise_serial(text)
    except BadSerial:
        return Seen(Outcome.UNREADABLE, _("Scan the label again."))
    line = ExpectedWatch.objects.live().looking_like(look_of(serial)).first()
    if line is not None and line.manifest_id == manifest.pk and line.serial == serial:
        return see_line(line)
    if line is None and (box := see_box(manifest, serial)):
        return box
    return see_stranger(manifest, serial, line)


def see_line(line: ExpectedWatch) -> Seen:
    if line.received_at is None:
        return Seen(Outcome.RECEIVED, lines=(line,))
    return Seen(Outcome.AGAIN, _("This watch has already been received."))


def see_box(manifest: Manifest, label: str) -> Seen | None:
    """Take a sealed box by its own label: everything the list says is in it."""
    lines = manifest.lines.live().filter(box=label)
    left = tuple(lines.missing().order_by("line"))
    if left:
        return Seen(Outcome.RECEIVED, _("Box of {count}").format(count=len(left)), left)
    return Seen(Outcome.AGAIN, _("This box has already been received.")) if lines.exists() else None


def see_stranger(manifest: Manifest, serial: str, line: ExpectedWatch | None) -> Seen:
    """Tell a watch of another delivery, a near miss and a known one from one nobody announced."""
    if line is not None and line.serial != serial:
        near = _("Not announced. Is it {other}? Scan the label again.").format(other=line.serial)
        return Seen(Outcome.UNREADABLE, near)
    if line is not None:
        other = _("Announced in delivery {number}.").format(number=line.manifest.number)
        return Seen(Outcome.ELSEWHERE, other)
    watch = Device.objects.looking_like(serial).first()
    if watch is not None:
        known = _("In the register as {serial} ({status}).").format(
            serial=watch.serial, status=watch.get_status_display()
        )
        return Seen(Outcome.ELSEWHERE, known)
    asked = manifest.scans.counting().filter(outcome=Outcome.UNEXPECTED, text__iexact=serial)
    if asked.exists():
        return Seen(Outcome.AGAIN, _("Already noted as not announced."))
    return Seen(Outcome.UNEXPECTED, _("Set it apart; somebody decides about it below."))


def enter(lines: tuple[ExpectedWatch, ...], *, scan: ArrivalScan, by: Actor) -> None:
    """Enter watches into the register, each at its site."""
    now = clock.now()
    devices = [
        Device(
            serial=line.serial,
            asset_no=line.asset_no,
            imei=line.imei,
            mac=line.mac,
            lot=scan.manifest.lot,
            site=line.site or scan.manifest.site,
        )
        for line in lines
    ]
    with entering():
        register_watches(devices, by=by)
    for line, device in zip(lines, devices, strict=True):
        line.device, line.scan = device, scan
        line.received_at, line.received_by = now, by.actor_name
    ExpectedWatch.objects.bulk_update(
        lines, ["device", "scan", "received_at", "received_by"], batch_size=500
    )


@transaction.atomic
def undo_arrival(client_id: UUID, *, manifest: Manifest, by: Actor) -> ArrivalScan:
    """Take one's own scan back, unless somebody has used a watch of it."""
    arriving(hold(manifest))
    scan = manifest.scans.filter(client_id=client_id, scanned_by=by.actor_name).first()
    if scan is None or scan.outcome not in (Outcome.RECEIVED, Outcome.UNEXPECTED):
        raise NothingToUndo
    if scan.undone_at is None:
        if scan.decision:
            raise TooLateToUndo(serial=scan.text)
        put_back(scan)
        scan.undone_at = clock.now()
        scan.save(update_fields=["undone_at"])
        audit.record("scan_undone", manifest, by=by, units=scan.units)
    return scan


def put_back(scan: ArrivalScan) -> None:
    entered = Device.objects.filter(arrival__scan=scan).order_by("pk")
    watches = list(entered.select_for_update(of=("self",)))
    pks = [watch.pk for watch in watches]
    moved = next((one for one in watches if one.status != Device.Status.IN_STOCK), None)
    if moved is not None or any(rows.exists() for _name, rows in uses(pks)):
        raise TooLateToUndo(serial=moved or scan.text)
    scan.lines.update(device=None, scan=None, received_at=None, received_by="")
    take_out(pks)


@transaction.atomic
def accept_over(scan: ArrivalScan, *, by: Actor) -> ExpectedWatch:
    """Take in a watch that nobody had announced: it is ours, and it is on the record."""
    held = hold(scan.manifest)
    arriving(held)
    decide(scan, ArrivalScan.Decision.ACCEPTED, by=by)
    last = held.lines.order_by("-line").values_list("line", flat=True).first() or 1
    with entering():
        line = ExpectedWatch.objects.create(
            manifest=held, line=last + 1, serial=normalise_serial(scan.text), is_over=True
        )
    scan.refresh_from_db()
    enter((line,), scan=scan, by=by)
    return line


@transaction.atomic
def send_back(scan: ArrivalScan, *, by: Actor) -> None:
    """Note that a watch nobody had announced goes back to the supplier."""
    arriving(hold(scan.manifest))
    decide(scan, ArrivalScan.Decision.SENT_BACK, by=by)


def decide(scan: ArrivalScan, decision: ArrivalScan.Decision, *, by: Actor) -> None:
    units = 1 if decision == ArrivalScan.Decision.ACCEPTED else 0
    rows = ArrivalScan.objects.open_questions().filter(pk=scan.pk)
    if not rows.update(
        decision=decision, decided_by=by.actor_name, decided_at=clock.now(), units=units
    ):
        raise NoSuchQuestion
    audit.record("stranger_decided", scan.manifest, by=by, decision=decision)


@transaction.atomic
def end_delivery(manifest: Manifest, *, by: Actor) -> int:
    """End a delivery; what has not come is short, and may be announced again. Give how many."""
    held = hold(manifest)
    arriving(held)
    open_ones = held.scans.open_questions().count()
    if open_ones:
        raise QuestionsOpen(count=open_ones)
    short = held.lines.missing().update(is_live=False)
    held.move(Manifest.Status.RECEIVED, by=by, ended_at=clock.now())
    if short:
        audit.record("came_short", held, by=by, short=short)
    enqueue("devices.reserve_waiting")
    return short

"""Watches that leave for good: a list by one person, a decision by another, a certificate."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from devices.errors import DayAhead, EmptyDisposal, NoLongerDraft, WatchesMoved, WatchesUnfit
from devices.models import DataWipe, Device, DisposalBatch, DisposalUnit, Loan, RepairTicket
from devices.rules.serials import BadSerial, normalise_serial
from devices.services.stock import record_each
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import AuditEvent, StaffUser

Status = DisposalBatch.Status
FROM = [*sorted(Device.IN_HOUSE), Device.Status.IN_STOCK]
MOST = 5_000
TOLD = 20

UNREADABLE = _("“{text}” is not a serial number.")
UNKNOWN = _("No watch has the serial number {text}.")
TWICE = _("{text} stands in the list twice.")
AWAY = _("Watch {text} is not in our hands.")
UNWIPED = _("Watch {text} still holds personal data.")
UNINSPECTED = _("Watch {text} has not been inspected since it came back.")
ELSEWHERE = _("Watch {text} stands in a disposal already.")
MENDED = _("Watch {text} is at the workshop.")


@dataclass(frozen=True, slots=True)
class Unfit:
    """A line of a list that cannot be taken, and why."""

    line: int
    text: str
    why: str | Promise

    def __str__(self) -> str:
        return str(self.why).format(text=self.text)


def start(*, method: str, recycler: str, reason: str, by: StaffUser) -> DisposalBatch:
    """Begin to put a disposal together."""
    batch = DisposalBatch.objects.create(
        method=method, recycler=recycler, reason=reason, requested_by=by, requested_at=clock.now()
    )
    audit.record("drafted", batch, by=by)
    return batch


@transaction.atomic
def add_watches(batch: DisposalBatch, texts: Sequence[str], *, by: StaffUser) -> int:
    """Put watches on the list by their labels, all of them or none; give how many."""
    hold_draft(batch)
    serials, faults = read(texts)
    found = list(
        Device.objects.visible_to(by)
        .filter(serial__in=serials)
        .select_related("lot", "site")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    faults += judged(serials, found)
    if faults:
        refusal = WatchesUnfit(count=len(faults), first=faults[0])
        refusal.fields = {"serials": [f"{one.line}: {one}" for one in faults[:TOLD]]}
        raise refusal
    put_in(batch, found, by=by)
    return len(found)


def read(texts: Sequence[str]) -> tuple[dict[str, int], list[Unfit]]:
    """Read serials as labels are read; give each with its line, and the lines that are none."""
    serials: dict[str, int] = {}
    faults: list[Unfit] = []
    for line, text in enumerate(texts, 1):
        try:
            serial = normalise_serial(text)
        except BadSerial:
            faults.append(Unfit(line, text.strip()[:40], UNREADABLE))
            continue
        if serial in serials:
            faults.append(Unfit(line, serial, TWICE))
        serials.setdefault(serial, line)
    return serials, faults


def judged(serials: dict[str, int], found: Sequence[Device]) -> list[Unfit]:
    """Say which of these watches cannot be disposed of now."""
    known = {device.serial: device for device in found}
    keys = [device.pk for device in found]
    returned = keys_of(Loan.objects.filter(device__in=keys, status=Loan.Status.RETURNED))
    listed = keys_of(DisposalUnit.objects.filter(device__in=keys, is_live=True))
    mended = keys_of(RepairTicket.objects.filter(device__in=keys, status=RepairTicket.Status.SENT))
    faults = []
    for serial, line in serials.items():
        device = known.get(serial)
        if device is None:
            faults.append(Unfit(line, serial, UNKNOWN))
        elif device.pk in listed:
            faults.append(Unfit(line, serial, ELSEWHERE))
        elif device.status not in FROM:
            faults.append(Unfit(line, serial, AWAY))
        elif device.pk in mended:
            faults.append(Unfit(line, serial, MENDED))
        elif device.pk in returned:
            faults.append(Unfit(line, serial, UNINSPECTED))
        elif device.holds_personal_data:
            faults.append(Unfit(line, serial, UNWIPED))
    return faults


def keys_of(
    rows: "QuerySet[Loan] | QuerySet[DisposalUnit] | QuerySet[RepairTicket]",
) -> set[int]:
    return set(rows.values_list("device_id", flat=True))


def put_in(batch: DisposalBatch, devices: Sequence[Device], *, by: Actor) -> None:
    """Set watches apart and write them onto the list, in a few statements for any number."""
    now, keys = clock.now(), [device.pk for device in devices]
    unsent = RepairTicket.objects.filter(device__in=keys, status=RepairTicket.Status.OPEN)
    for ticket in unsent.select_for_update(of=("self",)).order_by("pk"):
        ticket.move(RepairTicket.Status.CANCELLED, by=by, closed_at=now)
    Device.objects.filter(pk__in=keys, status__in=FROM).update(status=Device.Status.QUARANTINED)
    newest = DataWipe.objects.filter(device=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    wipes = dict(
        Device.objects.filter(pk__in=keys).annotate(wipe=Subquery(newest)).values_list("pk", "wipe")
    )
    DisposalUnit.objects.bulk_create(
        [
            DisposalUnit(
                batch=batch,
                device=device,
                wipe_id=wipes[device.pk],
                grade=device.grade,
                unit_price=device.lot.unit_price,
                added_at=now,
                added_by=by.actor_name,
            )
            for device in devices
        ],
        batch_size=2000,
    )
    record_each("set_apart", devices, by=by)


def fit(user: StaffUser) -> QuerySet[Device]:
    """Watches of the worst grade that are inspected, wiped and on no list yet."""
    return (
        Device.objects.visible_to(user)
        .filter(
            status__in=[Device.Status.AWAITING_INSPECTION, Device.Status.QUARANTINED],
            holds_personal_data=False,
            grade="D",
        )
        .exclude(pk__in=DisposalUnit.objects.filter(is_live=True).values("device"))
        .exclude(pk__in=Loan.objects.filter(status=Loan.Status.RETURNED).values("device"))
    )


@transaction.atomic
def add_fit(batch: DisposalBatch, *, by: StaffUser) -> int:
    """Put every watch of the worst grade on the list that is ready for it; give how many."""
    hold_draft(batch)
    rows = fit(by).select_related("lot", "site").select_for_update(of=("self",))
    found = list(rows.order_by("pk")[:MOST])
    put_in(batch, found, by=by)
    return len(found)


@transaction.atomic
def take_out(unit: DisposalUnit, *, by: Actor) -> None:
    """Take a watch off a list that nobody has asked for yet; it stays in quarantine."""
    hold_draft(unit.batch)
    unit.delete()
    audit.record("taken_off", unit.device, by=by, disposal=str(unit.batch))


def with_sums(rows: QuerySet[DisposalBatch]) -> QuerySet[DisposalBatch]:
    """Add how many watches each list names, and what they once cost."""
    return rows.annotate(watches=Count("units"), price=Sum("units__unit_price", default=0))


def hold_draft(batch: DisposalBatch) -> DisposalBatch:
    held = DisposalBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if held.status != Status.DRAFT:
        raise NoLongerDraft
    return held


def list_of(batch: DisposalBatch) -> str:
    """Write the list as it is asked for: serial, grade and price of each watch."""
    rows = batch.units.order_by("device__serial")
    cells = rows.values_list("device__serial", "grade", "unit_price")
    return "".join(f"{serial},{grade},{price}\n" for serial, grade, price in cells)


@transaction.atomic
def ask(batch: DisposalBatch, *, by: StaffUser) -> None:
    """Ask somebody else to let these watches go; the list stays as it is from now on."""
    hold_draft(batch)
    text = list_of(batch)
    if not text:
        raise EmptyDisposal
    batch.move(
        Status.REQUESTED,
        by=by,
        requested_by=by,
        requested_at=clock.now(),
        list_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


@transaction.atomic
def approve(batch: DisposalBatch, *, by: StaffUser) -> None:
    """Let the watches go; never by who asked for it."""
    batch.move(Status.APPROVED, by=by, **batch.decided(by))


@transaction.atomic
def reject(batch: DisposalBatch, *, by: StaffUser, why: str) -> None:
    """Keep the watches; they are free for another list."""
    if not why.strip():
        raise ReasonNeeded
    batch.move(Status.REJECTED, by=by, why=why, **batch.decided(by))
    batch.units.update(is_live=False)


@transaction.atomic
def withdraw(batch: DisposalBatch, *, by: StaffUser, why: str) -> None:
    """Give a list up before anybody decided on it."""
    if not why.strip():
        raise ReasonNeeded
    batch.move(Status.WITHDRAWN, by=by, why=why)
    batch.units.update(is_live=False)


@transaction.atomic
def hand_over(
    batch: DisposalBatch, *, weight_grams: int, certificate_no: str, on: date, by: StaffUser
) -> int:
    """Note that the receiver has taken the watches and certified it; give how many went."""
    if on > clock.today():
        raise DayAhead(day=on)
    batch.move(
        Status.DONE,
        by=by,
        weight_grams=weight_grams,
        certificate_no=certificate_no,
        handed_over_on=on,
        closed_at=clock.now(),
    )
    devices = Device.objects.filter(disposals__batch=batch, disposals__is_live=True)
    keys = list(devices.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    ready = Device.objects.filter(
        pk__in=keys, status=Device.Status.QUARANTINED, holds_personal_data=False
    )
    if ready.update(status=Device.Status.DISPOSED) != len(keys):
        refuse_moved(keys)
    record_disposals(batch, keys, by=by)
    return len(keys)


def refuse_moved(keys: Sequence[int]) -> None:
    moved = Device.objects.filter(pk__in=keys).exclude(status=Device.Status.DISPOSED)
    serials = list(moved.order_by("serial").values_list("serial", flat=True))
    raise WatchesMoved(count=len(serials), serials=", ".join(serials[:TOLD]))


def record_disposals(batch: DisposalBatch, keys: Sequence[int], *, by: Actor) -> None:
    now, label = clock.now(), Device._meta.label_lower
    events = [
        AuditEvent(
            at=now,
            verb="disposed",
            subject=f"{label}:{key}",
            actor=by.actor_name,
            detail={"disposal": str(batch), "certificate": batch.certificate_no},
        )
        for key in keys
    ]
    AuditEvent.objects.bulk_create(events, batch_size=2000)

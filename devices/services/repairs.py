"""Repairs: opened with what is wrong, sent to a workshop, and closed by what came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum

from devices.errors import AtTheWorkshop, DayGone, NotWiped
from devices.models import Device, RepairTicket
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import IllegalMove

Status, Outcome = RepairTicket.Status, RepairTicket.Outcome
# Where a watch goes by what the workshop says of it.
SHELVES = {
    Outcome.REPAIRED: Device.Status.AWAITING_INSPECTION,
    Outcome.NO_FAULT: Device.Status.AWAITING_INSPECTION,
    Outcome.BEYOND_REPAIR: Device.Status.QUARANTINED,
    Outcome.LOST: Device.Status.LOST,
}


def open_repair(device: Device, *, fault: str, by: Actor) -> RepairTicket:
    """Write down what is wrong with a watch, and whether its warranty still runs."""
    until = device.lot.warranty_until
    ticket = RepairTicket.objects.create(
        device=device,
        fault=fault,
        is_under_warranty=until is not None and until >= clock.today(),
        opened_at=clock.now(),
        opened_by=by.actor_name,
    )
    audit.record("opened", ticket, by=by, serial=device.serial)
    return ticket


def cancel_unsent(device: Device, *, by: Actor) -> None:
    """Close the repair of a watch that goes another way; one at a workshop comes back first."""
    running = device.repairs.running().select_for_update(of=("self",)).first()
    if running is None:
        return
    if running.status == Status.SENT:
        raise AtTheWorkshop(serial=device)
    running.move(Status.CANCELLED, by=by, closed_at=clock.now())


@transaction.atomic
def send(
    tickets: Sequence[RepairTicket],
    *,
    workshop: str,
    expected_on: date | None = None,
    reference: str = "",
    by: Actor,
) -> None:
    """Hand watches to a workshop, all or none; nobody's data goes with them."""
    for ticket in sorted(tickets, key=lambda one: one.device_id):
        device = Device.objects.select_for_update(of=("self",)).get(pk=ticket.device_id)
        if device.holds_personal_data:
            raise NotWiped(serial=device)
        ticket.move(
            Status.SENT,
            by=by,
            workshop=workshop,
            reference=reference,
            expected_on=expected_on,
            sent_at=clock.now(),
        )


@transaction.atomic
def take_back(
    ticket: RepairTicket, *, outcome: str, cost: int = 0, note: str = "", by: Actor
) -> None:
    """Close a repair with what the workshop did, and put the watch where it belongs now."""
    device = Device.objects.select_for_update(of=("self",)).get(pk=ticket.device_id)
    ticket.move(Status.BACK, by=by, outcome=outcome, cost=cost, note=note, closed_at=clock.now())
    device.move(SHELVES[Outcome(outcome)], by=by, why=str(Outcome(outcome).label))


@transaction.atomic
def expect_later(ticket: RepairTicket, *, expected_on: date, by: Actor) -> None:
    """Note a later day a workshop promised."""
    if expected_on < clock.today():
        raise DayGone(day=expected_on)
    rows = RepairTicket.objects.filter(pk=ticket.pk, status=Status.SENT)
    if not rows.update(expected_on=expected_on):
        raise IllegalMove(what=ticket, to=Status.SENT.label)
    audit.record("extended", ticket, by=by, until=expected_on.isoformat())


@dataclass(frozen=True, slots=True)
class Workshop:
    """What one workshop has done."""

    name: str
    sent: int
    back: int
    repaired: int
    beyond_repair: int
    late: int
    days: float | None
    cost: int

    @property
    def share_repaired(self) -> str:
        return f"{self.repaired * 100 // self.back} %" if self.back else "–"


def workshops(tickets: QuerySet[RepairTicket], *, today: date) -> list[Workshop]:
    """Sum up each workshop: what it has, what it mended, how long it takes, what it costs."""
    took = ExpressionWrapper(F("closed_at") - F("sent_at"), output_field=DurationField())
    done = Q(status=Status.BACK)
    rows = (
        tickets.exclude(workshop="")
        .values("workshop")
        .annotate(
            sent=Count("pk", filter=Q(status=Status.SENT)),
            back=Count("pk", filter=done),
            repaired=Count("pk", filter=Q(outcome=Outcome.REPAIRED)),
            beyond=Count("pk", filter=Q(outcome=Outcome.BEYOND_REPAIR)),
            late=Count("pk", filter=Q(status=Status.SENT, expected_on__lt=today)),
            took=Avg(took, filter=done),
            paid=Sum("cost", default=0),
        )
        .order_by("workshop")
    )
    return [
        Workshop(
            row["workshop"],
            row["sent"],
            row["back"],
            row["repaired"],
            row["beyond"],
            row["late"],
            row["took"].total_seconds() / 86_400 if row["took"] else None,
            row["paid"],
        )
        for row in rows
    ]

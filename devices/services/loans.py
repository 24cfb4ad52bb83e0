"""A watch's way to a citizen and back. Lock order: participant, loan, device."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from devices.errors import (
    AlreadyHoldsWatch,
    AlreadyIn,
    DisposedWatch,
    NotLent,
    NoWatchInStock,
    ParcelExists,
    ParticipationOver,
)
from devices.lending_errors import UnknownTerms
from devices.models import Device, Loan, LoanReport, LoanTerms, RecoveryStep, Shipment
from devices.services.labels import find_by_label
from participants.models import Participant, Participation
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.tasks import enqueue


@transaction.atomic
def reserve_watch(participation: Participation, *, by: Actor) -> Loan:
    """Set the oldest watch in stock aside for somebody who takes part and holds none."""
    participant = Participant.objects.select_for_update(no_key=True).get(
        pk=participation.participant_id
    )
    if not Participation.objects.live().filter(pk=participation.pk, needs_watch=True).exists():
        raise ParticipationOver
    if Loan.objects.live().filter(participant=participant).exists():
        raise AlreadyHoldsWatch(number=participant.number)
    device = Device.objects.ready().select_for_update(skip_locked=True, of=("self",)).first()
    if device is None:
        raise NoWatchInStock
    device.move(Device.Status.ALLOCATED, by=by)
    return lend(device, to=participant, participation=participation, by=by)


def lend(device: Device, *, to: Participant, participation: Participation, by: Actor) -> Loan:
    with constraint("one_live_loan_per_participant", AlreadyHoldsWatch(number=to.number)):
        loan = Loan.objects.create(
            device=device,
            participant=to,
            participation=participation,
            due_on=Loan.usual_end(clock.today()),
        )
    audit.record("reserved", loan, by=by, serial=device.serial)
    return loan


@transaction.atomic
def cancel_reservation(loan: Loan, *, by: Actor, why: str) -> None:
    """Put a watch that was set aside back on the shelf, out of its parcel if it is packed."""
    loan.move(Loan.Status.CANCELLED, by=by, why=why)
    settle_parcels(loan, Shipment.Direction.OUT, to=Shipment.Status.CANCELLED, by=by)
    loan.device.move(Device.Status.IN_STOCK, by=by)


@transaction.atomic
def ship(loan: Loan, *, by: Actor) -> Shipment:
    """Send a reserved watch to the citizen; the courier is asked once this has happened."""
    loan.move(Loan.Status.SHIPPED, by=by)
    loan.device.move(Device.Status.SHIPPED, by=by)
    return plan_parcel(loan, Shipment.Direction.OUT, by=by)


@transaction.atomic
def plan_parcel(loan: Loan, direction: Shipment.Direction, *, by: Actor) -> Shipment:
    """Plan a parcel under a reference that never changes, so that it is booked once."""
    turn = loan.shipments.filter(direction=direction).count() + 1
    with constraint("one_shipment_per_loan_and_direction", ParcelExists()):
        shipment = Shipment.objects.create(
            loan=loan,
            direction=direction,
            reference=f"{loan.public_id.hex}-{direction}-{turn}",
        )
    audit.record("planned", shipment, by=by)
    enqueue("devices.book_shipment", shipment.pk)
    return shipment


@transaction.atomic
def mark_delivered(loan: Loan, *, by: Actor) -> None:
    """Note that the watch is in the citizen's hands, by parcel or over the counter."""
    loan.move(Loan.Status.DELIVERED, by=by)
    loan.device.move(Device.Status.ON_LOAN, by=by)
    settle_parcels(loan, Shipment.Direction.OUT, to=Shipment.Status.DELIVERED, by=by)


@transaction.atomic
def accept(loan: Loan, *, terms: str, by: Actor) -> None:
    """Note that the citizen has the watch and agrees to these terms; the loan runs from today."""
    # A watch that stands in for a faulty one is due when that one was.
    due_on = loan.due_on if loan.replaces_id else Loan.usual_end(clock.today())
    loan.move(Loan.Status.LIVE, by=by, accepted_at=clock.now(), accepted_terms=terms, due_on=due_on)
    agree_to(terms)
    worn = Device.objects.filter(pk=loan.device_id, status=Device.Status.ON_LOAN)
    if not worn.update(holds_personal_data=True):
        loan.device.move(Device.Status.ON_LOAN, by=by, holds_personal_data=True)


def agree_to(version: str) -> None:
    """Refuse terms nobody could have read today."""
    newest = LoanTerms.objects.in_force(clock.today()).first()
    if newest is None or newest.version != version:
        raise UnknownTerms(version=newest or "–")


@transaction.atomic
def recall(loan: Loan, *, by: Actor, why: str) -> None:
    """Ask for a watch back, and log the asking."""
    if not why.strip():
        raise ReasonNeeded
    loan.move(Loan.Status.RECALL_REQUESTED, by=by, why=why, recalled_at=clock.now())
    RecoveryStep.objects.create(
        loan=loan, kind=RecoveryStep.Kind.MESSAGE, note=why[:200], taken_by=by.actor_name
    )


@transaction.atomic
def log_recovery(
    loan: Loan, *, kind: str, cost: int = 0, note: str = "", by: Actor
) -> RecoveryStep:
    """Write down one attempt to get the watch back, and what it cost."""
    step = RecoveryStep.objects.create(
        loan=loan, kind=kind, cost=cost, note=note, taken_by=by.actor_name
    )
    audit.record("recovery_step", loan, by=by, kind=kind, cost=cost)
    return step


@transaction.atomic
def carry_over(participation: Participation, *, by: Actor) -> Loan | None:
    """Let somebody who goes on into the next round keep the watch in use."""
    earlier = participation.application.continues_id
    kept = Loan.objects.live().exclude(status=Loan.Status.RETURNING)
    loan = kept.select_for_update(of=("self",)).filter(participation=earlier or 0).first()
    if loan is None:
        return None
    due_on = clock.add_months(participation.starts_on, settings.LOAN_MONTHS)
    if loan.status == Loan.Status.RECALL_REQUESTED:
        loan.move(Loan.Status.LIVE, by=by, recalled_at=None)
    Loan.objects.filter(pk=loan.pk).update(participation=participation, due_on=due_on)
    audit.record("carried_over", loan, by=by, due_before=loan.due_on.isoformat())
    return loan


@transaction.atomic
def end_loan(participation: Participation, *, by: Actor) -> None:
    """Ask for the watch back when its participation ends, or keep it if it never left."""
    why = _("The participation has ended.")
    loan = Loan.objects.live().filter(participation=participation).select_for_update().first()
    if loan is None:
        return
    if loan.may(Loan.Status.CANCELLED):
        cancel_reservation(loan, by=by, why=why)
    elif loan.may(Loan.Status.RECALL_REQUESTED):
        recall(loan, by=by, why=why)


@transaction.atomic
def start_return(loan: Loan, *, by: Actor) -> Shipment:
    """Book a parcel that brings the watch back."""
    with constraint(
        "one_live_loan_per_participant", AlreadyHoldsWatch(number=loan.participant.number)
    ):
        loan.move(Loan.Status.RETURNING, by=by)
    loan.device.move(Device.Status.RETURNING, by=by)
    return plan_parcel(loan, Shipment.Direction.BACK, by=by)


@transaction.atomic
def scan_in(serial: str, *, by: Actor) -> Device:
    """Take a watch back in by its label; whatever it holds is personal data until wiped."""
    found = find_by_label(serial)
    loans = Loan.objects.unsettled().filter(device=found).order_by("-pk")
    loan = loans.select_for_update(of=("self",)).first()
    device = Device.objects.select_for_update(of=("self",)).get(pk=found.pk)
    refuse_unless_away(device)
    if loan is not None:
        loan.move(Loan.Status.RETURNED, by=by, returned_at=clock.now())
        settle_parcels(loan, Shipment.Direction.OUT, to=Shipment.Status.CANCELLED, by=by)
        settle_parcels(loan, Shipment.Direction.BACK, to=Shipment.Status.DELIVERED, by=by)
    device.move(Device.Status.AWAITING_INSPECTION, by=by, holds_personal_data=True)
    return device


def refuse_unless_away(device: Device) -> None:
    if device.status == Device.Status.DISPOSED:
        raise DisposedWatch(serial=device)
    if device.status in {Device.Status.IN_STOCK, Device.Status.ALLOCATED}:
        raise NotLent(serial=device)
    if not device.may(Device.Status.AWAITING_INSPECTION) or device.is_in_house:
        raise AlreadyIn(serial=device)


def settle_parcels(loan: Loan, direction: Shipment.Direction, *, to: str, by: Actor) -> None:
    """Close what is still open: a parcel under way has ended so, a planned one is not needed."""
    for parcel in loan.shipments.unfinished().filter(direction=direction):
        if not parcel.tracking_no:
            parcel.move(Shipment.Status.CANCELLED, by=by)
        elif to == Shipment.Status.DELIVERED:
            parcel.move(to, by=by, delivered_at=clock.now())
        else:
            parcel.move(to, by=by)


@transaction.atomic
def report(loan: Loan, *, kind: str, text: str, by: Actor) -> LoanReport:
    """Keep what a citizen says about the watch, and let the loan follow it."""
    told = LoanReport.objects.create(loan=loan, kind=kind, text=text)
    audit.record("reported", loan, by=by, kind=kind)
    if kind == LoanReport.Kind.LOST:
        mark_lost(loan, by=by, why=_("Reported by the citizen."))
    elif kind == LoanReport.Kind.DAMAGED:
        mark_damaged(loan, by=by, why=_("Reported by the citizen."))
    return told


@transaction.atomic
def mark_lost(loan: Loan, *, by: Actor, why: str) -> None:
    """Write a watch off as lost until it is found and scanned in."""
    if not why.strip():
        raise ReasonNeeded
    loan.move(Loan.Status.LOST, by=by, why=why)
    loan.device.move(Device.Status.LOST, by=by, why=why)
    settle_parcels(loan, Shipment.Direction.OUT, to=Shipment.Status.LOST, by=by)
    settle_parcels(loan, Shipment.Direction.BACK, to=Shipment.Status.LOST, by=by)


@transaction.atomic
def mark_damaged(loan: Loan, *, by: Actor, why: str) -> None:
    """Note that the watch is broken; it stays where it is until it comes in."""
    if not why.strip():
        raise ReasonNeeded
    loan.move(Loan.Status.DAMAGED, by=by, why=why)


@transaction.atomic
def buy_out(loan: Loan, *, by: Actor, why: str) -> None:
    """Leave the watch to the citizen for good."""
    if not why.strip():
        raise ReasonNeeded
    loan.move(Loan.Status.BOUGHT_OUT, by=by, why=why, closed_at=clock.now())
    loan.device.move(Device.Status.DISPOSED, by=by, why=why)

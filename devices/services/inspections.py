"""What happens to a watch between coming in and going out again."""

from collections.abc import Sequence

from django.db import transaction

from devices.errors import (
    InDisposal,
    NotAwaitingInspection,
    NotInHouse,
    NotInspected,
    NotWiped,
    ProofNeeded,
)
from devices.models import Checklist, DataWipe, Device, DisposalUnit, Inspection, Loan
from devices.models.leaving import CLEAN
from devices.services.repairs import cancel_unsent, open_repair
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.tasks import enqueue


def hold(device: Device) -> Device:
    """Lock a watch and give it as it stands now; its loan is locked before it."""
    list(device.loans.filter(status=Loan.Status.RETURNED).select_for_update(of=("self",)))
    return Device.objects.select_for_update(of=("self",)).get(pk=device.pk)


@transaction.atomic
def inspect(
    device: Device,
    *,
    grade: str,
    faults: Sequence[str] = (),
    note: str = "",
    checklist: Checklist | None = None,
    by: Actor,
) -> Inspection:
    """Write down in what state a watch came back; that closes its loan."""
    held = hold(device)
    if held.status != Device.Status.AWAITING_INSPECTION:
        raise NotAwaitingInspection(serial=held, status=held.get_status_display())
    loan = held.loans.filter(status=Loan.Status.RETURNED).order_by("-pk").first()
    inspection = Inspection.objects.create(
        device=held,
        loan=loan,
        grade=grade,
        faults=list(faults),
        note=note,
        checklist=checklist,
        inspected_at=clock.now(),
        inspected_by=by.actor_name,
    )
    Device.objects.filter(pk=held.pk).update(grade=grade)
    audit.record("inspected", held, by=by, grade=grade)
    if loan is not None:
        loan.move(Loan.Status.CLOSED, by=by, closed_at=clock.now())
    return inspection


@transaction.atomic
def wipe(device: Device, *, method: str, proof: str = "", by: Actor) -> DataWipe:
    """Record that a watch in our hands was cleared of personal data, and what shows it."""
    held = hold(device)
    if not held.is_in_house:
        raise NotInHouse(serial=held, status=held.get_status_display())
    with constraint("a_wipe_by_a_tool_names_its_report", ProofNeeded()):
        record = DataWipe.objects.create(
            device=held,
            loan=held.loans.order_by("-pk").first(),
            method=method,
            proof=proof.strip(),
            wiped_at=clock.now(),
            wiped_by=by.actor_name,
        )
    Device.objects.filter(pk=held.pk).update(holds_personal_data=False)
    audit.record("wiped", held, by=by, method=method)
    return record


@transaction.atomic
def shelve(device: Device, *, by: Actor) -> None:
    """Put an inspected and wiped watch back into stock; the next in line is given it."""
    held = hold(device)
    if held.loans.filter(status=Loan.Status.RETURNED).exists():
        raise NotInspected(serial=held)
    if not held.is_in_house:
        # One set aside for somebody comes back to the shelf through its reservation.
        raise IllegalMove(what=held, to=Device.Status.IN_STOCK.label)
    refuse_in_disposal(held)
    refusal = NotWiped(serial=held)
    with constraint(CLEAN, refusal), constraint("a_watch_is_wiped_before_reissue", refusal):
        held.move(Device.Status.IN_STOCK, by=by)
    enqueue("devices.reserve_waiting")


@transaction.atomic
def send_to_repair(device: Device, *, by: Actor, why: str) -> None:
    """Set a watch apart to be mended; its repair is followed to the end."""
    if not why.strip():
        raise ReasonNeeded
    held = hold(device)
    held.move(Device.Status.IN_REPAIR, by=by, why=why)
    open_repair(held, fault=why, by=by)


@transaction.atomic
def quarantine(device: Device, *, by: Actor, why: str) -> None:
    """Set a watch apart until somebody has looked into it."""
    if not why.strip():
        raise ReasonNeeded
    held = hold(device)
    cancel_unsent(held, by=by)
    held.move(Device.Status.QUARANTINED, by=by, why=why)


@transaction.atomic
def bring_back(device: Device, *, by: Actor) -> None:
    """Let a watch from repair or quarantine wait for inspection again."""
    held = hold(device)
    if not held.is_in_house:
        raise NotInHouse(serial=held, status=held.get_status_display())
    refuse_in_disposal(held)
    cancel_unsent(held, by=by)
    held.move(Device.Status.AWAITING_INSPECTION, by=by)


@transaction.atomic
def report_missing(device: Device, *, by: Actor, why: str) -> None:
    """Note that a watch nobody has borrowed is not where it should be."""
    if not why.strip():
        raise ReasonNeeded
    held = hold(device)
    if not (held.is_in_house or held.status == Device.Status.IN_STOCK):
        raise NotInHouse(serial=held, status=held.get_status_display())
    refuse_in_disposal(held)
    cancel_unsent(held, by=by)
    held.move(Device.Status.LOST, by=by, why=why)


def refuse_in_disposal(device: Device) -> None:
    units = DisposalUnit.objects.select_related("batch").filter(device=device, is_live=True)
    unit = units.first()
    if unit is not None:
        raise InDisposal(serial=device, number=unit.batch)

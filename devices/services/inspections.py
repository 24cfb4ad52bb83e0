"""What happens to a watch between coming in and going out again."""

from collections.abc import Sequence

from django.db import transaction

from devices.errors import NotAwaitingInspection, NotInHouse, NotInspected, NotWiped
from devices.models import DataWipe, Device, Inspection, Loan
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.tasks import enqueue


def hold(device: Device) -> Device:
    """Lock a watch and give it as it stands now; its loan is locked before it."""
    list(device.loans.filter(status=Loan.Status.RETURNED).select_for_update(of=("self",)))
    return Device.objects.select_for_update(of=("self",)).get(pk=device.pk)


@transaction.atomic
def inspect(
    device: Device, *, grade: str, faults: Sequence[str] = (), note: str = "", by: Actor
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
        inspected_by=by.actor_name,
    )
    Device.objects.filter(pk=held.pk).update(grade=grade)
    audit.record("inspected", held, by=by, grade=grade)
    if loan is not None:
        loan.move(Loan.Status.CLOSED, by=by, closed_at=clock.now())
    return inspection


@transaction.atomic
def wipe(device: Device, *, method: str, by: Actor) -> DataWipe:
    """Record that a watch in our hands was cleared of personal data."""
    held = hold(device)
    if not held.is_in_house:
        raise NotInHouse(serial=held, status=held.get_status_display())
    record = DataWipe.objects.create(
        device=held,
        loan=held.loans.order_by("-pk").first(),
        method=method,
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
    with constraint("a_watch_is_wiped_before_reissue", NotWiped(serial=held)):
        held.move(Device.Status.IN_STOCK, by=by)
    enqueue("devices.reserve_waiting")


@transaction.atomic
def send_to_repair(device: Device, *, by: Actor, why: str) -> None:
    if not why.strip():
        raise ReasonNeeded
    device.move(Device.Status.IN_REPAIR, by=by, why=why)


@transaction.atomic
def quarantine(device: Device, *, by: Actor, why: str) -> None:
    """Set a watch apart until somebody has looked into it."""
    if not why.strip():
        raise ReasonNeeded
    device.move(Device.Status.QUARANTINED, by=by, why=why)


@transaction.atomic
def bring_back(device: Device, *, by: Actor) -> None:
    """Let a watch from repair or quarantine wait for inspection again."""
    held = hold(device)
    if not held.is_in_house:
        raise NotInHouse(serial=held, status=held.get_status_display())
    held.move(Device.Status.AWAITING_INSPECTION, by=by)


@transaction.atomic
def dispose(device: Device, *, by: Actor, why: str) -> None:
    """Take a watch out of service for good; nobody's data leaves with it."""
    if not why.strip():
        raise ReasonNeeded
    held = hold(device)
    if not (held.is_in_house or held.status == Device.Status.IN_STOCK):
        raise NotInHouse(serial=held, status=held.get_status_display())
    if held.holds_personal_data:
        raise NotWiped(serial=held)
    held.move(Device.Status.DISPOSED, by=by, why=why)


@transaction.atomic
def report_missing(device: Device, *, by: Actor, why: str) -> None:
    """Note that a watch nobody has borrowed is not where it should be."""
    if not why.strip():
        raise ReasonNeeded
    held = hold(device)
    if held.status != Device.Status.IN_STOCK:
        raise NotInHouse(serial=held, status=held.get_status_display())
    held.move(Device.Status.LOST, by=by, why=why)

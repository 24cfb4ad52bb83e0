from celery import shared_task

from devices.gateways.courier import HttpCourier
from devices.models import Allocation, Shipment, Slot
from devices.services import (
    alerts,
    allocation,
    courier_files,
    ladder,
    manifests,
    reading_files,
    receipts,
    recovery_tasks,
    reservations,
    shipping,
    silent,
    slots,
    stock_reports,
    waiting,
)
from seoul_health.core.audit import System


@shared_task(name="devices.book_shipment")
def book_shipment(shipment_id: int) -> None:
    shipment = Shipment.objects.select_related("loan__device").get(pk=shipment_id)
    shipping.book_shipment(
        shipment, courier=HttpCourier.from_settings(), by=System("devices.book_shipment")
    )


@shared_task(name="devices.ask_courier")
def ask_courier() -> None:
    shipping.ask_courier(courier=HttpCourier.from_settings(), by=System("devices.ask_courier"))


@shared_task(name="devices.allocate")
def allocate(allocation_id: int) -> None:
    allocation.allocate(Allocation.objects.get(pk=allocation_id), by=System("devices.allocate"))


@shared_task(name="devices.resume_allocations")
def resume_allocations() -> None:
    allocation.resume(by=System("devices.resume_allocations"))


@shared_task(name="devices.reserve_waiting")
def reserve_waiting() -> None:
    allocation.reserve_waiting(by=System("devices.reserve_waiting"))


@shared_task(name="devices.turn_receipt_days")
def turn_receipt_days() -> None:
    receipts.keep_days()
    receipts.drop_old_days()


@shared_task(name="devices.make_slots")
def make_slots() -> None:
    slots.make_slots(by=System("devices.make_slots"))


@shared_task(name="devices.move_up")
def move_up(slot_id: int) -> None:
    waiting.move_up(Slot.objects.get(pk=slot_id), by=System("devices.move_up"))


@shared_task(name="devices.empty_slot")
def empty_slot(slot_id: int) -> None:
    slot = Slot.objects.select_related("resource__site").get(pk=slot_id)
    slots.empty_slot(slot, by=System("devices.empty_slot"))


@shared_task(name="devices.tend_slots")
def tend_slots() -> None:
    job = System("devices.tend_slots")
    slots.empty_closed(by=job)
    waiting.lapse(by=job)
    waiting.move_all_up(by=job)
    reservations.mark_no_shows(by=job)
    reservations.remind()


@shared_task(name="devices.tend_calls")
def tend_calls() -> None:
    job = System("devices.tend_calls")
    alerts.release_forgotten(by=job)
    alerts.escalate(by=job)
    reading_files.drop_forgotten(by=job)


@shared_task(name="devices.find_silent")
def find_silent() -> None:
    job = System("devices.find_silent")
    silent.find_silent(by=job)
    courier_files.drop_forgotten(by=job)


@shared_task(name="devices.climb_ladder")
def climb_ladder() -> None:
    ladder.climb(by=System("devices.climb_ladder"))


@shared_task(name="devices.release_recovery_tasks")
def release_recovery_tasks() -> None:
    recovery_tasks.release_forgotten(by=System("devices.release_recovery_tasks"))


@shared_task(name="devices.drop_manifests")
def drop_manifests() -> None:
    manifests.drop_forgotten(by=System("devices.drop_manifests"))


@shared_task(name="devices.drop_old_stock_reports")
def drop_old_stock_reports() -> None:
    stock_reports.drop_old_reports()

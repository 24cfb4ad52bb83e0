from celery import shared_task

from devices.gateways.courier import HttpCourier
from devices.models import Shipment
from devices.services import loans, receipts, shipping
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


@shared_task(name="devices.reserve_waiting")
def reserve_waiting() -> None:
    loans.reserve_waiting(by=System("devices.reserve_waiting"))


@shared_task(name="devices.turn_receipt_days")
def turn_receipt_days() -> None:
    receipts.keep_days()
    receipts.drop_old_days()

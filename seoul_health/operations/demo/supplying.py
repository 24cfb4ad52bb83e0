"""What is on its way from suppliers, a count with differences, and models with fixed serials."""

import uuid
from datetime import timedelta

from devices.models import Device, Lot, Manifest
from devices.services import manifests, receiving, stocktake
from seoul_health.core.models import StaffUser

from .plans import World
from .stock import Stock

BOX = 10
ARRIVING, LATE = 60, 30
SEEN = 14
COUNTED = 12
ORDERS = (12_000, 8_000, 20_000, 6_000, 15_000, 10_000)
HEADER = "일련번호,박스번호,물품번호"


def load_supplying(world: World, stock: Stock) -> int:
    """Write two deliveries and a stocktake as officers would; give how many watches they name."""
    officer = StaffUser.objects.get(username="device")
    write_orders(world, stock)
    lot = stock.lots[-1]
    announce(lot, stock, first=1, count=LATE, days=-2, world=world, by=officer)
    coming = announce(lot, stock, first=LATE + 1, count=ARRIVING, days=5, world=world, by=officer)
    receive_some(world, coming, by=officer)
    count_some(world, stock, by=officer)
    return ARRIVING + LATE


def write_orders(world: World, stock: Stock) -> None:
    """Say how many each contract is for: never fewer than have come."""
    for lot, ordered in zip(stock.lots, ORDERS, strict=True):
        come = lot.devices.count()
        Lot.objects.filter(pk=lot.pk).update(ordered=max(come + ARRIVING, min(ordered, come * 2)))


def serial(number: int) -> str:
    return f"SW27-{number:07d}"


def announce(
    lot: Lot, stock: Stock, *, first: int, count: int, days: int, world: World, by: StaffUser
) -> Manifest:
    rows = [
        f"{serial(number)},BOX-27-{(number - 1) // BOX + 1:03d},건강-27-{number:05d}"
        for number in range(first, first + count)
    ]
    manifest = manifests.read_manifest(
        "\n".join([HEADER, *rows]).encode(),
        name=f"납품명세_{lot.code}_{first:03d}.csv",
        lot=lot,
        site=stock.depot,
        due_on=world.today + timedelta(days=days),
        by=by,
    )
    manifests.expect(manifest, by=by)
    return manifest


def receive_some(world: World, manifest: Manifest, *, by: StaffUser) -> None:
    """Scan one box and a few single watches, one of them twice, and one nobody announced."""
    dice = world.dice("supplying")
    single = [serial(LATE + BOX + number) for number in range(1, SEEN - BOX + 1)]
    box = f"BOX-27-{LATE // BOX + 1:03d}"
    for text in [box, *single, single[0], serial(9_001)]:
        client_id = uuid.UUID(int=dice.getrandbits(128), version=4)
        receiving.scan_arrival(client_id, manifest=manifest, text=text, by=by)


def count_some(world: World, stock: Stock, *, by: StaffUser) -> None:
    """Count the first district's centre: one watch is not there, one stands there instead."""
    dice = world.dice("counting")
    site = next(iter(stock.centres.values()))
    begun = stocktake.start(site, is_blind=False, by=by)
    expected = begun.watches.order_by("pk").values_list("device__serial", flat=True)
    far = Device.objects.filter(site=stock.depot, status="in_stock").order_by("pk")[:1]
    for text in [*expected[1:COUNTED], *far.values_list("serial", flat=True)]:
        client_id = uuid.UUID(int=dice.getrandbits(128), version=4)
        stocktake.count_scan(client_id, stocktake=begun, text=text, by=by)

"""Lots: what was bought from whom, how much of it came, and where it is now."""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.backends.utils import CursorWrapper

from devices.models import Device, Lot

COUNTS = """
SELECT lot_id, status, count(*) FROM devices_device GROUP BY lot_id, status
"""
COMING = """
SELECT manifest.lot_id, count(*)
FROM devices_expectedwatch AS line JOIN devices_manifest AS manifest
    ON manifest.id = line.manifest_id
WHERE line.is_live AND line.received_at IS NULL AND manifest.status = 'expected'
GROUP BY manifest.lot_id
"""
SHORT = """
SELECT manifest.lot_id, count(*)
FROM devices_expectedwatch AS line JOIN devices_manifest AS manifest
    ON manifest.id = line.manifest_id
WHERE NOT line.is_live AND NOT line.is_over AND line.received_at IS NULL
    AND manifest.status = 'received'
    AND NOT EXISTS (SELECT FROM devices_device AS watch WHERE watch.serial = line.serial)
GROUP BY manifest.lot_id
"""
FAULTY = """
SELECT device.lot_id, count(DISTINCT device.id)
FROM devices_inspection AS inspection JOIN devices_device AS device
    ON device.id = inspection.device_id
WHERE cardinality(inspection.faults) > 0
GROUP BY device.lot_id
"""
# What a shelf of the board is called, and the statuses that stand on it.
SHELVES: dict[str, tuple[str, ...]] = {
    "in_stock": ("in_stock",),
    "out": ("allocated", "shipped", "on_loan", "returning"),
    "in_house": ("awaiting_inspection", "in_repair", "quarantined"),
    "gone": ("disposed", "lost"),
}


@dataclass(frozen=True, slots=True)
class LotFigures:
    """One lot in numbers, each counted from rows."""

    lot: Lot
    entered: int
    coming: int
    short: int
    faulty: int
    shelves: dict[str, int]
    statuses: dict[str, int]

    @property
    def spent(self) -> int:
        return self.entered * self.lot.unit_price

    @property
    def still_due(self) -> int | None:
        """How many of the contract have neither come nor are on their way."""
        if self.lot.ordered is None:
            return None
        return max(0, self.lot.ordered - self.entered - self.coming)

    @property
    def beyond(self) -> int:
        """How many came beyond the contract."""
        return max(0, self.entered - (self.lot.ordered or self.entered))

    def warranty_days(self, today: date) -> int | None:
        ends = self.lot.warranty_until
        return None if ends is None else (ends - today).days


def figures(lots: list[Lot]) -> list[LotFigures]:
    """Count every lot in four statements, however many lots there are."""
    by_status: dict[int, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        for lot, status, count in cursor.fetchall():
            by_status.setdefault(lot, {})[status] = count
        coming, short, faulty = (counted(cursor, text) for text in (COMING, SHORT, FAULTY))
    return [
        LotFigures(
            lot=lot,
            entered=sum(by_status.get(lot.pk, {}).values()),
            coming=coming.get(lot.pk, 0),
            short=short.get(lot.pk, 0),
            faulty=faulty.get(lot.pk, 0),
            shelves=shelved(by_status.get(lot.pk, {})),
            statuses={
                str(status): by_status.get(lot.pk, {}).get(status, 0)
                for status in Device.Status.values
            },
        )
        for lot in lots
    ]


def counted(cursor: CursorWrapper, statement: str) -> dict[int, int]:
    cursor.execute(statement)
    return dict(cursor.fetchall())


def shelved(statuses: dict[str, int]) -> dict[str, int]:
    return {
        shelf: sum(statuses.get(status, 0) for status in held) for shelf, held in SHELVES.items()
    }

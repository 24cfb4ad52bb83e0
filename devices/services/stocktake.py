"""Stocktakes: what the register expects at a site, what the scanner found, and who decided."""

from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from devices.errors import NothingToUndo, UnknownSerial
from devices.models import CountedWatch, CountScan, Device, Site, Stocktake
from devices.register_errors import (
    DifferencesOpen,
    NotCounting,
    NotSettling,
    StocktakeOpen,
    UnfitDecision,
)
from devices.rules.serials import BadSerial, normalise_serial
from devices.services.loans import scan_in
from devices.services.stock import place_watch
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import IllegalMove, KeyReused, ReasonNeeded
from seoul_health.core.models import StaffUser

Status, Outcome, Decision = Stocktake.Status, CountScan.Outcome, CountedWatch.Decision
# What must be on the shelf; what is in repair may be there or at the workshop.
STANDS = ("in_stock", "allocated", "awaiting_inspection", "quarantined")
MAY_STAND = (*STANDS, "in_repair")
AWAY = ("shipped", "on_loan", "returning", "lost")
OF_MISSING = frozenset({Decision.FOUND, Decision.LOST, Decision.LEFT})
OF_SURPLUS = frozenset({Decision.PLACED, Decision.TAKEN_IN, Decision.LEFT})
EXPECT = """
INSERT INTO devices_countedwatch (stocktake_id, device_id, is_expected, status_then,
    site_then_id, found_by, decision, note, decided_by)
SELECT %(stocktake)s, id, true, status, site_id, '', '', '', ''
FROM devices_device WHERE site_id = %(site)s AND status = ANY(%(stands)s)
ORDER BY id
"""
# What left properly while people counted is no difference.
MOVED_ON = """
UPDATE devices_countedwatch AS row
SET decision = 'moved_on', decided_by = %(actor)s, decided_at = %(now)s
FROM devices_device AS watch
WHERE row.stocktake_id = %(stocktake)s AND watch.id = row.device_id AND row.decision = ''
    AND (row.is_expected AND row.found_at IS NULL
            AND (watch.site_id IS DISTINCT FROM %(site)s OR watch.status <> ALL(%(stands)s))
        OR NOT row.is_expected AND row.found_at IS NOT NULL
            AND watch.site_id = %(site)s AND watch.status = ANY(%(stands)s))
"""


class Seen(NamedTuple):
    outcome: CountScan.Outcome
    message: str = ""
    watch: CountedWatch | None = None


@transaction.atomic
def start(site: Site, *, is_blind: bool, by: StaffUser) -> Stocktake:
    """Freeze what the register expects at a site now, and let people count."""
    with constraint("one_open_stocktake_per_site", StocktakeOpen()):
        stocktake = Stocktake.objects.create(site=site, is_blind=is_blind, started_by=by)
    run(EXPECT, stocktake, by=by, stands=list(STANDS))
    audit.record("count_started", stocktake, by=by, expected=stocktake.watches.count())
    return stocktake


def run(statement: str, stocktake: Stocktake, *, by: Actor, stands: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "stocktake": stocktake.pk,
                "site": stocktake.site_id,
                "stands": stands,
                "actor": by.actor_name,
                "now": clock.now(),
            },
        )


@transaction.atomic
def count_scan(client_id: UUID, *, stocktake: Stocktake, text: str, by: Actor) -> CountScan:
    """Note what a label names as seen; the same id again gives the first answer."""
    read = text.strip()[:64]
    held = counting(stocktake, client_id)
    earlier = CountScan.objects.filter(client_id=client_id).first()
    if earlier is not None:
        mine = (by.actor_name, read, held.pk)
        if (earlier.scanned_by, earlier.text, earlier.stocktake_id) != mine:
            raise KeyReused
        return earlier
    seen = see(held, read, by=by)
    return CountScan.objects.create(
        client_id=client_id,
        stocktake=held,
        watch=seen.watch,
        text=read,
        outcome=seen.outcome,
        message=seen.message[:200],
        scanned_by=by.actor_name,
    )


def hold(stocktake: Stocktake) -> Stocktake:
    rows = Stocktake.objects.select_related("site")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=stocktake.pk)


def counting(stocktake: Stocktake, client_id: UUID | None = None) -> Stocktake:
    """Hold a stocktake that is being counted; a label sent again is answered even afterwards."""
    held = hold(stocktake)
    again = client_id is not None and CountScan.objects.filter(client_id=client_id).exists()
    if held.status != Status.COUNTING and not again:
        raise NotCounting(number=held.number, status=held.get_status_display())
    return held


def see(stocktake: Stocktake, text: str, *, by: Actor) -> Seen:
    try:
        serial = normalise_serial(text)
    except BadSerial:
        return Seen(Outcome.UNKNOWN, _("Not a serial number. Scan the label again."))
    device = Device.objects.select_related("site").filter(serial=serial).first()
    if device is None:
        return see_unknown(serial)
    row = stocktake.watches.filter(device=device).first()
    if row is None:
        return see_stranger(stocktake, device, by=by)
    if row.found_at is not None:
        return Seen(Outcome.AGAIN, _("This watch has already been counted."), row)
    mark_found(row, by=by)
    return Seen(Outcome.FOUND, watch=row)


def see_unknown(serial: str) -> Seen:
    twin = Device.objects.looking_like(serial).first()
    if twin is None:
        return Seen(Outcome.UNKNOWN, str(UnknownSerial(serial=serial)))
    near = _("Is it {other}? Scan the label again.").format(other=twin.serial)
    return Seen(Outcome.UNKNOWN, near)


def see_stranger(stocktake: Stocktake, device: Device, *, by: Actor) -> Seen:
    """Add a watch the count did not expect; what may stand here is simply found."""
    fits = device.site_id == stocktake.site_id and device.status in MAY_STAND
    row = CountedWatch.objects.create(
        stocktake=stocktake,
        device=device,
        is_expected=fits,
        status_then=device.status,
        site_then=device.site,
        found_at=clock.now(),
        found_by=by.actor_name,
    )
    if fits:
        return Seen(Outcome.FOUND, watch=row)
    place = device.site.name if device.site else _("no site")
    told = _("In the register: {status}, {place}. Set it apart.").format(
        status=device.get_status_display(), place=place
    )
    return Seen(Outcome.SURPLUS, told, row)


def mark_found(row: CountedWatch, *, by: Actor) -> None:
    row.found_at, row.found_by = clock.now(), by.actor_name
    row.save(update_fields=["found_at", "found_by"])


@transaction.atomic
def undo_count(client_id: UUID, *, stocktake: Stocktake, by: Actor) -> CountScan:
    """Take one's own scan back."""
    held = counting(stocktake)
    mine = held.scans.filter(client_id=client_id, scanned_by=by.actor_name)
    scan = mine.filter(outcome__in=[Outcome.FOUND, Outcome.SURPLUS, Outcome.UNKNOWN]).first()
    if scan is None:
        raise NothingToUndo
    if scan.undone_at is None:
        row, scan.undone_at = scan.watch, clock.now()
        scan.watch = None
        scan.save(update_fields=["undone_at", "watch"])
        if row is not None:
            unsee(row)
    return scan


def unsee(row: CountedWatch) -> None:
    """Forget that a watch was seen; one that was never expected leaves the count."""
    if row.is_expected:
        row.found_at, row.found_by = None, ""
        row.save(update_fields=["found_at", "found_by"])
        return
    CountScan.objects.filter(watch=row).update(watch=None, undone_at=clock.now())
    row.delete()


@transaction.atomic
def end_count(stocktake: Stocktake, *, by: Actor) -> None:
    """Stop counting; what left or came properly in the meantime is settled by itself."""
    held = counting(stocktake)
    held.move(Status.SETTLING, by=by)
    run(MOVED_ON, held, by=by, stands=list(MAY_STAND))
    stocktake.status = held.status


@transaction.atomic
def count_on(stocktake: Stocktake, *, by: Actor) -> None:
    """Go on counting; what was decided stays decided."""
    stocktake.move(Status.COUNTING, by=by)


@transaction.atomic
def decide(row: CountedWatch, decision: str, *, note: str = "", by: Actor) -> None:
    """Settle one difference, and let the register follow."""
    held = hold(row.stocktake)
    if held.status != Status.SETTLING:
        raise NotSettling(number=held.number, status=held.get_status_display())
    if decision in (Decision.LOST, Decision.LEFT) and not note.strip():
        raise ReasonNeeded
    rows = CountedWatch.objects.undecided().filter(pk=row.pk)
    found = rows.select_related("device").select_for_update(of=("self",)).first()
    # Somebody has just decided about it, or it fits no such decision.
    if found is None or decision not in (OF_MISSING if found.found_at is None else OF_SURPLUS):
        raise unfit(row.device)
    follow(found.device, decision, site=held.site, note=note, by=by)
    found.decision, found.note = decision, note.strip()[:200]
    found.decided_by, found.decided_at = by.actor_name, clock.now()
    found.save(update_fields=["decision", "note", "decided_by", "decided_at"])
    audit.record("difference_decided", held, by=by, decision=decision, serial=found.device.serial)


def unfit(device: Device) -> UnfitDecision:
    return UnfitDecision(serial=device.serial, status=device.get_status_display())


def follow(device: Device, decision: str, *, site: Site, note: str, by: Actor) -> None:
    """Write into the register what was decided."""
    match decision:
        case Decision.LOST:
            try:
                device.move(Device.Status.LOST, by=by, why=note)
            except IllegalMove as refusal:
                raise unfit(device) from refusal
        case Decision.PLACED:
            if device.status not in MAY_STAND:
                raise unfit(device)
            place_watch(device, site=site, by=by)
        case Decision.TAKEN_IN:
            if device.status not in AWAY:
                raise unfit(device)
            place_watch(scan_in(device.serial, by=by), site=site, by=by)


@transaction.atomic
def close(stocktake: Stocktake, *, by: Actor) -> None:
    """End a stocktake whose every difference was decided by somebody."""
    held = hold(stocktake)
    left = held.watches.undecided().count()
    if left:
        raise DifferencesOpen(count=f"{left:,}")
    held.move(Status.CLOSED, by=by, ended_at=clock.now())


@transaction.atomic
def cancel(stocktake: Stocktake, *, why: str, by: Actor) -> None:
    """Give a stocktake up; what was decided stays as it is."""
    if not why.strip():
        raise ReasonNeeded
    stocktake.move(Status.CANCELLED, by=by, why=why, ended_at=clock.now())

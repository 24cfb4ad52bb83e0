"""What is printed about watches that leave: the certificate of a disposal and of a wipe."""

from django.utils.translation import gettext as _

from devices.errors import spoken
from devices.models import DataWipe, DisposalBatch
from seoul_health.core import clock
from seoul_health.core.pdf import Sheet
from seoul_health.core.spreadsheets import write_csv


def heads() -> list[str]:
    return [
        _("Serial number"), _("Model"), _("Lot"), _("Grade"), _("Unit price (KRW)"), _("Wipe"),
        _("Wiped on"),
    ]  # fmt: skip


def lines(batch: DisposalBatch) -> list[list[str | int]]:
    """Give every watch of a list with the proof that it is empty."""
    units = batch.units.select_related("device__lot__model", "wipe").order_by("device__serial")
    return [
        [
            unit.device.serial,
            unit.device.lot.model.name,
            unit.device.lot.code,
            unit.grade,
            unit.unit_price,
            unit.wipe.number if unit.wipe else _("Never lent"),
            f"{clock.seoul_day(unit.wipe.wiped_at)}" if unit.wipe else "",
        ]
        for unit in units.iterator(chunk_size=2000)
    ]


def serials(batch: DisposalBatch) -> bytes:
    return write_csv(heads(), lines(batch))


def certificate(batch: DisposalBatch) -> Sheet:
    """Print who asked, who decided, who took the watches, and which they were."""
    title = _("Certificate of disposal") if batch.status == "done" else _("List for disposal")
    sheet = Sheet(f"{title} {batch.number}", note=batch.number)
    rows = lines(batch)
    facts: list[tuple[str, object]] = [
        (_("Status"), batch.get_status_display()),
        (_("Number of watches"), len(rows)),
        (_("Price when bought (KRW)"), sum(int(row[4]) for row in rows)),
        (_("Way of disposal"), batch.get_method_display()),
        (_("Recycler or receiver"), batch.recycler),
        (_("Reason"), batch.reason),
        (_("Requested by"), f"{batch.requested_by.get_full_name()} · {spoken(batch.requested_at)}"),
    ]
    if batch.decided_by and batch.decided_at:
        decided = f"{batch.decided_by.get_full_name()} · {spoken(batch.decided_at)}"
        facts.append((_("Decided by"), decided))
    if batch.weight_grams:
        facts += [
            (_("Weight (g)"), batch.weight_grams),
            (_("Number of the certificate"), batch.certificate_no),
            (_("Handed over on"), f"{batch.handed_over_on}"),
        ]
    facts.append((_("Hash of the serial list"), batch.list_sha256 or "–"))
    sheet.facts(facts)
    sheet.text(
        _("Every watch on this list that was ever lent was cleared of personal data before."),
        small=True,
    )
    sheet.heading(_("Watches"))
    sheet.table(heads(), rows, widths=(3, 3, 2, 1.2, 2, 2.4, 2), numbers=[4])
    return sheet


def wipe_certificate(wipe: DataWipe) -> Sheet:
    """Print that a watch was cleared of personal data, how, when and by whom."""
    device = wipe.device
    sheet = Sheet(_("Certificate of data wipe {number}").format(number=wipe.number))
    sheet.facts(
        [
            (_("Serial number"), device.serial),
            (_("Model"), f"{device.lot.model.name} ({device.lot.model.maker})"),
            (_("Lot"), device.lot.code),
            (_("Wipe method"), wipe.get_method_display()),
            (_("Proof"), wipe.proof or "–"),
            (_("Wiped at"), spoken(wipe.wiped_at)),
            (_("Wiped by"), wipe.wiped_by.partition(":")[2]),
        ]
    )
    sheet.text(
        _("The watch was cleared of all personal data by this method before it went on."),
        small=True,
    )
    return sheet

"""The passport of a watch as a sheet."""

from datetime import date, datetime

from django.utils.translation import gettext as _
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing

from devices.errors import spoken
from devices.services.passport import Passport
from seoul_health.core.pdf import Sheet

SIDE = 80


def passport(found: Passport, *, address: str) -> Sheet:
    """Print the story of one watch; borrowers are masked as on the screen."""
    device = found.device
    sheet = Sheet(_("Watch passport {serial}").format(serial=device.serial), note=device.serial)
    sheet.picture(code_for(address))
    origin(sheet, found)
    money(sheet, found)
    table(sheet, _("Loans"), [_("Borrower"), _("Status"), _("Accepted at"), _("Returned at")], [
        [one.borrower, one.loan.get_status_display(), at(one.loan.accepted_at),
         at(one.loan.returned_at)] for one in found.lendings
    ])  # fmt: skip
    table(sheet, _("What citizens reported"), [_("Reported at"), _("Kind")], [
        [at(one.reported_at), one.get_kind_display()] for one in found.reports
    ])  # fmt: skip
    table(
        sheet, _("Inspections"),
        [_("Inspected at"), _("Grade"), _("Faults"), _("Note"), _("Photos"), _("Inspected by")],
        [
            [at(one.inspected_at), one.grade, ", ".join(one.fault_names) or "–", one.note,
             one.papers.count(), who(one.inspected_by)] for one in found.inspections
        ],
    )  # fmt: skip
    table(
        sheet, _("Data wipes"),
        [_("Certificate"), _("Wiped at"), _("Wipe method"), _("Proof"), _("Wiped by")],
        [
            [one.number, at(one.wiped_at), one.get_method_display(), one.proof or "–",
             who(one.wiped_by)] for one in found.wipes
        ],
    )  # fmt: skip
    rest(sheet, found)
    return sheet


def rest(sheet: Sheet, found: Passport) -> None:
    table(
        sheet, _("Repairs"),
        [_("Opened at"), _("What is wrong"), _("Workshop"), _("Outcome"), _("Cost (KRW)")],
        [
            [at(one.opened_at), one.fault, one.workshop or "–", one.get_outcome_display() or "–",
             one.cost] for one in found.repairs
        ],
    )  # fmt: skip
    table(
        sheet, _("Compensation cases"), [_("Cause"), _("Status"), _("Amount (KRW)")],
        [
            [one.get_cause_display(), one.get_status_display(), one.amount]
            for one in found.cases
        ],
    )  # fmt: skip
    unit = found.disposal
    if unit is None:
        return
    batch = unit.batch
    sheet.heading(_("Disposal"))
    sheet.facts(
        [
            (_("Disposal"), f"{batch.number} · {batch.get_status_display()}"),
            (_("Way of disposal"), batch.get_method_display()),
            (_("Recycler or receiver"), batch.recycler),
            (_("Number of the certificate"), batch.certificate_no or "–"),
            (_("Handed over on"), at(batch.handed_over_on)),
        ]
    )


def origin(sheet: Sheet, found: Passport) -> None:
    device, lot = found.device, found.lot
    sheet.facts(
        [
            (_("Status"), device.get_status_display()),
            (_("Grade"), device.grade),
            (_("Site"), device.site.name if device.site else "–"),
            (_("Model"), f"{lot.model.name} ({lot.model.maker})"),
            (_("Lot"), lot.code),
            (_("Supplier"), lot.supplier),
            (_("Contract number"), lot.contract_no),
            (_("Received on"), at(lot.received_on)),
            (_("Warranty until"), at(lot.warranty_until)),
            (_("Age (months)"), found.age_months),
            (_("Holds personal data"), _("Yes") if device.holds_personal_data else _("No")),
        ]
    )


def money(sheet: Sheet, found: Passport) -> None:
    spent = found.money
    sheet.heading(_("What it cost (KRW)"))
    sheet.table(
        [_("Unit price"), _("Repairs"), _("Recovery"), _("Compensation paid"), _("Together")],
        [[spent.price, spent.repairs, spent.recovery, -spent.compensated, spent.total]],
        numbers=range(5),
    )


def table(sheet: Sheet, title: str, head: list[str], rows: list[list[object]]) -> None:
    if rows:
        sheet.heading(title)
        sheet.table(head, rows)


def at(moment: datetime | date | None) -> str:
    if moment is None:
        return "–"
    return spoken(moment) if isinstance(moment, datetime) else f"{moment}"


def who(actor: str) -> str:
    return actor.partition(":")[2]


def code_for(address: str) -> Drawing:
    """Draw the address of the page as a QR code."""
    code = QrCodeWidget(address, barLevel="M")
    left, low, right, high = code.getBounds()
    scale = [SIDE / (right - left), 0, 0, SIDE / (high - low), 0, 0]
    drawing = Drawing(SIDE, SIDE, transform=scale)
    drawing.add(code)
    return drawing

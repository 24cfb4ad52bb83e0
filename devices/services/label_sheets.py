"""Labels for watches: a barcode and a QR code that both say the serial number, nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

import segno
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.colors import black
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from devices.models import Device
from devices.register_errors import NothingToPrint, TooManyLabels
from seoul_health.core.pdf import BOLD, REGULAR, register_fonts

MOST = 3_000
PAD = 2 * mm
# Scanners read bars down to about this width; a longer serial keeps its QR code only.
THINNEST, WIDEST = 0.17 * mm, 0.42 * mm


@dataclass(frozen=True, slots=True)
class Format:
    """Where the labels of a sheet are, in millimetres from its upper left corner."""

    name: str | Promise
    page: tuple[float, float]
    across: int
    down: int
    width: float
    height: float
    left: float
    top: float
    gap: float

    @property
    def per_page(self) -> int:
        return self.across * self.down

    def corner(self, place: int) -> tuple[float, float]:
        """Give the lower left corner of a label, in points."""
        row, column = divmod(place, self.across)
        left = self.left + column * (self.width + self.gap)
        top = self.top + (row + 1) * self.height
        return left * mm, self.page[1] - top * mm


FORMATS = {
    "a4-24": Format(
        gettext_lazy("A4, 24 labels of 63.5 × 33.9 mm"), A4, 3, 8, 63.5, 33.9, 7.2, 12.9, 2.54
    ),
    "a4-65": Format(
        gettext_lazy("A4, 65 labels of 38.1 × 21.2 mm"), A4, 5, 13, 38.1, 21.2, 4.7, 10.7, 2.5
    ),
    "roll-50x30": Format(
        gettext_lazy("Roll, one label of 50 × 30 mm"), (50 * mm, 30 * mm), 1, 1, 50, 30, 0, 0, 0
    ),
}


def sheets(watches: Iterable[Device], *, form: Format, skip: int = 0) -> bytes:
    """Set the labels; the first `skip` places of a sheet begun earlier stay empty."""
    listed = list(watches)
    if not listed:
        raise NothingToPrint
    if len(listed) > MOST:
        raise TooManyLabels(limit=f"{MOST:,}", count=f"{len(listed):,}")
    register_fonts()
    kept = BytesIO()
    canvas = Canvas(kept, pagesize=form.page, invariant=1, pageCompression=1)
    canvas.setTitle(str(_("Labels of watches")))
    for number, watch in enumerate(listed, start=skip % form.per_page):
        place = number % form.per_page
        if place == 0 and number:
            canvas.showPage()
        label(canvas, watch, form, *form.corner(place))
    canvas.save()
    return kept.getvalue()


def label(canvas: Canvas, watch: Device, form: Format, x: float, y: float) -> None:
    """Draw one label: bars above, QR code and words below."""
    width, height = form.width * mm - 2 * PAD, form.height * mm - 2 * PAD
    left, bottom = x + PAD, y + PAD
    canvas.setFillColor(black)
    bars = height * 0.36
    has_bars = barcode(canvas, watch.serial, left, bottom + height - bars, width, bars)
    side = height * 0.56 if has_bars else height
    qr_code(canvas, watch.serial, left, bottom, side)
    words(canvas, watch, left + side + 1.5 * mm, bottom, width - side - 1.5 * mm, side)


def barcode(canvas: Canvas, serial: str, x: float, y: float, width: float, height: float) -> bool:
    """Draw Code 128 as wide as the label allows, or say that it would be too fine to read."""
    modules = Code128(serial, barWidth=1, quiet=False).width
    fine = min(WIDEST, width / (modules + 20))
    if fine < THINNEST:
        return False
    drawn = Code128(serial, barWidth=fine, barHeight=height, quiet=False)
    drawn.drawOn(canvas, x + (width - drawn.width) / 2, y)
    return True


def qr_code(canvas: Canvas, serial: str, x: float, y: float, side: float) -> None:
    """Draw the QR code as one path: a sheet of 65 stays small."""
    matrix = segno.make_qr(serial, error="m").matrix
    cell = side / (len(matrix) + 2)
    path = canvas.beginPath()
    for row, line in enumerate(matrix):
        start = None
        for column, dark in enumerate([*line, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                bottom = y + side - (row + 2) * cell
                path.rect(x + (start + 1) * cell, bottom, (column - start) * cell, cell)
                start = None
    canvas.drawPath(path, stroke=0, fill=1)


def words(canvas: Canvas, watch: Device, x: float, y: float, width: float, height: float) -> None:
    """Print the serial as large as it fits, then model, lot and the city's number."""
    size = min(height * 0.24, 11.0)
    widest = canvas.stringWidth(watch.serial, BOLD, 1)
    size = min(size, width / widest)
    canvas.setFont(BOLD, size)
    canvas.drawString(x, y + height - size, watch.serial)
    small = min(height * 0.15, 7.0)
    lines = [f"{watch.lot.model.name} · {watch.lot.code}", watch.asset_no, str(_("City of Seoul"))]
    canvas.setFont(REGULAR, small)
    for number, text in enumerate(filter(None, lines), start=1):
        shown = fitted(canvas, text, width, small)
        canvas.drawString(x, y + height - size - number * small * 1.45, shown)


def fitted(canvas: Canvas, text: str, width: float, size: float) -> str:
    while text and canvas.stringWidth(text, REGULAR, size) > width:
        text = text[:-1]
    return text

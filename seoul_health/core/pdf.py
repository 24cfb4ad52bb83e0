"""Printed pages in Korean: a heading, facts and tables; each page has a number and a moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpResponse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from seoul_health.core import clock

REGULAR, BOLD = "Pretendard", "Pretendard-Bold"
INK, MUTED, RULE, SHADE = (HexColor(c) for c in ("#1d2433", "#5b6578", "#d9dee7", "#f3f5f9"))
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN


@cache
def register_fonts() -> None:
    folder = Path(settings.BASE_DIR) / "static" / "fonts"
    pdfmetrics.registerFont(TTFont(REGULAR, folder / "Pretendard-Regular.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, folder / "Pretendard-Bold.ttf"))


def style(name: str, *, size: float = 9, **more: Any) -> ParagraphStyle:
    common: dict[str, Any] = {"fontName": REGULAR, "leading": size * 1.45, "textColor": INK}
    # Korean breaks between any two letters; without this a long sentence leaves the page.
    return ParagraphStyle(name, fontSize=size, wordWrap="CJK", **(common | more))


TEXT = style("text")
NUMBER = style("number", alignment=TA_RIGHT)
NOTE = style("note", size=8, textColor=MUTED)
LABEL = style("label", fontName=BOLD)
LABEL_RIGHT = style("label-right", fontName=BOLD, alignment=TA_RIGHT)
TITLE = style("title", size=17, fontName=BOLD, spaceAfter=2 * mm)
HEADING = style("heading", size=11.5, fontName=BOLD, spaceBefore=5 * mm, spaceAfter=2 * mm)


class Sheet:
    """A document in the making; `as_bytes` or `as_response` ends it."""

    def __init__(self, title: str, *, as_of: datetime | None = None, note: str = "") -> None:
        register_fonts()
        self.title, self.note = title, note
        self.as_of = as_of or clock.now()
        self.story: list[Flowable] = [Paragraph(escape(title), TITLE)]

    def heading(self, text: str) -> None:
        self.story.append(Paragraph(escape(text), HEADING))

    def text(self, text: str, *, small: bool = False) -> None:
        self.story.append(Paragraph(escape(text).replace("\n", "<br/>"), NOTE if small else TEXT))

    def facts(self, pairs: Iterable[tuple[str, object]]) -> None:
        """Print names and values in two columns."""
        rows = [[Paragraph(escape(str(name)), LABEL), cell(value)] for name, value in pairs]
        if rows:
            self.story += [ruled(rows, [42 * mm, WIDTH - 42 * mm]), Spacer(0, 3 * mm)]

    def table(
        self,
        head: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        widths: Sequence[float] = (),
        numbers: Iterable[int] = (),
    ) -> None:
        """Print a table whose head repeats on each page; `widths` are shares of the page."""
        right = frozenset(numbers)
        top: list[Flowable] = [
            Paragraph(escape(name), LABEL_RIGHT if n in right else LABEL)
            for n, name in enumerate(head)
        ]
        body = [[cell(one, right=n in right) for n, one in enumerate(row)] for row in rows]
        shares = widths or [1.0] * len(head)
        columns = [WIDTH * share / sum(shares) for share in shares]
        table = ruled([top, *body], columns, head=1)
        table.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, 0), SHADE)]))
        self.story += [table, Spacer(0, 3 * mm)]

    def picture(self, drawing: Flowable) -> None:
        """Put any drawing in, such as a barcode or a photograph."""
        self.story.append(drawing)

    def as_bytes(self) -> bytes:
        """Set the pages."""
        kept = BytesIO()
        paper = SimpleDocTemplate(
            kept,
            pagesize=A4,
            title=self.title,
            author=str(_("Seoul health programme")),
            leftMargin=MARGIN,
            rightMargin=MARGIN,
            topMargin=MARGIN,
            bottomMargin=MARGIN,
            invariant=1,
        )
        paper.build(self.story, onFirstPage=self.foot, onLaterPages=self.foot)
        return kept.getvalue()

    def as_response(self, name: str) -> HttpResponse:
        """Answer with the document as a file of this name (ASCII, with its ending)."""
        answer = HttpResponse(self.as_bytes(), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Cache-Control"] = "no-store"
        return answer

    def foot(self, canvas: Canvas, paper: SimpleDocTemplate) -> None:
        told = _("As of {time}").format(time=f"{localtime(self.as_of):%Y-%m-%d %H:%M:%S}")
        canvas.setFont(REGULAR, 7.5)
        canvas.setFillColor(MUTED)
        canvas.drawString(MARGIN, 10 * mm, " · ".join(filter(None, [told, self.note])))
        canvas.drawRightString(A4[0] - MARGIN, 10 * mm, str(paper.page))


def cell(value: object, *, right: bool = False) -> Flowable:
    """Give one cell: a number grouped by thousands, or text."""
    if isinstance(value, Flowable):
        return value
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return Paragraph(escape(text), NUMBER if right else TEXT)


def ruled(rows: list[list[Flowable]], columns: Sequence[float], *, head: int = 0) -> LongTable:
    table = LongTable(rows, colWidths=list(columns), repeatRows=head)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return table

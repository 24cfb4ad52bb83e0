"""Papers as citizens send them: small, but real enough for the programs that open them."""

import io
from typing import Any

from PIL import Image, ImageDraw
from pypdf import PdfWriter


def picture(
    words: str = "CERTIFICATE",
    *,
    kind: str = "JPEG",
    size: tuple[int, int] = (80, 40),
    **terms: Any,
) -> bytes:
    """Draw words on white as a JPEG or PNG."""
    sheet = Image.new("RGB", size, "white")
    ImageDraw.Draw(sheet).text((4, 10), words, fill="black")
    kept = io.BytesIO()
    sheet.save(kept, kind, **terms)
    return kept.getvalue()


def blank_pdf(pages: int = 1, *, title: str = "") -> PdfWriter:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=200, height=280)
    if title:
        writer.add_metadata({"/Title": title})
    return writer


def written(writer: PdfWriter) -> bytes:
    kept = io.BytesIO()
    writer.write(kept)
    return kept.getvalue()


def pdf(title: str = "", *, pages: int = 1) -> bytes:
    """Give a PDF of empty pages; another title makes it another document."""
    return written(blank_pdf(pages, title=title))

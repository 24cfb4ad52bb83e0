"""Papers of people who work or study in Seoul, handed in through the service."""

import io

from PIL import Image, ImageDraw

from participants.models import Application, EvidenceDocument
from participants.services.evidence import attach

from .plans import World

MOST = 30
A4, LETTERS = "[0 0 595 842]", "<< /Font << /F1 5 0 R >> >>"
PAPERS = {
    "worker": (EvidenceDocument.Kind.EMPLOYMENT, "CERTIFICATE OF EMPLOYMENT"),
    "student": (EvidenceDocument.Kind.STUDENT_CARD, "STUDENT CARD"),
    "self_employed": (EvidenceDocument.Kind.BUSINESS, "BUSINESS REGISTRATION"),
}


def attach_papers(world: World) -> int:
    """Give every second of the waiting applications that need a paper one; count them."""
    waiting = Application.objects.filter(
        round=world.rounds.open.round, status__in=["submitted", "under_review"], basis__in=PAPERS
    )
    chosen = waiting.select_related("participant").order_by("sequence")[: MOST * 2 : 2]
    for application in chosen:
        kind, title = PAPERS[application.basis]
        words = f"{title} (DEMO) {application.receipt_no}"
        is_photo = application.pk % 3 == 0
        attach(
            application,
            kind=kind,
            content=photo(words) if is_photo else paper(words),
            claimed_type="image/jpeg" if is_photo else "application/pdf",
            by=application.participant,
        )
    return len(chosen)


def photo(line: str) -> bytes:
    """Draw the same line as somebody's phone would have caught it."""
    sheet, kept = Image.new("RGB", (620, 877), "#f4f1ea"), io.BytesIO()
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((30, 30, 590, 847), outline="#777777", width=2)
    pen.text((60, 80), line, fill="#222222", font_size=17)
    sheet.save(kept, "JPEG")
    return kept.getvalue()


def paper(line: str) -> bytes:
    """Draw one line on one page of the smallest honest PDF."""
    drawing = f"BT /F1 18 Tf 60 760 Td ({line}) Tj ET".replace("(DEMO)", r"\(DEMO\)")
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox {A4} /Contents 4 0 R /Resources {LETTERS} >>",
        f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    text, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(text))
        text += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    text += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}"
    end = text.index("xref\n0 ")
    text += f"trailer << /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{end}\n%%EOF\n"
    return text.encode()

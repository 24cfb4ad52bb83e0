from datetime import UTC, datetime
from io import BytesIO

from pypdf import PdfReader

from seoul_health.core.pdf import Sheet

MORNING = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def pages_of(sheet: Sheet) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(sheet.as_bytes())).pages]


def test_korean_is_printed_as_text_with_its_moment_on_each_page():
    sheet = Sheet("포인트 명세서", as_of=MORNING, note="P-1")
    sheet.facts([("잔액", 12_345)])
    sheet.table(["날짜", "포인트"], [["2026-11-22", n] for n in range(50)], numbers=[1])

    pages = pages_of(sheet)
    assert len(pages) == 2
    assert "포인트 명세서" in pages[0]
    assert "12,345" in pages[0]
    assert all("2026-11-23 09:00:00 · P-1" in page for page in pages)
    assert all("날짜" in page for page in pages)


def test_markup_in_a_value_is_printed_not_obeyed():
    sheet = Sheet("<b>제목", as_of=MORNING)
    sheet.text("<para>내용 & <script>")
    assert "<para>내용 & <script>" in pages_of(sheet)[0]


def test_the_same_document_is_the_same_bytes():
    first, second = (Sheet("명세서", as_of=MORNING).as_bytes() for _n in range(2))
    assert first == second


def test_it_is_handed_out_as_a_file_that_is_not_kept():
    answer = Sheet("명세서", as_of=MORNING).as_response("statement.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="statement.pdf"'
    assert answer["Cache-Control"] == "no-store"

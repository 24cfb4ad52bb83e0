import pypdfium2
import pytest
import segno

from devices.models import Device
from devices.register_errors import NothingToPrint, TooManyLabels
from devices.services import label_sheets
from devices.services.label_sheets import FORMATS, sheets

from .builders import make_watch


def read(content):
    book = pypdfium2.PdfDocument(content)
    return [page.get_textpage().get_text_range() for page in book]


def watches(count):
    for number in range(count):
        make_watch(f"SW26-{number:07d}")
    return Device.objects.select_related("lot__model").order_by("serial")


@pytest.mark.parametrize("paper", sorted(FORMATS))
def test_every_label_shows_its_serial(db, paper):
    pages = read(sheets(watches(3), form=FORMATS[paper]))

    for number in range(3):
        assert f"SW26-{number:07d}" in "\n".join(pages)


@pytest.mark.parametrize(
    ("count", "skip", "pages"), [(24, 0, 1), (25, 0, 2), (24, 1, 2), (1, 23, 1), (2, 23, 2)]
)
def test_labels_fill_sheets_from_the_first_free_place(db, count, skip, pages):
    assert len(read(sheets(watches(count), form=FORMATS["a4-24"], skip=skip))) == pages


def test_no_label_stands_outside_its_paper():
    for form in FORMATS.values():
        width, height = form.page
        for place in range(form.per_page):
            x, y = form.corner(place)
            assert 0 <= x <= width - form.width * label_sheets.mm + 0.1
            assert -0.1 <= y <= height - form.height * label_sheets.mm + 0.1


def test_the_qr_code_on_paper_is_that_of_the_serial(db):
    """Read the modules back from the drawn page, one by one."""
    form = FORMATS["roll-50x30"]
    page = pypdfium2.PdfDocument(sheets(watches(1), form=form))[0]
    scale = 20
    picture = page.render(scale=scale).to_pil().convert("L")
    matrix = [list(row) for row in segno.make_qr("SW26-0000000", error="m").matrix]
    height = form.height * label_sheets.mm
    side = (height - 2 * label_sheets.PAD) * 0.56
    cell = side / (len(matrix) + 2)
    left, top = label_sheets.PAD, height - label_sheets.PAD - side

    def is_dark(row, column):
        x, y = left + (column + 1.5) * cell, top + (row + 1.5) * cell
        return int(picture.getpixel((int(x * scale), int(y * scale))) < 128)

    size = range(len(matrix))
    seen = [[is_dark(row, column) for column in size] for row in size]

    assert seen == matrix


def test_a_serial_too_long_for_bars_keeps_its_qr_code(db):
    make_watch("ABCDEFGHIJKLMNOPQRSTUVWXYZ-12345")
    content = sheets(Device.objects.select_related("lot__model"), form=FORMATS["a4-65"])

    assert "ABCDEFGHIJKLMNOPQRSTUVWXYZ-12345" in read(content)[0]


def test_nothing_is_not_printed(db):
    with pytest.raises(NothingToPrint):
        sheets([], form=FORMATS["a4-24"])


def test_too_many_labels_are_refused(db, monkeypatch):
    monkeypatch.setattr(label_sheets, "MOST", 2)

    with pytest.raises(TooManyLabels):
        sheets(watches(3), form=FORMATS["a4-24"])

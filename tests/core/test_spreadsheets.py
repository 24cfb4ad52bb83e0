import io
import zipfile

import openpyxl
import pytest

from seoul_health.core import spreadsheets
from seoul_health.core.spreadsheets import read_table


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in members.items():
            zipped.writestr(name.replace("__", "/"), content)
    return out.getvalue()


KOREAN = "serial,name\nSW-1,홍길동\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_csv_is_read_as_korean_offices_write_it(encoding):
    assert read_table(KOREAN.encode(encoding)).dict == [{"serial": "SW-1", "name": "홍길동"}]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators_are_seen(mark):
    assert read_table(KOREAN.replace(",", mark).encode()).headers == ["serial", "name"]


def test_a_workbook_gives_text_without_a_fraction():
    table = read_table(workbook(["serial", "price"], ["0012", 50000.0], [None, None], [7, "x"]))

    assert table.dict == [{"serial": "0012", "price": "50000"}, {"serial": "7", "price": "x"}]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        pytest.param(b"", "UnreadableFile", id="empty"),
        pytest.param(b"   \n", "UnreadableFile", id="blank"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "OldExcel", id="xls"),
        pytest.param(b"<html><table></table></html>", "NotATable", id="html"),
        pytest.param("a,b\n1,2".encode("utf-16"), "UnknownEncoding", id="utf-16"),
        pytest.param(b"a,b\n1,\x00", "UnknownEncoding", id="nul"),
        pytest.param(b"a,b\n\xff\xfe\xfd,1", "UnknownEncoding", id="no encoding"),
        pytest.param(b'a,b\n"never closed,1', "UnreadableFile", id="open quote"),
        pytest.param(b"a,a\n1,2", "BadHeader", id="same header twice"),
        pytest.param(b"a,,b\n1,2,3", "BadHeader", id="nameless header"),
        pytest.param(b"a,b\n" + b"x" * 70_000, "UnreadableFile", id="one huge cell"),
        pytest.param(b"PK\x03\x04 not a zip", "UnreadableFile", id="broken zip"),
        pytest.param(archive(readme="hello"), "NotATable", id="some zip"),
        pytest.param(archive(xl__vbaProject_bin="x"), "NotATable", id="zip without a workbook"),
        pytest.param(
            archive(**{"xl/workbook.xml": "x", "xl/vbaProject.bin": "x"}), "WithMacros", id="macros"
        ),
        pytest.param(archive(**{"xl/workbook.xml": "x" * 30_000_000}), "TooBig", id="zip bomb"),
        pytest.param(archive(**{f"f{n}": "" for n in range(300)}), "TooBig", id="many members"),
    ],
)
def test_what_is_no_honest_table_is_refused_with_a_sentence(content, refusal):
    with pytest.raises(getattr(spreadsheets, refusal)) as refused:
        read_table(content)

    assert type(refused.value).__name__ == refusal
    assert str(refused.value).endswith(".")


def test_a_file_with_too_many_rows_is_refused(settings):
    settings.IMPORT_MAX_ROWS = 3

    with pytest.raises(spreadsheets.TooManyRows):
        read_table(b"a\n" + b"1\n" * 4)
    assert len(read_table(b"a\n" + b"1\n" * 3)) == 3


def test_two_million_rows_are_refused_at_once():
    with pytest.raises(spreadsheets.TooManyRows):
        read_table(b"a\n" + b"1\n" * 2_000_000)


def test_a_cell_at_the_far_corner_costs_nothing():
    book = openpyxl.Workbook()
    book.active["A1"] = "a"
    book.active["XFD1048576"] = 1
    out = io.BytesIO()
    book.save(out)

    with pytest.raises(spreadsheets.UnreadableFile):
        read_table(out.getvalue())


@pytest.mark.parametrize("text", ["=1+1", "+82", "-1", "@SUM(A1)", "\tx", "＝1"])
def test_nothing_exported_becomes_a_formula(text):
    sheet = openpyxl.load_workbook(io.BytesIO(spreadsheets.write_xlsx(["a"], [[text]]))).active

    assert (sheet["A2"].value, sheet["A2"].data_type) == (text, "s")
    assert f'"\'{text}"' in spreadsheets.write_csv(["a"], [[text]]).decode("utf-8-sig")

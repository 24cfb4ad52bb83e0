"""Read the files offices really send, and refuse the others before they cost anything."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

import tablib
import xlsxwriter
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook

from .errors import DomainError

MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_MEMBERS = 200
MAX_COLUMNS = 30
MAX_LINE = 64 * 1024
SPARE_ROWS = 1000
CELL = re.compile(rb'<c\b[^>]*?\sr="([A-Z]{1,3})([0-9]{1,7})"')
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class UnreadableFile(DomainError):
    code = "unreadable_file"
    message = _("This file cannot be read. Please send an XLSX or CSV file.")


class OldExcel(UnreadableFile):
    message = _("This is an old or password-protected Excel file. Please save it as plain XLSX.")


class WithMacros(UnreadableFile):
    message = _("This workbook contains macros. Please save it as XLSX without macros.")


class NotATable(UnreadableFile):
    message = _("This is a web page or another kind of file, not a table. Please send XLSX or CSV.")


class TooBig(UnreadableFile):
    code = "file_too_big"
    message = _("This file unpacks to more than is allowed. Please split it.")


class TooManyRows(UnreadableFile):
    code = "too_many_rows"
    message = _("This file has more than {limit} rows. Please split it.")


class UnknownEncoding(UnreadableFile):
    message = _("The letters of this CSV file cannot be read. Please save it as UTF-8 or CP949.")


class BadHeader(UnreadableFile):
    message = _("The first row must name the columns, each once.")


def read_table(content: bytes) -> tablib.Dataset:
    """Read an XLSX or CSV file into text cells; raise UnreadableFile with what to do instead."""
    header, numbered = numbered_rows(content)
    table = tablib.Dataset(headers=header)
    for _line, cells in numbered:
        table.append(cells)
    return table


def numbered_rows(content: bytes) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Read a file as its header, and each filled row with the number a spreadsheet shows."""
    if not content.strip():
        raise UnreadableFile
    if content.startswith(OLE):
        raise OldExcel
    return header_and_rows(
        workbook_rows(content) if content.startswith(b"PK") else csv_rows(content)
    )


def header_and_rows(
    rows: Iterator[list[str]],
) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    header = [name.strip() for name in next(rows, [])]
    while header and not header[-1]:
        header.pop()
    if not header or "" in header or len(set(header)) != len(header) or len(header) > MAX_COLUMNS:
        raise BadHeader
    return header, filled(rows, len(header))


def filled(rows: Iterator[list[str]], width: int) -> Iterator[tuple[int, list[str]]]:
    count = 0
    for line, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if count >= settings.IMPORT_MAX_ROWS:
            raise TooManyRows(limit=f"{settings.IMPORT_MAX_ROWS:,}")
        count += 1
        yield line, (cells + [""] * width)[:width]


def workbook_rows(content: bytes) -> Iterator[list[str]]:
    try:
        check_archive(content)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        for row in sheet.iter_rows():
            yield [text_of(cell) for cell in row]
    except (CalamineError, zipfile.BadZipFile, NotImplementedError) as exc:
        raise UnreadableFile from exc


def check_archive(content: bytes) -> None:
    """Judge an archive by its directory, without unpacking anything."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError) as exc:
        raise UnreadableFile from exc
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED or len(members) > MAX_MEMBERS:
        raise TooBig
    if unpacked > MAX_RATIO * len(content):
        raise TooBig
    names = {member.filename for member in members}
    if any(name.endswith("vbaProject.bin") for name in names):
        raise WithMacros
    if "xl/workbook.xml" not in names:
        raise NotATable
    for name in names:
        if name.startswith("xl/worksheets/"):
            check_extent(archive.read(name))


def check_extent(sheet: bytes) -> None:
    """Refuse a cell in a far corner: the reader would make room for everything before it."""
    for column, row in CELL.findall(sheet):
        if len(column) > 2 or (len(column) == 2 and column > b"AZ"):
            raise TooBig
        if int(row) > settings.IMPORT_MAX_ROWS + SPARE_ROWS:
            raise TooManyRows(limit=f"{settings.IMPORT_MAX_ROWS:,}")


def text_of(cell: object) -> str:
    """Spell a cell as an office would: whole numbers without “.0”, days as YYYY-MM-DD."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time().isoformat() == "00:00:00":
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def csv_rows(content: bytes) -> Iterator[list[str]]:
    text = decode(content)
    if text.lstrip()[:1] == "<":
        raise NotATable
    lines = text.splitlines(keepends=True)
    if any(len(line) > MAX_LINE for line in lines):
        raise UnreadableFile
    try:
        yield from csv.reader(lines, dialect=dialect_of(lines), strict=True)
    except csv.Error as exc:
        raise UnreadableFile from exc


def decode(content: bytes) -> str:
    """Take UTF-8 with or without its mark, else CP949, as Korean offices write."""
    if b"\0" in content or content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise UnknownEncoding
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnknownEncoding


def dialect_of(lines: list[str]) -> type[csv.Dialect]:
    first = lines[0] if lines else ""

    class Office(csv.excel):
        delimiter = max(",;\t", key=first.count)

    return Office


def harmless(value: Any) -> str:
    """Keep a spreadsheet from running what somebody typed into a name."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_csv(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Write UTF-8 with its mark, so that Excel shows Korean."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(harmless(name) for name in header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Write every cell as text: nothing in it can become a formula."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([list(header), *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, "" if cell is None else str(cell))
    return out.getvalue()

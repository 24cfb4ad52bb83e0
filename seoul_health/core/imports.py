"""Tables that people upload: told by content, measured before they are opened, read as text."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from xml.parsers import expat

import python_calamine
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .errors import DomainError

MOST_MEMBERS, MOST_UNPACKED, MOST_RATIO = 200, 50 * 1024 * 1024, 100
MOST_COLUMNS, LONGEST_LINE = 64, 65_536
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<head", b"<body")


class FileRefused(DomainError):
    """This file cannot be taken; nothing in it was looked at further."""

    code = "file_refused"
    message = _("This file cannot be read. Please save it again as XLSX or CSV.")


class UnknownFormat(FileRefused):
    message = _("This is neither an XLSX nor a CSV file. Please save it as XLSX or CSV.")


class OldWorkbook(FileRefused):
    message = _("This is an old Excel file (.xls). Please save it as an Excel workbook (.xlsx).")


class LockedWorkbook(FileRefused):
    message = _("This file is protected with a password. Please remove the password and retry.")


class MacroWorkbook(FileRefused):
    message = _("This file contains macros. Please save it as a workbook without macros (.xlsx).")


class WebPage(FileRefused):
    message = _("This is a web page saved as a table. Please open it and save it as XLSX or CSV.")


class SwollenWorkbook(FileRefused):
    message = _("This file unpacks to far more than it should. Please split it or save it anew.")


class TooManyRows(FileRefused):
    message = _("This file has more than {limit} rows. Please split it into several files.")


class TooManyColumns(FileRefused):
    message = _("This file has more than {limit} columns. Please remove the empty ones.")


class UnknownEncoding(FileRefused):
    message = _("The letters of this file cannot be read. Please save it as CSV UTF-8.")


class BrokenLine(FileRefused):
    message = _("Line {line} of the file cannot be read; perhaps a quotation mark is missing.")


class BadHeading(FileRefused):
    message = _("The first line must name the columns; this is missing or twice there: {columns}.")


class EmptyTable(FileRefused):
    message = _("There are no rows in this file.")


@dataclass(frozen=True)
class Table:
    """The column names and the rows below them, every cell as trimmed text."""

    headings: list[str]
    rows: list[list[str]]


def read_table(octets: bytes, *, aliases: dict[str, str] | None = None) -> Table:
    """Read an XLSX or CSV file, or say in one sentence why not.

    `aliases` gives the code's name of a column for what people call it.
    """
    lines = list(read_workbook(octets) if is_zip(octets) else read_csv(refuse_others(octets)))
    while lines and not any(lines[-1]):
        lines.pop()
    if len(lines) < 2:
        raise EmptyTable
    headings = [(aliases or {}).get(name, name) for name in map(tidy_name, lines[0])]
    named = [name for name in headings if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise BadHeading(columns=", ".join(twice))
    width = len(headings)
    for number, cells in enumerate(lines[1:], 2):
        if any(cells[width:]):
            raise BrokenLine(line=number)
    return Table(headings, [(cells + [""] * width)[:width] for cells in lines[1:]])


def require_columns(table: Table, needed: Iterable[str]) -> None:
    missing = [name for name in needed if name not in table.headings]
    if missing:
        raise BadHeading(columns=", ".join(missing))


def tidy_name(text: str) -> str:
    return " ".join(text.split()).lower()


def tidy(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def is_zip(octets: bytes) -> bool:
    return octets.startswith(b"PK\x03\x04")


def refuse_others(octets: bytes) -> bytes:
    """Let only text through."""
    head = octets[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if octets.startswith(OLD_OFFICE):
        raise LockedWorkbook if ENCRYPTED_PART in octets else OldWorkbook
    if head.startswith(MARKUP):
        raise WebPage
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnknownEncoding
    if not octets.strip():
        raise EmptyTable
    if b"\0" in octets:
        raise UnknownFormat
    return octets


def read_csv(octets: bytes) -> Iterator[list[str]]:
    """Read UTF-8 (with or without mark) or CP949, whichever the octets are."""
    if octets.count(b"\n") > 2 * settings.IMPORT_MAX_ROWS:
        raise TooManyRows(limit=settings.IMPORT_MAX_ROWS)
    text = decode(octets)
    heading = text[:LONGEST_LINE].splitlines()[0]
    delimiter = max(",;\t", key=heading.count)
    if any(len(line) > LONGEST_LINE for line in io.StringIO(text, newline=None)):
        raise UnknownFormat
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader):
            if number > settings.IMPORT_MAX_ROWS:
                raise TooManyRows(limit=settings.IMPORT_MAX_ROWS)
            if len(cells) > MOST_COLUMNS:
                raise TooManyColumns(limit=MOST_COLUMNS)
            yield [tidy(cell) for cell in cells]
    except csv.Error as exc:
        raise BrokenLine(line=reader.line_num) from exc


def decode(octets: bytes) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return octets.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnknownEncoding


def read_workbook(octets: bytes) -> Iterator[list[str]]:
    """Read the first sheet, once the archive and the sheets have been measured."""
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            measure_archive(archive)
            measure_sheets(archive)
        book = python_calamine.load_workbook(io.BytesIO(octets))
        sheet = book.get_sheet_by_index(0)
        cells = sheet.to_python(skip_empty_area=False)
    except python_calamine.PasswordError as exc:
        raise LockedWorkbook from exc
    except (
        zipfile.BadZipFile, expat.ExpatError, python_calamine.CalamineError, OSError, EOFError,
        NotImplementedError, ValueError, KeyError, IndexError,
    ) as exc:  # fmt: skip
        raise FileRefused from exc
    for row in cells:
        yield [tidy(cell_text(cell)) for cell in row]


def measure_archive(archive: zipfile.ZipFile) -> None:
    """Judge by the central directory alone, before a byte is unpacked."""
    members = archive.infolist()
    names = {member.filename for member in members}
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if any(member.flag_bits & 1 for member in members):
        raise LockedWorkbook
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
        raise SwollenWorkbook
    if unpacked > MOST_RATIO * max(packed, 1):
        raise SwollenWorkbook
    if "xl/workbook.xml" not in names:
        raise UnknownFormat
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise MacroWorkbook
    if b"macroEnabled" in archive.read("[Content_Types].xml"):
        raise MacroWorkbook


def measure_sheets(archive: zipfile.ZipFile) -> None:
    """Find the outermost cells: a reader would set memory aside for all between."""
    for name in archive.namelist():
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            with archive.open(name) as sheet:
                parser = expat.ParserCreate()
                parser.StartElementHandler = measure_element
                parser.StartDoctypeDeclHandler = refuse_doctype
                parser.ParseFile(sheet)


def measure_element(tag: str, attributes: dict[str, str]) -> None:
    kind = tag.rpartition(":")[2]
    place = attributes.get("r", "")
    if kind == "row" and place.isdecimal() and int(place) > settings.IMPORT_MAX_ROWS + 1:
        raise TooManyRows(limit=settings.IMPORT_MAX_ROWS)
    if kind == "c":
        letters = place.rstrip("0123456789")
        if column_number(letters) > MOST_COLUMNS:
            raise TooManyColumns(limit=MOST_COLUMNS)
        if int(place[len(letters) :] or 0) > settings.IMPORT_MAX_ROWS + 1:
            raise TooManyRows(limit=settings.IMPORT_MAX_ROWS)


def refuse_doctype(*_declaration: object) -> None:
    raise FileRefused


def column_number(letters: str) -> int:
    number = 0
    for letter in letters[:4].upper():
        number = number * 26 + ord(letter) - 64
    return number


def cell_text(value: object) -> str:
    """Write a cell the way a person would type it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)

"""The partner's settlement file, brought in by hand: staged by COPY, checked, then compared.

PostgreSQL reads a sound file; one it refuses is read again line by line, to say what is wrong in
which line. Neither way holds more than a block of it in memory, and neither writes half of it.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import IO

from django.db import DataError, IntegrityError, InternalError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from psycopg import errors

from points.errors import FileContradicts, FileUnreadable
from points.models import Operator, Reconciliation
from points.rules.partner_rows import Fault, faults_in
from points.services.reconciliation import STAGE, Totals, compare_staged, resolve_from_file
from seoul_health.core.audit import Actor

BLOCK = 1 << 20
UTF8, CP949 = "utf-8", "cp949"
POSTGRES_NAMES = {UTF8: "UTF8", CP949: "UHC"}
PYTHON_NAMES = {UTF8: "utf-8-sig", CP949: "cp949"}
FAULTS_TOLD = 10
WHAT_IS_WRONG = {
    "unknown_column": gettext_noop("Line {line}: the column “{value}” is not known."),
    "missing_column": gettext_noop("Line {line}: the column “{column}” is missing."),
    "columns_in_another_order": gettext_noop(
        "Line {line}: the columns must be reference, amount, receipt_no, paid_at, in this order."
    ),
    "number_of_cells": gettext_noop("Line {line}: there must be four cells, not {value}."),
    "no_reference": gettext_noop("Line {line}: the reference is empty."),
    "no_amount": gettext_noop("Line {line}, {column}: “{value}” is not a whole number of won."),
    "no_time": gettext_noop("Line {line}, {column}: “{value}” is not a time."),
}
# A time without a zone is Seoul's.
SEOUL = "SET LOCAL timezone = 'Asia/Seoul'"
COPY = "COPY wallet_file FROM STDIN (FORMAT csv, HEADER match, ENCODING '{encoding}')"
TIDY = "UPDATE wallet_file SET reference = btrim(reference), receipt_no = btrim(receipt_no)"
CLOSING = "DELETE FROM wallet_file WHERE reference = 'TOTAL'"
# One look at every line: is it sound, is it tidy, and what does the last one claim?
LOOK = """
SELECT count(*) FILTER (WHERE reference <> 'TOTAL'),
    coalesce(sum(amount) FILTER (WHERE reference <> 'TOTAL'), 0)::bigint,
    array_agg(ARRAY[amount::text, receipt_no, paid_at::date::text])
        FILTER (WHERE reference = 'TOTAL'),
    bool_or(reference = '' OR NOT isfinite(paid_at) OR amount <= 0 AND reference <> 'TOTAL'),
    bool_or(reference <> btrim(reference) OR receipt_no <> btrim(receipt_no))
FROM wallet_file
"""


class DryRun(Exception):
    """Undo what was only tried."""


def preview_file(day: date, operator: Operator, file: IO[bytes], *, by: Actor) -> Reconciliation:
    """Say what comparing a file would find, and change nothing."""
    try:
        with transaction.atomic():
            found = stage_and_compare(day, operator, file, by=by, digest="")
            found.refresh_from_db()
            raise DryRun
    except DryRun:
        return found


@transaction.atomic
def import_file(day: date, operator: Operator, file: IO[bytes], *, by: Actor) -> Reconciliation:
    """Compare a day with the partner's file; the same file again is the same comparison."""
    digest = digest_of(file)
    earlier = Reconciliation.objects.filter(operator=operator, day=day, file_digest=digest).first()
    if earlier is not None:
        return earlier
    found = stage_and_compare(day, operator, file, by=by, digest=digest)
    resolve_from_file(found, by=by)
    found.refresh_from_db()
    return found


def stage_and_compare(
    day: date, operator: Operator, file: IO[bytes], *, by: Actor, digest: str
) -> Reconciliation:
    encoding = encoding_of(file)
    with connection.cursor() as cursor:
        cursor.execute(SEOUL)
        cursor.execute(STAGE)
    stage(file, encoding)
    return compare_staged(day, operator, check_totals(day), by=by, digest=digest)


def stage(file: IO[bytes], encoding: str) -> None:
    """Send the file as it is; a file that cannot be read is refused with its faults, line by line.

    The savepoint lets the rest of the transaction live on to look for them.
    """
    statement = COPY.format(encoding=POSTGRES_NAMES[encoding])
    try:
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
            for block in blocks(file, skip_mark=encoding == UTF8):
                copy.write(block)
    except (DataError, IntegrityError, InternalError, errors.Error) as fault:
        raise FileUnreadable(why=told(file, encoding)) from fault


def told(file: IO[bytes], encoding: str) -> str:
    faults = list(islice(faults_in(lines_of(file, encoding)), FAULTS_TOLD))
    return " ".join(sentence(fault) for fault in faults) or _("The file is not a CSV file.")


def lines_of(file: IO[bytes], encoding: str) -> Iterator[list[str]]:
    file.seek(0)
    text = io.TextIOWrapper(file, PYTHON_NAMES[encoding], errors="replace", newline="")
    try:
        yield from csv.reader(line.replace("\0", "") for line in text)
    except csv.Error:
        yield []
    finally:
        text.detach()


def sentence(fault: Fault) -> str:
    words = _(WHAT_IS_WRONG[fault.what]).format(
        line=f"{fault.line:,}", column=fault.column, value=fault.value
    )
    return str(words)


def check_totals(day: date) -> Totals:
    """Refuse the whole file unless its last line tells the number, sum and day of the others."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK)
        count, total, closing, broken, untidy = cursor.fetchone()
        if untidy:
            cursor.execute(TIDY)
            cursor.execute(LOOK)
            count, total, closing, broken, untidy = cursor.fetchone()
        if broken:
            raise FileContradicts(why="file_line_unreadable")
        if closing != [[str(count), str(total), day.isoformat()]]:
            raise FileContradicts(why="file_totals_differ")
        cursor.execute(CLOSING)
    return Totals(count, total)


def blocks(file: IO[bytes], *, skip_mark: bool = False) -> Iterator[bytes]:
    file.seek(0)
    first = file.read(BLOCK)
    yield first.removeprefix(codecs.BOM_UTF8) if skip_mark else first
    while block := file.read(BLOCK):
        yield block


def digest_of(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks(file):
        digest.update(block)
    return digest.hexdigest()


def encoding_of(file: IO[bytes]) -> str:
    """Tell UTF-8 from CP949 by trying the stricter one."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in blocks(file):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return CP949
    return UTF8

"""The partner's settlement file, brought in by hand: staged by COPY, checked, then compared."""

import codecs
import hashlib
import re
from collections.abc import Iterator
from datetime import date
from typing import IO

from django.db import DataError, IntegrityError, InternalError, connection, transaction
from psycopg import errors

from points.errors import FileContradicts, FileUnreadable
from points.models import Reconciliation
from points.services.reconciliation import STAGE, compare_staged, resolve_from_file
from seoul_health.core.audit import Actor

BLOCK = 1 << 20
UTF8, CP949 = "UTF8", "UHC"
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


def preview_file(day: date, file: IO[bytes], *, by: Actor) -> Reconciliation:
    """Say what comparing a file would find, and change nothing."""
    try:
        with transaction.atomic():
            found = stage_and_compare(day, file, by=by, digest="")
            found.refresh_from_db()
            raise DryRun
    except DryRun:
        return found


@transaction.atomic
def import_file(day: date, file: IO[bytes], *, by: Actor) -> Reconciliation:
    """Compare a day with the partner's file; the same file again is the same comparison."""
    digest = digest_of(file)
    earlier = Reconciliation.objects.filter(day=day, file_digest=digest).first()
    if earlier is not None:
        return earlier
    found = stage_and_compare(day, file, by=by, digest=digest)
    resolve_from_file(found, by=by)
    found.refresh_from_db()
    return found


def stage_and_compare(day: date, file: IO[bytes], *, by: Actor, digest: str) -> Reconciliation:
    encoding = encoding_of(file)
    with connection.cursor() as cursor:
        cursor.execute(SEOUL)
        cursor.execute(STAGE)
    stage(file, encoding)
    check_totals(day)
    return compare_staged(day, by=by, digest=digest)


def stage(file: IO[bytes], encoding: str) -> None:
    """Send the file as it is; PostgreSQL reads it and names the line it cannot read."""
    statement = COPY.format(encoding=encoding)
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for block in blocks(file, skip_mark=encoding == UTF8):
                copy.write(block)
    except (DataError, IntegrityError, InternalError, errors.Error) as fault:
        raise FileUnreadable(why=place_of(fault)) from fault


def check_totals(day: date) -> None:
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


def place_of(fault: Exception) -> str:
    """Name the line and column of a file that could not be read, and nothing of its content."""
    diag = getattr(fault.__cause__, "diag", None) or getattr(fault, "diag", None)
    context = getattr(diag, "context", None) or ""
    found = re.search(r"line (\d+)(?:, column (\w+))?", context)
    if found is None:
        return "?"
    return ":".join(part for part in found.groups() if part)

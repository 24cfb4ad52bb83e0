import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO, Protocol, Self
from urllib.parse import quote

from django.conf import settings

from seoul_health.core.partners import NoAnswer, PartnerLine, Reply, parse_moment

COLUMNS = ["reference", "amount", "receipt_no", "paid_at"]
FILE_PATIENCE = 30.0


class Refused(Exception):
    """The operator said no for good; the money did not move."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Unreachable(Exception):
    """No answer that can be understood: the money may or may not have moved."""


class Mismatch(Exception):
    """The answer contradicts the request; only a person may resolve it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    receipt_no: str
    reference: str
    amount: int
    paid_at: datetime
    duplicate: bool


@dataclass(frozen=True, slots=True)
class FileLine:
    reference: str
    amount: int
    receipt_no: str
    paid_at: datetime


class Wallet(Protocol):
    def pay(self, reference: str, amount: int, member: str) -> Receipt:
        """Pay once per reference; asking again gives the same receipt."""

    def inquire(self, reference: str) -> Receipt | None:
        """Ask what became of a reference; nothing means the operator has not paid it."""

    def daily_file(self, day: date) -> Iterator[FileLine]:
        """Read a Seoul day's settlement file, whose totals have been checked."""


class HttpWallet:
    """The Seoul Pay wallet operator over HTTP."""

    def __init__(self, url: str, secret: str, *, timeout: float = 5.0) -> None:
        self._line = PartnerLine(url, secret=secret, timeout=timeout)
        self._file_line = PartnerLine(url, secret=secret, timeout=max(timeout, FILE_PATIENCE))

    @classmethod
    def of(cls, code: str) -> Self:
        """The line to one operator, as the settings name it."""
        url, secret = settings.WALLETS[code]
        return cls(url, secret)

    def pay(self, reference: str, amount: int, member: str) -> Receipt:
        order = {"reference": reference, "amount": amount, "member": member}
        try:
            reply = self._line.post("/transfers", order, Idempotency_Key=reference)
            if reply.status == 422:
                raise Refused(reply.text("code"), reply.text("message"))
            if reply.status == 409:
                raise Mismatch(reply.text("code"))
            receipt = _receipt(reply, reference)
        except NoAnswer as silence:
            raise Unreachable(str(silence)) from silence
        if receipt.amount != amount:
            raise Mismatch("other_amount")
        return receipt

    def inquire(self, reference: str) -> Receipt | None:
        try:
            reply = self._line.get(f"/transfers/{quote(reference, safe='')}")
            if reply.status == 404 and reply.text("code") == "unknown_reference":
                return None
            return _receipt(reply, reference)
        except NoAnswer as silence:
            raise Unreachable(str(silence)) from silence

    def daily_file(self, day: date) -> Iterator[FileLine]:
        with TemporaryFile("w+b") as spool:
            self._spool(day, spool)
            _check_totals(spool, day)
            yield from _lines(spool)

    def _spool(self, day: date, spool: IO[bytes]) -> None:
        try:
            with self._file_line.download(f"/files/{day.isoformat()}.csv") as chunks:
                spool.writelines(chunks)
        except NoAnswer as silence:
            raise Unreachable(str(silence)) from silence


def _receipt(reply: Reply, reference: str) -> Receipt:
    if reply.status not in {200, 201} or reply.text("status") != "paid":
        raise NoAnswer(f"status {reply.status}")
    if reply.text("reference") != reference:
        raise Mismatch("other_reference")
    return Receipt(
        receipt_no=reply.text("receipt_no", longest=64),
        reference=reference,
        amount=reply.whole_number("amount"),
        paid_at=reply.moment("paid_at"),
        duplicate=reply.flag("duplicate"),
    )


def _check_totals(spool: IO[bytes], day: date) -> None:
    """Refuse the whole file unless it ends with the number, sum and day of its lines."""
    count = total = 0
    closing: list[str] | None = None
    for row in _rows(spool):
        if closing is not None:
            raise Mismatch("file_goes_on_after_its_total")
        if row[0] == "TOTAL":
            closing = row
        else:
            count, total = count + 1, total + _line(row).amount
    if closing != ["TOTAL", str(count), str(total), day.isoformat()]:
        raise Mismatch("file_totals_differ")


def _lines(spool: IO[bytes]) -> Iterator[FileLine]:
    return (_line(row) for row in _rows(spool) if row[0] != "TOTAL")


def _rows(spool: IO[bytes]) -> Iterator[list[str]]:
    spool.seek(0)
    try:
        rows = csv.reader(octets.decode("ascii") for octets in spool)
        if next(rows, None) != COLUMNS:
            raise Mismatch("file_header_differs")
        for row in rows:
            yield [cell.strip() for cell in row] or [""]
    except (csv.Error, UnicodeDecodeError) as exc:
        raise Mismatch("file_unreadable") from exc


def _line(row: list[str]) -> FileLine:
    if len(row) != len(COLUMNS) or not row[0] or not re.fullmatch(r"[0-9]{1,10}", row[1]):
        raise Mismatch("file_line_unreadable")
    try:
        return FileLine(row[0], int(row[1]), row[2], parse_moment(row[3]))
    except NoAnswer as exc:
        raise Mismatch("file_line_unreadable") from exc

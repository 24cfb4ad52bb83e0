"""The wallet operator: pays once per reference and never forgets it."""

import csv
import io
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from .answers import Answer, Refusal, Silence, as_json, text_of
from .journal import Journal

KST = timezone(timedelta(hours=9), "KST")
MODES = (
    "ok", "timeout_after_success", "5xx", "5xx_after_success", "duplicate", "dark", "reorder",
    "closed",
)  # fmt: skip
OPERATORS = ("a", "b")
HANG_SECONDS = 30.0
LARGEST = 10_000_000
COLUMNS = ("reference", "amount", "receipt_no", "paid_at")


@dataclass(frozen=True, slots=True)
class Payment:
    reference: str
    amount: int
    receipt_no: str
    paid_at: str

    def seoul_day(self) -> date:
        return datetime.fromisoformat(self.paid_at).astimezone(KST).date()


class WalletOperator:
    """One operator after another behind one book, with moods to rehearse against."""

    def __init__(
        self,
        state_dir: Path,
        *,
        hang_seconds: float = HANG_SECONDS,
        operator: str = "a",
        journal: str = "wallet.jsonl",
    ) -> None:
        self.mode = "ok"
        self.operator = operator
        self.stopping = threading.Event()
        self._hang_seconds = hang_seconds
        self._journal = Journal(state_dir / journal)
        self._lock = threading.Lock()
        self._book: dict[str, Payment] = {}
        for event in self._journal:
            payment = Payment(**event)  # type: ignore[arg-type]  # our own journal's columns
            self._book[payment.reference] = payment

    def control(self, body: dict[str, object]) -> Answer:
        mode, operator = body.get("mode", self.mode), body.get("operator", self.operator)
        if mode not in MODES or operator not in OPERATORS:
            raise Refusal(400, "invalid", f"mode: {', '.join(MODES)}; operator: a, b.")
        self.mode, self.operator = str(mode), str(operator)
        return as_json(200, {"mode": self.mode, "operator": self.operator})

    def pay(self, body: dict[str, object], *, key: str) -> Answer:
        """Book a transfer once; the same reference again gives the same receipt."""
        self._suffer_before()
        if self.mode == "closed":
            raise Refusal(410, "operator_closed", "This operator takes no transfers any more.")
        payment, is_new = self._book_once(body, key)
        self._suffer_after()
        duplicate = not is_new or self.mode == "duplicate"
        return as_json(201 if is_new else 200, _receipt(payment, duplicate=duplicate))

    def inquire(self, reference: str) -> Answer:
        self._suffer_before()
        payment = self._book.get(reference)
        if payment is None:
            raise Refusal(404, "unknown_reference", "This reference has never been paid.")
        return as_json(200, _receipt(payment, duplicate=True))

    def daily_file(self, name: str) -> Answer:
        """List a Seoul day's payments, closed by their number and sum."""
        self._suffer_before()
        lines = list(self._of_day(_day(name)))
        if self.mode == "duplicate":
            lines = [line for line in lines for _twice in range(2)]
        if self.mode == "reorder":
            lines.reverse()
        out = io.StringIO()
        table = csv.writer(out)
        table.writerow(COLUMNS)
        table.writerows(asdict(line).values() for line in lines)
        table.writerow(("TOTAL", len(lines), sum(line.amount for line in lines), _day(name)))
        return Answer(200, out.getvalue().encode(), "text/csv; charset=utf-8")

    def _of_day(self, day: date) -> Iterator[Payment]:
        with self._lock:
            payments = list(self._book.values())
        return (payment for payment in payments if payment.seoul_day() == day)

    def _book_once(self, body: dict[str, object], key: str) -> tuple[Payment, bool]:
        reference, amount = text_of(body, "reference", longest=100), _amount(body)
        if key != reference:
            raise Refusal(400, "idempotency", "Idempotency-Key must be the reference.")
        if text_of(body, "member").startswith("blocked"):
            raise Refusal(422, "member_blocked", "This member cannot receive money.")
        with self._lock:
            known = self._book.get(reference)
            if known is None:
                return self._book_new(reference, amount), True
        if known.amount != amount:
            raise Refusal(409, "duplicate_mismatch", "The reference was paid with another amount.")
        return known, False

    def _book_new(self, reference: str, amount: int) -> Payment:
        number = f"{self.operator.upper()}{len(self._book) + 1:012}"
        payment = Payment(reference, amount, number, datetime.now(UTC).isoformat())
        self._journal.append(asdict(payment))
        self._book[reference] = payment
        return payment

    def _suffer_before(self) -> None:
        if self.mode == "dark":
            raise Silence
        if self.mode == "5xx":
            raise Refusal(503, "maintenance", "The operator is under maintenance.")

    def _suffer_after(self) -> None:
        if self.mode == "timeout_after_success":
            self.stopping.wait(self._hang_seconds)
            raise Silence
        if self.mode == "5xx_after_success":
            raise Refusal(500, "error", "Something went wrong.")


def _receipt(payment: Payment, *, duplicate: bool) -> dict[str, object]:
    return {**asdict(payment), "status": "paid", "duplicate": duplicate}


def _amount(body: dict[str, object]) -> int:
    amount = body.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= LARGEST:
        raise Refusal(400, "invalid", "amount must be a whole number of won above zero.")
    return amount


def _day(name: str) -> date:
    try:
        return date.fromisoformat(name)
    except ValueError as exc:
        raise Refusal(404, "unknown_file", "There is no such file.") from exc

"""What is wrong with the lines of a partner's settlement file, one fault a line."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

COLUMNS = ("reference", "amount", "receipt_no", "paid_at")
WHOLE_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*")
LONGEST_VALUE = 30


@dataclass(frozen=True, slots=True)
class Fault:
    """A line, its column and what stands there instead of what should."""

    line: int
    what: str
    column: str = ""
    value: str = ""


def faults_in(rows: Iterable[list[str]]) -> Iterator[Fault]:
    """Name the first fault of every line that has one; the header alone if it is not ours."""
    for line, row in enumerate(rows, start=1):
        if line == 1:
            found = faults_of_header(row)
            yield from found
            if found:
                return
        elif fault := fault_of(line, row):
            yield fault


def faults_of_header(row: list[str]) -> list[Fault]:
    unknown = [name for name in row if name not in COLUMNS]
    missing = [name for name in COLUMNS if name not in row]
    faults = [Fault(1, "unknown_column", value=shortened(name)) for name in unknown]
    faults += [Fault(1, "missing_column", column=name) for name in missing]
    if not faults and tuple(row) != COLUMNS:
        faults.append(Fault(1, "columns_in_another_order"))
    return faults


def fault_of(line: int, row: list[str]) -> Fault | None:
    if len(row) != len(COLUMNS):
        return Fault(line, "number_of_cells", value=str(len(row)))
    reference, amount, _receipt_no, paid_at = row
    if not reference.strip():
        return Fault(line, "no_reference")
    if not WHOLE_NUMBER.fullmatch(amount):
        return Fault(line, "no_amount", "amount", shortened(amount))
    if not is_time(paid_at):
        return Fault(line, "no_time", "paid_at", shortened(paid_at))
    return None


def is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return False
    return True


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"

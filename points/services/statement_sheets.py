"""A statement on paper and as a table: the same lines, from the earliest on."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from points.models import Transfer
from points.services.account_statements import AccountStatement, Line
from seoul_health.core.clock import KST
from seoul_health.core.pdf import Sheet
from seoul_health.core.spreadsheets import write_csv


def sheet_of(statement: AccountStatement, *, holder: str, number: str) -> Sheet:
    """Set a statement for printing."""
    sheet = Sheet(_("Statement of points"), as_of=statement.as_of, note=number)
    sheet.facts(facts_of(statement, holder=holder, number=number))
    head = [_("At"), _("Business date"), _("Reason"), _("Points"), _("Balance")]
    rows = [
        [
            "" if line.kind == "rule_change" else stamp(line.at),
            line.date.isoformat(),
            reason_of(line),
            "" if line.kind == "rule_change" else signed(line.amount),
            line.balance,
        ]
        for line in statement.lines
    ]
    if rows:
        sheet.table(head, rows, widths=(3.2, 2.2, 7, 1.8, 1.8), numbers=(3, 4))
    else:
        sheet.text(_("No points moved on these days."))
    sheet.text(finality(statement), small=True)
    return sheet


def facts_of(
    statement: AccountStatement, *, holder: str, number: str
) -> Iterator[tuple[str, object]]:
    yield _("Account"), " ".join(filter(None, [holder, number]))
    yield _("Period"), f"{statement.first.isoformat()} – {statement.last.isoformat()}"
    yield _("Balance before"), _("{points} points").format(points=f"{statement.opening:,}")
    if not statement.is_cut:
        yield _("Came in"), _("{points} points").format(points=f"{statement.came_in:,}")
        yield _("Went out"), _("{points} points").format(points=f"{statement.went_out:,}")
    yield _("Balance after"), _("{points} points").format(points=f"{statement.closing:,}")


def finality(statement: AccountStatement) -> str:
    """Say whether the figures can still change, and which lines are missing."""
    told = _("The figures of this period are final.")
    if not statement.is_final:
        told = _("Movements of the last minutes may still be missing; later ones always are.")
    if statement.is_cut:
        count = len(statement.lines)
        told += " " + _("Only the last {count} lines are shown.").format(count=f"{count:,}")
    return told


def table_of(statement: AccountStatement, *, number: str) -> bytes:
    """Write a statement as CSV; what came in and what went out stand in columns of their own."""
    head = [
        _("Account"), _("At"), _("Business date"), _("Reason"), _("Came in"), _("Went out"),
        _("Balance"), _("Case"), _("Key"), _("As of"),
    ]  # fmt: skip
    rows = (
        [
            number,
            line.at.astimezone(KST).isoformat(timespec="seconds"),
            line.date,
            reason_of(line),
            line.came_in,
            line.went_out,
            line.balance,
            line.transfer.case if line.transfer else "",
            line.key,
            statement.as_of.astimezone(KST).isoformat(timespec="seconds"),
        ]
        for line in statement.lines
    )
    return write_csv(head, rows)


def reason_of(line: Line) -> str:
    """Say why points moved, whose case it was and what it took back."""
    told = [line.message]
    if line.transfer is not None:
        told += notes_of(line.transfer)
    return " · ".join(told)


def notes_of(transfer: Transfer) -> Iterator[str]:
    if transfer.case:
        yield _("Case {case}").format(case=transfer.case)
    if transfer.reversal_of:
        yield _("takes back {moment}").format(moment=stamp(transfer.reversal_of.at))
    for later in transfer.reversals.all():
        yield _("taken back {moment}").format(moment=stamp(later.at))


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(KST):%Y-%m-%d %H:%M}"


def signed(amount: int) -> str:
    return f"{amount:+,}"

"""An account's statement: what it held, every movement with the balance after it, what it holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from participants.models import Participant
from points.models import Account, Transfer
from points.rules.rule_changes import RuleChange, changes_between, words
from points.services.as_of import balance_at, is_final
from points.services.rulebook import read_rulebook
from points.services.statements import Entry
from seoul_health.core import clock

INSTANT = timedelta(microseconds=1)
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a transfer, or the day on which the rule of earning changed."""

    kind: str
    key: str
    at: datetime
    date: date
    amount: int
    balance: int
    reason: str
    message: str
    transfer: Transfer | None = None

    @property
    def came_in(self) -> int:
        return max(0, self.amount)

    @property
    def went_out(self) -> int:
        return max(0, -self.amount)


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """A span of days of one account as of a moment; `lines` run from the earliest to the last.

    Of very many lines only the last are given, and nothing is said of what came in and went out.
    """

    account: Account | None
    first: date
    last: date
    as_of: datetime
    is_final: bool
    opening: int
    closing: int
    lines: tuple[Line, ...]
    is_cut: bool = False

    @property
    def came_in(self) -> int:
        return sum(line.came_in for line in self.lines)

    @property
    def went_out(self) -> int:
        return sum(line.went_out for line in self.lines)

    @property
    def people(self) -> set[str]:
        """Name everybody whose purse a line touches."""
        moved = (line.transfer for line in self.lines if line.transfer)
        sides = (side.participant for one in moved for side in (one.source, one.target))
        return {owner.number for owner in sides if owner}

    @property
    def newest_first(self) -> tuple[Line, ...]:
        return self.lines[::-1]


def statement_for(
    participant: Participant, first: date, last: date, *, as_of: datetime | None = None
) -> AccountStatement:
    """Give a person's statement; somebody who has no purse yet has an empty one."""
    purse = Account.objects.filter(participant=participant).first()
    if purse is None:
        until = last_moment(last, as_of)
        return AccountStatement(None, first, last, until, is_final(until), 0, 0, ())
    return statement_of(purse, first, last, as_of=as_of, owner=participant)


def statement_of(
    account: Account,
    first: date,
    last: date,
    *,
    as_of: datetime | None = None,
    owner: Participant | None = None,
    most: int = MOST_LINES,
) -> AccountStatement:
    """Give a span of days of an account as it stood at a moment."""
    until = last_moment(last, as_of)
    final = is_final(until)
    opening = balance_at(account, clock.day_starts(first) - INSTANT)
    closing = balance_at(account, until)
    moved = Transfer.objects.of(account).filter(at__gte=clock.day_starts(first), at__lte=until)
    # Almost every transfer touches some pot: there the number's index already has the order.
    order = ("-at", "-pk") if account.is_purse else ("-pk",)
    related = moved.select_related(
        "source__participant", "target__participant", "reversal_of"
    ).prefetch_related("reversals")
    found = list(related.order_by(*order)[: most + 1])
    lines = lines_of(account, found[:most], closing)
    if owner is not None:
        changes = changes_for(owner, first, clock.seoul_day(until))
        lines = [line for line in with_changes(lines, changes, opening) if line.at <= until]
    return AccountStatement(
        account, first, last, until, final, opening, closing, tuple(lines), len(found) > most
    )


def last_moment(last: date, as_of: datetime | None) -> datetime:
    """Give the last moment a statement tells of: a day's end, an earlier one asked for, or now."""
    return min(clock.day_ends(last) - INSTANT, as_of or clock.now(), clock.now())


def lines_of(account: Account, transfers: Iterable[Transfer], closing: int) -> list[Line]:
    """Write transfers that end with a balance, the last first, as lines from the earliest on."""
    lines, balance = [], closing
    for transfer in transfers:
        amount = transfer.amount if transfer.target_id == account.pk else -transfer.amount
        lines.append(line_of(Entry(transfer, amount, balance)))
        balance -= amount
    return lines[::-1]


def line_of(entry: Entry) -> Line:
    transfer = entry.transfer
    return Line(
        kind="transfer",
        key=transfer.key,
        at=transfer.at,
        date=transfer.business_date,
        amount=entry.amount,
        balance=entry.balance,
        reason=transfer.reason,
        message=transfer.get_reason_display(),
        transfer=transfer,
    )


def changes_for(participant: Participant, first: date, last: date) -> list[RuleChange]:
    """Give the changes of the rule that a person took part in."""
    changes = changes_between(read_rulebook().rules, first, last)
    if not changes:
        return []
    taken = list(participant.participations.values_list("starts_on", "ends_on"))
    return [one for one in changes if any(first <= one.day <= last for first, last in taken)]


def with_changes(lines: Sequence[Line], changes: Iterable[RuleChange], opening: int) -> list[Line]:
    """Put a line where each change of the rule stands among lines that run from the earliest on."""
    placed = list(lines)
    for change in changes:
        told = change_line(change)
        place = next((n for n, line in enumerate(placed) if line.at >= told.at), len(placed))
        held = placed[place - 1].balance if place else opening
        placed.insert(place, replace(told, balance=held))
    return placed


def change_line(change: RuleChange) -> Line:
    return Line(
        kind="rule_change",
        key=change.key,
        at=clock.day_starts(change.day),
        date=change.day,
        amount=0,
        balance=0,
        reason="rule_change",
        message=words(change),
    )


def page_lines(
    participant: Participant, entries: Sequence[Entry], *, newest: datetime
) -> list[Line]:
    """Write a page of entries, newest first, with the changes of the rule that lie between them.

    `newest` is the moment of the next newer entry, or the one the first page tells of.
    """
    lines = [line_of(entry) for entry in reversed(entries)]
    if not lines:
        return []
    changes = changes_for(participant, clock.seoul_day(lines[0].at), clock.seoul_day(newest))
    between = [change for change in changes if lines[0].at < clock.day_starts(change.day) <= newest]
    return with_changes(lines, between, opening=0)[::-1]

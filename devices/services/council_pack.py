"""The council pack: each question with its numbers, its method, and what is withheld."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from devices.models import RecoveryStep
from devices.rules.withholding import withheld
from devices.services.measures import (
    SMALLEST,
    Measure,
    costs_by_kind,
    ghosts,
    measures_by,
    whole,
)
from seoul_health.core import clock
from seoul_health.core.pdf import Sheet
from seoul_health.core.spreadsheets import write_csv

# A zip of the same rows is the same file: members carry no clock of their own.
STILL = (2026, 1, 1, 0, 0, 0)
Cell = str | int


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with its table, its method and what is not told."""

    name: str
    question: str
    method: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    withheld: Sequence[str] = ()


def heads(first: str) -> list[str]:
    return [
        first, _("Lent"), _("Ought to be back"), _("Recovered"), _("Recovery rate"), _("Overdue"),
        _("Lost"), _("Cost of recovery (KRW)"), _("Cost for each recovered (KRW)"),
    ]  # fmt: skip


def line(row: Measure) -> list[Cell]:
    each = row.cost_per_unit
    return [
        row.name, row.lent, row.expected, row.recovered, row.percent, row.overdue, row.lost,
        row.cost, "–" if each is None else each,
    ]  # fmt: skip


def told(rows: Sequence[Measure]) -> tuple[list[list[Cell]], list[str]]:
    """Give the lines of a table, the small groups together, and whom they leave out."""
    hidden = withheld([row.lent for row in rows], smallest=SMALLEST)
    lines = [line(row) for place, row in enumerate(rows) if place not in hidden]
    small = [row for place, row in enumerate(rows) if place in hidden]
    if small:
        lines.append(line(whole(small, _("Small groups together"))))
    lines.append(line(whole(rows, _("All"))))
    return lines, [row.name for row in small]


def answers(now: datetime, *, district: str = "") -> list[Answer]:
    """Answer what the council asks, from rows."""
    today = clock.seoul_day(now)
    method = _(
        "Loans that were handed out or shipped, by rows as they were at the as-of time. A "
        "watch ought to be back once it is due, asked back, lost, damaged or returned. "
        "Recovered are those that were scanned in. The rate is recovered by ought to be back. "
        "The cost is the sum of all logged steps of recovery; nothing is estimated."
    )
    found = []
    for name, first, question in (
        ("round", _("Round"), _("How many watches of each round came back, and at what cost?")),
        ("district", _("District"), _("How do the districts differ?")),
        ("lot", _("Lot"), _("How do the lots differ?")),
        ("supplier", _("Supplier"), _("How do the suppliers differ?")),
    ):
        lines, small = told(measures_by(name, today=today, district=district))
        found.append(Answer(name, question, method, heads(first), lines, small))
    return [*found, costs(district), silence(now, district)]


def costs(district: str) -> Answer:
    kinds = dict(RecoveryStep.Kind.choices)
    rows: list[list[Cell]] = [
        [str(kinds.get(kind, kind)), count, won]
        for kind, count, won in costs_by_kind(district=district)
    ]
    return Answer(
        "cost",
        _("What was the money of recovery spent on?"),
        _("Every step is logged with its cost when it is taken; this is their sum by kind."),
        [_("Kind"), _("Steps"), _("Cost (KRW)")],
        rows,
    )


def silence(now: datetime, district: str) -> Answer:
    seen = ghosts(today=clock.seoul_day(now), district=district)
    return Answer(
        "silent",
        _("How many watches are out with people who no longer walk with them?"),
        _("Days since the last day with steps, or since the watch was accepted without any."),
        [_("Days without steps, at least"), _("Watches")],
        [[30, seen.month], [60, seen.two_months], [90, seen.three_months], [_("All"), seen.out]],
    )


def pack(now: datetime, *, district: str = "") -> bytes:
    """Give the whole pack as one ZIP with a list of its files and their hashes."""
    found = answers(now, district=district)
    files = {"answers.pdf": printed(found, now)}
    for number, answer in enumerate(found, 1):
        files[f"{number:02d}-{answer.name}.csv"] = write_csv(answer.head, answer.rows)
    files["methods.txt"] = methods(found, now).encode()
    files["withheld.csv"] = write_csv([_("Question"), _("Group"), _("Why")], left_out(found))
    listing = {
        "as_of": now.isoformat(),
        "district": district,
        "files": {name: hashlib.sha256(kept).hexdigest() for name, kept in files.items()},
    }
    files["manifest.json"] = json.dumps(listing, ensure_ascii=False, indent=1).encode()
    return zipped(files)


def zipped(files: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            bundle.writestr(zipfile.ZipInfo(name, STILL), content)
    return kept.getvalue()


def left_out(found: Iterable[Answer]) -> list[list[str]]:
    why = _("Fewer than {count} people, or the only other group of such a table.")
    return [
        [answer.question, name, why.format(count=SMALLEST)]
        for answer in found
        for name in answer.withheld
    ]


def methods(found: Iterable[Answer], now: datetime) -> str:
    parts = [f"{answer.question}\n{answer.method}" for answer in found]
    stamp = _("As of {time}").format(time=f"{now.astimezone(clock.KST):%Y-%m-%d %H:%M:%S}")
    return "\n\n".join([stamp, *parts])


def printed(found: Iterable[Answer], now: datetime) -> bytes:
    sheet = Sheet(str(_("Recovery of watches: answers for the council")), as_of=now)
    for answer in found:
        sheet.heading(answer.question)
        sheet.table(answer.head, answer.rows, numbers=range(1, len(answer.head)))
        sheet.text(answer.method, small=True)
        if answer.withheld:
            told = _("{count} small groups are told together so that nobody is recognised.")
            sheet.text(told.format(count=len(answer.withheld)), small=True)
    return sheet.as_bytes()

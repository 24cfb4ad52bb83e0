"""Files of other systems: every row is judged alone, and a dry run leaves nothing behind."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from complaints.errors import TimeUnreadable, UnusableRow
from complaints.models import InboundBatch, InboundRecord
from complaints.rules.inbound import read_moment
from seoul_health.core import audit
from seoul_health.core.errors import DomainError
from seoul_health.core.models import StaffUser
from seoul_health.core.spreadsheets import BadHeader, read_table

from .inbound import Told, take_in

COLUMNS = {
    "reference": ("접수번호", "민원번호", "신청번호", "reference"),
    "occurred_at": ("접수일시", "신청일시", "received_at"),
    "title": ("제목", "민원제목", "title"),
    "text": ("내용", "민원내용", "text"),
    "category": ("분류", "민원분류", "category"),
    "name": ("신청인", "성명", "name"),
    "phone": ("연락처", "전화번호", "phone"),
    "kind": ("구분", "kind"),
    "sequence": ("순번", "sequence"),
}
NEEDED = ("reference", "occurred_at")
KINDS = {
    "": "filed", "신청": "filed", "filed": "filed", "추가": "added", "보완": "added",
    "added": "added", "취하": "withdrawn", "withdrawn": "withdrawn",
}  # fmt: skip


@dataclass(slots=True)
class Judged:
    """What a file would do, or has done."""

    filed: int = 0
    known: int = 0
    followed: int = 0
    unmapped: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)


@transaction.atomic
def import_file(content: bytes, *, source: str, is_trial: bool, by: StaffUser) -> Judged:
    """Take in a file row by row; a trial undoes everything and only says what would happen."""
    table = read_table(content)
    places = places_of(table.headers or [])
    batch = InboundBatch.objects.create(
        source=source, sha256=hashlib.sha256(content).hexdigest(), uploaded_by=by
    )
    judged = Judged()
    for line, cells in enumerate(table, start=2):
        row = {name: cells[place].strip() for name, place in places.items()}
        try:
            with transaction.atomic():
                count(judged, take_row(row, source=source, batch=batch, by=by))
        except DomainError as refusal:
            judged.faults.append((line, str(refusal)))
    if is_trial:
        transaction.set_rollback(True)
        return judged
    InboundBatch.objects.filter(pk=batch.pk).update(
        filed=judged.filed, known=judged.known, faults=[list(fault) for fault in judged.faults]
    )
    audit.record("imported", batch, by=by, filed=judged.filed, known=judged.known)
    return judged


def places_of(headers: list[str]) -> dict[str, int]:
    """Find our columns by any of their names, in any order."""
    found = {
        ours: headers.index(theirs)
        for ours, names in COLUMNS.items()
        for theirs in names
        if theirs in headers
    }
    if any(name not in found for name in NEEDED):
        raise BadHeader
    return found


def take_row(
    row: Mapping[str, str], *, source: str, batch: InboundBatch, by: StaffUser
) -> tuple[InboundRecord, bool]:
    moment = read_moment(row["occurred_at"])
    kind = KINDS.get(row.get("kind", ""))
    if moment is None:
        raise TimeUnreadable(text=row["occurred_at"][:30])
    if not row["reference"] or len(row["reference"]) > 60 or kind is None:
        raise UnusableRow
    told = Told(
        reference=row["reference"],
        sequence=sequence_of(row.get("sequence", ""), kind),
        kind=kind,
        occurred_at=moment,
        category=row.get("category", ""),
        title=row.get("title", ""),
        text=row.get("text", "")[:10_000],
        name=row.get("name", "")[:40],
        phone=row.get("phone", "")[:20],
    )
    taken = take_in(source, told, by=by, batch=batch)
    return taken.record, taken.is_repeat


def sequence_of(text: str, kind: str) -> int:
    """Read the place of what follows; what was filed comes first, whatever its row is numbered."""
    if kind == "filed":
        return 0
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    if number < 1:
        raise UnusableRow
    return number


def count(judged: Judged, taken: tuple[InboundRecord, bool]) -> None:
    record, is_repeat = taken
    if is_repeat:
        judged.known += 1
    elif record.kind == InboundRecord.Kind.FILED:
        judged.filed += 1
        judged.unmapped += record.is_unmapped
    else:
        judged.followed += 1

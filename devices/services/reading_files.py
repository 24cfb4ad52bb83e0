"""Files of readings: read, looked at, taken in whole, taken back whole."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction

from devices.errors import FileTakenIn, NothingToTakeIn, WrongColumns
from devices.models import Reading, ReadingBatch, Site
from devices.rules.reading_words import COLUMNS, kind_of, sex_of
from devices.services import readings
from devices.services.examining import Item, Told, examine, ground
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser
from seoul_health.core.spreadsheets import read_table

NEEDED = ("number", "kind", "value", "measured_at")
MOMENT = re.compile(
    r"([0-9]{4})[-./]([0-9]{1,2})[-./]([0-9]{1,2})[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?"
)
KEPT_FOR = timedelta(days=1)


@transaction.atomic
def read_file(content: bytes, *, name: str, site: Site, by: StaffUser) -> ReadingBatch:
    """Read a file and keep its rows sealed until somebody takes it in."""
    told = rows_of(content)
    batch = ReadingBatch.objects.create(
        site=site,
        file_name=name[-100:],
        digest=hashlib.sha256(content).hexdigest(),
        content=spelled(told),
        rows=len(told),
        uploaded_by=by,
    )
    audit.record("filed", batch, by=by, rows=len(told))
    return batch


def rows_of(content: bytes) -> list[Told]:
    """Read XLSX or CSV under Korean or English column names."""
    table = read_table(content)
    names = [COLUMNS.get(name.replace(" ", ""), name.strip()) for name in table.headers]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise WrongColumns(columns=", ".join(NEEDED), missing=", ".join(missing))
    return [told_of(dict(zip(names, row, strict=False))) for row in table]


def told_of(row: Mapping[str, str]) -> Told:
    return Told(
        number=row["number"].strip(),
        kind=kind_of(row["kind"]),
        value=row["value"].strip().replace(",", ""),
        measured_at=moment_of(row["measured_at"]),
        unit=row.get("unit", "").strip(),
        instrument=row.get("instrument", "").strip(),
        sex=sex_of(row.get("sex", "")),
    )


def moment_of(text: str) -> datetime | None:
    """Read a moment as offices write it: Seoul time."""
    shape = MOMENT.fullmatch(text.strip())
    if shape is None:
        return None
    try:
        return datetime(*(int(part or 0) for part in shape.groups()), tzinfo=clock.KST)  # type: ignore[misc, arg-type]
    except ValueError:
        return None


def spelled(told: Sequence[Told]) -> str:
    rows = [
        {**asdict(one), "measured_at": one.measured_at.isoformat() if one.measured_at else ""}
        for one in told
    ]
    return json.dumps(rows, ensure_ascii=False)


def told_in(batch: ReadingBatch) -> list[Told]:
    return [
        Told(
            **{
                **row,
                "measured_at": datetime.fromisoformat(row["measured_at"])
                if row["measured_at"]
                else None,
            }
        )
        for row in json.loads(batch.content or "[]")
    ]


def preview(batch: ReadingBatch) -> list[Item]:
    """Say what would become of every row, and keep nothing."""
    told = told_in(batch)
    return examine(told, ground(batch.site, told))


@transaction.atomic
def take_in(batch: ReadingBatch, *, by: StaffUser) -> ReadingBatch:
    """Keep the good rows of a file; the rest stays listed with its reasons until then."""
    told = told_in(batch)
    with constraint("a_file_is_taken_in_once", FileTakenIn()):
        batch.move(ReadingBatch.Status.DONE, by=by, ended_at=clock.now())
    items = readings.record(told, site=batch.site, channel=Reading.Channel.FILE, by=by, batch=batch)
    counted = Counter(item.outcome for item in items)
    if not counted["accepted"]:
        raise NothingToTakeIn
    batch.accepted, batch.repeated = counted["accepted"], counted["duplicate"]
    batch.refused, batch.content = counted["rejected"], "[]"
    batch.save(update_fields=["accepted", "repeated", "refused", "content"])
    return batch


@transaction.atomic
def undo(batch: ReadingBatch, *, why: str, by: Actor) -> int:
    """Take a whole file back; give how many readings no longer count."""
    if not why.strip():
        raise ReasonNeeded
    batch.move(ReadingBatch.Status.UNDONE, by=by, why=why, ended_at=clock.now())
    return readings.take_back(batch.readings.all(), why=why, by=by)


@transaction.atomic
def drop(batch: ReadingBatch, *, by: Actor) -> None:
    """Do not take a file in; its rows are gone."""
    batch.move(ReadingBatch.Status.DROPPED, by=by, ended_at=clock.now())
    ReadingBatch.objects.filter(pk=batch.pk).update(content="[]", digest="")


def drop_forgotten(*, by: Actor) -> int:
    """Drop files that were looked at and not taken in within a day."""
    old = ReadingBatch.objects.filter(
        status=ReadingBatch.Status.DRAFT, uploaded_at__lt=clock.now() - KEPT_FOR
    )
    rows = list(old.order_by("pk")[:100])
    for batch in rows:
        drop(batch, by=by)
    return len(rows)

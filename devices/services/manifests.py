"""Suppliers' lists: staged by COPY, looked at row by row, entered whole, taken back whole."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet
from psycopg.errors import UniqueViolation

from devices.models import Device, ExpectedWatch, Lot, Manifest, Site, StagedWatch
from devices.register_errors import (
    DraftLost,
    FaultyRows,
    ManifestEntered,
    NothingNew,
    RegisterChanged,
    WatchesInUse,
    WrongManifestColumns,
)
from devices.rules.manifest_rows import FIELDS, Ground, Line, column_names, read_lines
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser
from seoul_health.core.spreadsheets import BadHeader, numbered_rows
from seoul_health.core.tasks import enqueue

KEPT_FOR = timedelta(days=7)
BLOCK = 5_000
COPY = """
COPY devices_stagedwatch (manifest_id, line, serial, shape, box, asset_no, imei, mac, site_id,
    problem, other) FROM STDIN
"""
# What only the register knows; a second look finds it anew.
FORGET = """
UPDATE devices_stagedwatch SET problem = '', other = '' WHERE manifest_id = %(manifest)s
    AND problem IN ('known', 'other_lot', 'looks_like', 'announced', 'asset_no_taken',
        'imei_taken', 'mac_taken')
"""
KNOWN = """
UPDATE devices_stagedwatch AS row SET other =
    CASE WHEN watch.serial = row.serial AND watch.lot_id <> %(lot)s THEN lot.code
        ELSE watch.serial END,
    problem = CASE WHEN watch.serial <> row.serial THEN 'looks_like'
        WHEN watch.lot_id = %(lot)s THEN 'known' ELSE 'other_lot' END
FROM devices_device AS watch JOIN devices_lot AS lot ON lot.id = watch.lot_id
WHERE row.manifest_id = %(manifest)s AND row.problem = ''
    AND translate(watch.serial, 'OIL', '011') = row.shape
"""
ANNOUNCED = """
UPDATE devices_stagedwatch AS row SET problem = 'announced', other = line.manifest_id::text
FROM devices_expectedwatch AS line
WHERE row.manifest_id = %(manifest)s AND row.problem = '' AND line.is_live
    AND translate(line.serial, 'OIL', '011') = row.shape
"""
TAKEN = """
UPDATE devices_stagedwatch AS row SET problem = '{column}_taken', other = watch.serial
FROM devices_device AS watch
WHERE row.manifest_id = %(manifest)s AND row.problem = '' AND row.{column} <> ''
    AND watch.{column} <> '' AND watch.{column} = row.{column}
"""
COUNT = """
SELECT count(*), count(*) FILTER (WHERE problem = ''), count(*) FILTER (WHERE problem = 'known')
FROM devices_stagedwatch WHERE manifest_id = %(manifest)s
"""
EXPECT = """
INSERT INTO devices_expectedwatch (manifest_id, line, serial, box, asset_no, imei, mac, site_id,
    is_over, is_live, received_by)
SELECT manifest_id, line, serial, box, asset_no, imei, mac, site_id, false, true, ''
FROM devices_stagedwatch WHERE manifest_id = %(manifest)s AND problem = '' ORDER BY line
"""
# Watches, their lines and their first line of history in one stroke.
REGISTER = """
WITH watch AS (
    INSERT INTO devices_device (serial, asset_no, imei, mac, lot_id, site_id, status,
        holds_personal_data, grade, registered_at)
    SELECT serial, asset_no, imei, mac, %(lot)s, coalesce(site_id, %(site)s), 'in_stock',
        false, 'A', %(now)s
    FROM devices_stagedwatch WHERE manifest_id = %(manifest)s AND problem = '' ORDER BY line
    RETURNING id, serial
), line AS (
    INSERT INTO devices_expectedwatch (manifest_id, line, serial, box, asset_no, imei, mac,
        site_id, is_over, is_live, device_id, received_at, received_by)
    SELECT row.manifest_id, row.line, row.serial, row.box, row.asset_no, row.imei, row.mac,
        row.site_id, false, true, watch.id, %(now)s, %(actor)s
    FROM watch JOIN devices_stagedwatch AS row ON row.serial = watch.serial
        AND row.manifest_id = %(manifest)s
)
INSERT INTO core_auditevent (at, verb, subject, actor, detail)
SELECT %(now)s, 'registered', 'devices.device:' || id, %(actor)s,
    jsonb_build_object('manifest', %(manifest)s::bigint)
FROM watch
"""


def read_manifest(
    content: bytes, *, name: str, lot: Lot, site: Site, due_on: date | None, by: StaffUser
) -> Manifest:
    """Stage a supplier's list and say what is wrong with it; nothing is entered yet."""
    lines = lines_of(content, lot=lot, by=by)
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        manifest = Manifest.objects.create(
            lot=lot, site=site, due_on=due_on, file_name=name[-100:], sha256=digest, uploaded_by=by
        )
        stage(manifest, lines)
        look_again(manifest)
        audit.record("filed", manifest, by=by, rows=manifest.rows, faulty=manifest.faulty)
    return manifest


def lines_of(content: bytes, *, lot: Lot, by: StaffUser) -> Iterator[Line]:
    """Read XLSX or CSV under Korean or English column names; other columns are left alone."""
    header, rows = numbered_rows(content)
    names = column_names(header)
    if "serial" not in names:
        raise WrongManifestColumns(columns=", ".join(header)[:200])
    places = {field: names.index(field) for field in FIELDS if field in names}
    if any(names.count(field) > 1 for field in places):
        raise BadHeader
    told = [
        (line, {field: cells[place] for field, place in places.items()}) for line, cells in rows
    ]
    sites = dict(Site.objects.visible_to(by).values_list("code", "pk"))
    ground = Ground(lot=lot.code, sites=sites, serial_length=lot.model.serial_length)
    return read_lines(told, ground=ground)


def stage(manifest: Manifest, lines: Iterator[Line]) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        waiting: list[str] = []
        for line in lines:
            waiting.append(copied(manifest.pk, line))
            if len(waiting) == BLOCK:
                copy.write("".join(waiting))
                waiting.clear()
        copy.write("".join(waiting))


def copied(manifest: int, line: Line) -> str:
    """Spell a line in COPY's text format; what is not a serial may hold any sign."""
    site = r"\N" if line.site is None else line.site
    serial, box, asset_no, other = line.serial, shown(line.box), shown(line.asset_no), line.other
    if line.problem:
        serial, other = shown(serial), shown(other)
    return (
        f"{manifest}\t{line.line}\t{serial}\t{line.shape}\t{box}\t{asset_no}\t{line.imei}\t"
        f"{line.mac}\t{site}\t{line.problem}\t{other}\n"
    )


def shown(text: str) -> str:
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text.replace("\\", "\\\\")


@transaction.atomic
def look_again(manifest: Manifest) -> None:
    """Hold the staged rows against the register as it is now."""
    terms = {"manifest": manifest.pk, "lot": manifest.lot_id}
    with connection.cursor() as cursor, by_hash(cursor):
        for statement in (FORGET, KNOWN, ANNOUNCED, *taken()):
            cursor.execute(statement, terms)
        cursor.execute(COUNT, terms)
        rows, fresh, known = cursor.fetchone()
    if manifest.rows and rows != manifest.rows:
        raise DraftLost
    manifest.rows, manifest.fresh, manifest.known = rows, fresh, known
    manifest.faulty = rows - fresh - known
    manifest.save(update_fields=["rows", "fresh", "known", "faulty"])


def taken() -> list[str]:
    return [TAKEN.format(column=column) for column in ("asset_no", "imei", "mac")]


def expect(manifest: Manifest, *, by: Actor) -> None:
    """Announce the watches of a list; each is entered when it is seen."""
    fit_to_enter(manifest)
    with transaction.atomic(), entering():
        manifest.move(Manifest.Status.EXPECTED, by=by)
        run(EXPECT, manifest, by=by)
        forget_rows(manifest)


def register_at_once(manifest: Manifest, *, by: Actor) -> None:
    """Enter watches that stand here already, without a scan of each."""
    fit_to_enter(manifest)
    with transaction.atomic(), entering():
        manifest.move(Manifest.Status.RECEIVED, by=by, ended_at=clock.now())
        run(REGISTER, manifest, by=by)
        forget_rows(manifest)
    enqueue("devices.reserve_waiting")


def fit_to_enter(manifest: Manifest) -> None:
    if manifest.status != Manifest.Status.DRAFT:
        return  # The move refuses it in its own words.
    look_again(manifest)
    if manifest.faulty:
        raise FaultyRows(count=f"{manifest.faulty:,}")
    if not manifest.fresh:
        raise NothingNew


@contextmanager
def entering() -> Iterator[None]:
    """Translate what the database says when two enter the same thing at once."""
    try:
        with constraint("a_manifest_is_entered_once", ManifestEntered()):
            yield
    except IntegrityError as exc:
        if not isinstance(exc.__cause__, UniqueViolation):
            raise
        raise RegisterChanged from exc


def run(statement: str, manifest: Manifest, *, by: Actor) -> None:
    terms: dict[str, int | str | datetime] = {
        "manifest": manifest.pk,
        "lot": manifest.lot_id,
        "site": manifest.site_id,
        "actor": by.actor_name,
        "now": clock.now(),
    }
    with connection.cursor() as cursor, by_hash(cursor):
        cursor.execute(statement, terms)


@contextmanager
def by_hash(cursor: CursorWrapper) -> Iterator[None]:
    """Join by hash: of rows staged a moment ago the planner thinks there are few."""
    cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on")


def forget_rows(manifest: Manifest) -> None:
    StagedWatch.objects.filter(manifest_id=manifest.pk).delete()


@transaction.atomic
def drop(manifest: Manifest, *, by: Actor) -> None:
    """Do not enter a list; its rows are gone."""
    manifest.move(Manifest.Status.DROPPED, by=by, ended_at=clock.now())
    forget_rows(manifest)


def drop_forgotten(*, by: Actor) -> int:
    """Drop lists that were looked at and left lying for a week."""
    old = Manifest.objects.filter(
        status=Manifest.Status.DRAFT, uploaded_at__lt=clock.now() - KEPT_FOR
    )
    rows = list(old.order_by("pk")[:100])
    for manifest in rows:
        drop(manifest, by=by)
    return len(rows)


@transaction.atomic
def undo(manifest: Manifest, *, why: str, by: Actor) -> int:
    """Take a whole delivery out of the register, if nobody has used any of it; give how many."""
    if not why.strip():
        raise ReasonNeeded
    manifest.move(Manifest.Status.UNDONE, by=by, why=why, ended_at=clock.now())
    entered = Device.objects.filter(arrival__manifest=manifest)
    pks = list(entered.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    refuse_if_used(pks)
    manifest.lines.update(is_live=False, device=None, scan=None, received_at=None, received_by="")
    return take_out(pks)


def refuse_if_used(pks: Sequence[int]) -> None:
    """Look at every table that names a watch, those of tomorrow too."""
    moved = Device.objects.filter(pk__in=pks).exclude(status=Device.Status.IN_STOCK).count()
    if moved:
        raise WatchesInUse(count=f"{moved:,}", what=Device._meta.verbose_name)
    for name, rows in uses(pks):
        if used := rows.values("pk").count():
            raise WatchesInUse(count=f"{used:,}", what=name)


def uses(pks: Sequence[int]) -> Iterator[tuple[str, QuerySet[Model]]]:
    for relation in Device._meta.related_objects:
        model = relation.related_model
        assert not isinstance(model, str), "every table of the register is loaded"
        if model is not ExpectedWatch:
            rows = model._base_manager.filter(**{f"{relation.field.name}__in": pks})
            yield str(model._meta.verbose_name), rows


def take_out(pks: Sequence[int]) -> int:
    """Delete watches nobody has touched; their lines of the delivery stay."""
    rows = Device.objects.filter(pk__in=pks)
    return rows._raw_delete(rows.db)

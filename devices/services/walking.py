"""Steps come in: an upload becomes a receipt and raises the days it is about."""

import hashlib
import secrets
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from devices.errors import BatchReused
from devices.models import DaySteps, SyncReceipt
from devices.rules.samples import days_of, parse_samples
from devices.rules.steps import (
    Item,
    ItemOutcome,
    Plausibility,
    SourceDay,
    accepted_total,
    add_samples,
    merge_sources,
)
from participants.models import Participant
from seoul_health.core import clock
from seoul_health.core.crypto import blind_index

LOCK_SPACE = 0x57A1
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

KEEP_RECEIPT = """
INSERT INTO devices_syncreceipt (
    receipt_no, participant_id, batch_id, source, app_version, os, device_model, device_key,
    received_at, payload, digest, items, days
)
SELECT %(receipt_no)s, %(walker)s, %(batch)s, %(source)s, %(app)s, %(os)s, %(model)s, %(device)s,
    %(at)s, %(payload)s::jsonb, %(digest)s, %(items)s::jsonb, %(days)s::date[]
WHERE NOT EXISTS (
    SELECT FROM devices_syncreceipt
    WHERE participant_id = %(walker)s AND batch_id = %(batch)s
        AND received_at BETWEEN %(known_since)s AND %(known_until)s
)
RETURNING id
"""
RAISE_DAYS = """
INSERT INTO devices_daysteps AS kept (
    participant_id, activity_date, source, hours, spans, steps, first_received_at, last_received_at
)
SELECT %s, day, %s, hours::smallint[], spans::bigint[], steps, %s, %s
FROM unnest(%s::date[], %s::text[], %s::text[], %s::int[]) AS raised (day, hours, spans, steps)
ON CONFLICT (participant_id, activity_date, source) DO UPDATE SET
    hours = excluded.hours, spans = excluded.spans, steps = excluded.steps,
    last_received_at = excluded.last_received_at
"""


@dataclass(frozen=True, slots=True)
class Upload:
    """What a phone or watch sends at once."""

    batch_id: uuid.UUID
    source: str
    items: Sequence[object]
    app_version: str = ""
    os: str = ""
    device_model: str = ""
    device_id: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """The receipt, and the day totals over all sources after it."""

    receipt_no: str
    received_at: datetime
    items: list[Item]
    totals: dict[date, int]

    @property
    def days(self) -> list[date]:
        return sorted(self.totals)


def plausibility() -> Plausibility:
    return Plausibility(
        per_hour=settings.STEPS_PER_HOUR_LIMIT,
        per_day=settings.STEPS_PER_DAY_LIMIT,
        cadence_per_minute=settings.STEPS_PER_MINUTE_LIMIT,
        grace_days=settings.STEPS_GRACE_DAYS,
        skew_minutes=settings.CLOCK_SKEW_MINUTES,
    )


@transaction.atomic(savepoint=False)  # The hottest path of all; a refusal undoes the caller too.
def receive_steps(
    participant: Participant, upload: Upload, *, received_at: datetime | None = None
) -> Received:
    """Keep an upload as it came and raise the days it is about; a repeat changes nothing."""
    moment, limits = received_at or clock.now(), plausibility()
    samples, refusals = parse_samples(
        upload.items, received_at=moment, skew_minutes=limits.skew_minutes
    )
    lock_walker(participant)
    stored = source_days(participant, days_of(samples))
    source = upload.source
    mine = {day: told[source] for day, told in stored.items() if source in told}
    raised = add_samples(mine, samples, received_at=moment, limits=limits, refusals=refusals)
    receipt_no = keep_receipt(participant, upload, raised.items, sorted(raised.days), moment)
    if receipt_no is None:
        return first_answer(participant, upload, limits)
    changed = {day: kept for day, kept in raised.days.items() if kept != mine.get(day)}
    raise_days(participant, source, changed, limits, moment)
    merged = {day: {**stored.get(day, {}), source: kept} for day, kept in raised.days.items()}
    return Received(receipt_no, moment, raised.items, totals_of(merged, limits))


def lock_walker(participant: Participant) -> None:
    """Let one upload of a person follow the other: two sources at once are judged on both."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, participant.pk])


def source_days(participant: Participant, days: Iterable[date]) -> dict[date, dict[str, SourceDay]]:
    """Give what each source has told of these days."""
    rows = DaySteps.objects.filter(participant=participant, activity_date__in=list(days))
    found: dict[date, dict[str, SourceDay]] = defaultdict(dict)
    for day, source, hours, spans in rows.values_list("activity_date", "source", "hours", "spans"):
        found[day][source] = SourceDay(hours, spans)
    return found


def keep_receipt(
    participant: Participant,
    upload: Upload,
    items: Sequence[Item],
    days: Sequence[date],
    moment: datetime,
) -> str | None:
    """Write the receipt down, or give nothing when this batch has one; needs the lock."""
    receipt_no = number_receipt(moment)
    outcomes = [(one.index, one.outcome, one.reason) for one in items]
    with connection.cursor() as cursor:
        cursor.execute(
            KEEP_RECEIPT,
            {
                "receipt_no": receipt_no,
                "walker": participant.pk,
                "batch": upload.batch_id,
                "source": upload.source,
                "app": upload.app_version,
                "os": upload.os,
                "model": upload.device_model,
                "device": device_key(upload.device_id),
                "at": moment,
                "payload": msgspec.json.encode(upload.items).decode(),
                "digest": digest_of(upload),
                "items": msgspec.json.encode(outcomes).decode(),
                "days": list(days),
                "known_since": known_since(moment),
                "known_until": known_until(moment),
            },
        )
        return receipt_no if cursor.fetchone() else None


def device_key(device_id: str) -> str:
    """Hash what an app calls its device: enough to see that two uploads come from one."""
    return blind_index(device_id, place="devices.syncreceipt.device_key") if device_id else ""


def known_since(moment: datetime) -> datetime:
    """Give how far back a batch is remembered; sent again later, each record is a duplicate."""
    return moment - timedelta(days=2)


def known_until(moment: datetime) -> datetime:
    """Give how far ahead: who waited for the lock may carry an earlier moment than its holder."""
    return moment + timedelta(days=1)


def number_receipt(moment: datetime) -> str:
    tail = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"S-{clock.seoul_day(moment):%Y%m%d}-{tail}"


def digest_of(upload: Upload) -> bytes:
    return hashlib.sha256(msgspec.json.encode([upload.source, upload.items])).digest()


def first_answer(participant: Participant, upload: Upload, limits: Plausibility) -> Received:
    """Answer a repeated batch from its receipt; other records under its number are refused."""
    batches = SyncReceipt.objects.filter(participant=participant, batch_id=upload.batch_id)
    receipt = batches.latest("received_at")
    if bytes(receipt.digest) != digest_of(upload):
        raise BatchReused
    stored = source_days(participant, receipt.days)
    totals = totals_of({day: stored.get(day, {}) for day in receipt.days}, limits)
    return Received(receipt.receipt_no, receipt.received_at, items_of(receipt), totals)


def items_of(receipt: SyncReceipt) -> list[Item]:
    return [Item(index, ItemOutcome(outcome), reason) for index, outcome, reason in receipt.items]


def raise_days(
    participant: Participant,
    source: str,
    days: Mapping[date, SourceDay],
    limits: Plausibility,
    moment: datetime,
) -> None:
    """Write the days that grew; the caller holds the walker's lock."""
    if not days:
        return
    columns: list[list[Any]] = [
        list(days),
        [array_text(day.hours) for day in days.values()],
        [array_text(day.spans) for day in days.values()],
        [accepted_total(day.hours, limits)[0] for day in days.values()],
    ]
    with connection.cursor() as cursor:
        cursor.execute(RAISE_DAYS, [participant.pk, source, moment, moment, *columns])


def array_text(numbers: Iterable[int]) -> str:
    # PostgreSQL unnests arrays of arrays into single numbers, so a day travels as text.
    return "{" + ",".join(map(str, numbers)) + "}"


def totals_of(
    stored: Mapping[date, Mapping[str, SourceDay]], limits: Plausibility
) -> dict[date, int]:
    """Give each day's steps over all its sources."""
    return {
        day: accepted_total(
            merge_sources({source: kept.hours for source, kept in sources.items()}), limits
        )[0]
        for day, sources in stored.items()
    }


def day_totals(participant: Participant, days: Iterable[date]) -> dict[date, int]:
    """Give the steps of the days that have any record."""
    return totals_of(source_days(participant, days), plausibility())

"""Months of days, hour by hour, and the receipts of the uploads that told of the latest ones."""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from devices.models import DaySteps, Source, SyncReceipt

from .copy import copy_lines, copy_rows, public_id
from .plans import HERO_DAYS, Chunk, Plan
from .shapes import Shape, Told, shape_of, steps_of

DAYS_BUDGET = 3_000_000
RECEIPT_DAYS = 3
RECEIPTS_FOR = 100_000
GRACE_DAYS = 7
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SCATTER = 104_729
SOURCES = tuple(Source)
DAY_COLUMNS = (
    "participant", "activity_date", "source", "hours", "spans", "steps", "first_received_at",
    "last_received_at",
)  # fmt: skip
RECEIPT_COLUMNS = (
    "receipt_no", "participant", "batch_id", "source", "app_version", "os", "device_model",
    "received_at", "payload", "digest", "items", "days",
)  # fmt: skip
APPS = {
    Source.WATCH: ("2.4.1", "Android 15", "Galaxy Watch7"),
    Source.PHONE: ("2.4.1", "Android 15", "SM-S931N"),
    Source.HEALTH_CONNECT: ("2.4.0", "Android 14", "SM-A356N"),
    Source.HEALTHKIT: ("2.4.1", "iOS 19.1", "iPhone17,3"),
}


class Sync(NamedTuple):
    """One upload about one day."""

    plan: Plan
    day: date
    source: str
    told: Told
    received: str


def days_for(size: int) -> int:
    """Choose how many days back people walk, so that a million people fit ten minutes."""
    return max(3, min(HERO_DAYS, DAYS_BUDGET // size))


def copy_walking(chunk: Chunk) -> tuple[int, int]:
    """Write one chunk's days, then the receipts kept of them; give how many of each."""
    syncs: list[Sync] = []
    days = copy_lines(DaySteps, DAY_COLUMNS, _day_lines(chunk, syncs))
    receipts = copy_rows(SyncReceipt, RECEIPT_COLUMNS, _receipts(chunk, syncs))
    return days, receipts


def _day_lines(chunk: Chunk, syncs: list[Sync]) -> Iterator[str]:
    world, dice = chunk.world, chunk.dice("walking")
    walkers = [plan for plan in chunk.plans if plan.story.walks]
    for back in range(HERO_DAYS, 0, -1):
        day = world.today - timedelta(days=back)
        out = [plan for plan in walkers if _walks_on(plan, day)]
        spans_kept = back <= GRACE_DAYS
        moments = [f"{day}T23:{minute:02}:07+09" for minute in range(5, 50)]
        for plan in out:
            if not plan.is_hero and dice.random() < 0.03:
                continue
            shape = shape_of(steps_of(plan.pace, day, dice), day, dice.getrandbits(10))
            received = dice.choice(moments)
            for source in plan.sources:
                told = _told(shape, source, plan)
                yield (
                    f"{plan.participant_id}\t{day}\t{source}\t{told.hours}\t"
                    f"{told.spans if spans_kept else '{}'}\t{told.steps}\t{received}\t{received}\n"
                )
                if _keeps_receipt(plan, back):
                    syncs.append(Sync(plan, day, source, told, received))


def _walks_on(plan: Plan, day: date) -> bool:
    if day < plan.starts_on:
        return False
    return plan.ended_at is None or day < plan.ended_at.date()


def _told(shape: Shape, source: str, plan: Plan) -> Told:
    return shape.phone if source == Source.PHONE and len(plan.sources) > 1 else shape.wrist


def _keeps_receipt(plan: Plan, back: int) -> bool:
    return plan.is_hero or (back <= RECEIPT_DAYS and plan.index < RECEIPTS_FOR)


def _receipts(chunk: Chunk, syncs: list[Sync]) -> Iterator[tuple[Any, ...]]:
    dice = chunk.dice("receipts")
    for sync in syncs:
        payload = sync.told.samples.replace("DAY", str(sync.day))
        yield (
            _receipt_no(sync),
            sync.plan.participant_id,
            public_id(dice),
            sync.source,
            *APPS[Source(sync.source)],
            sync.received,
            payload,
            hashlib.sha256(f'["{sync.source}",{payload}]'.encode()).digest(),
            sync.told.outcomes,
            f"{{{sync.day}}}",
        )


def _receipt_no(sync: Sync) -> str:
    """Give a number that looks drawn but is never drawn twice."""
    number = sync.plan.participant_id * len(SOURCES) + SOURCES.index(Source(sync.source))
    number = number * SCATTER % len(LETTERS) ** 8
    tail = ""
    for _ in range(8):
        number, place = divmod(number, len(LETTERS))
        tail += LETTERS[place]
    return f"S-{sync.day:%Y%m%d}-{tail}"

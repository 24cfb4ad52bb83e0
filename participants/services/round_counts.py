"""Counting over all applicants of rounds: a chunk a transaction, going on where it stopped."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from django.db import transaction

from participants.models import Application
from participants.models.round_reports import ChunkedRun
from seoul_health.core import clock
from seoul_health.core.audit import Actor

CHUNK = 5_000
Status = ChunkedRun.Status
R = TypeVar("R", bound=ChunkedRun)
COLUMNS = (
    "pk", "participant_id", "round_id", "lane_id", "quota_id", "rule_id", "basis", "status",
    "submitted_at", "participant__district", "participant__is_resident",
    "participant__profile__birth_date",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Applicant:
    """What one application is counted by; it is forgotten with its chunk."""

    application: int
    participant: int
    round: int
    lane: int
    quota: int | None
    rule: int | None
    basis: str
    status: str
    submitted_at: datetime
    district: str
    is_resident: bool | None
    born: date


def run(row: R, count: Callable[[R, list[Applicant]], None], finish: Callable[[R], None],
        rounds: list[int], *, by: Actor) -> None:  # fmt: skip
    """Count chunk after chunk until nobody is left, or until another worker is at it."""
    try:
        while step(row, count, finish, rounds, by=by):
            continue
    except (ValueError, KeyError, InvalidTag) as fault:
        row.move(Status.FAILED, by=by, why=type(fault).__name__, finished_at=clock.now())


@transaction.atomic
def step(row: R, count: Callable[[R, list[Applicant]], None], finish: Callable[[R], None],
         rounds: list[int], *, by: Actor) -> bool:  # fmt: skip
    """Count one chunk and remember how far it went, together or not at all."""
    model = type(row)
    rows = model._default_manager.select_for_update(skip_locked=True)
    locked = rows.filter(pk=row.pk, status__in=model.LIVE).first()
    if locked is None:
        return False
    if locked.status == Status.PLANNED:
        locked.move(Status.RUNNING, by=by)
    chunk = applicants(rounds, after=locked.after)
    if not chunk:
        finish(locked)
        locked.move(Status.DONE, by=by, finished_at=clock.now())
        return False
    count(locked, chunk)
    locked.after, locked.done = chunk[-1].application, locked.done + len(chunk)
    locked.save(update_fields=["after", "done", "counts"])
    return True


def applicants(rounds: list[int], *, after: int) -> list[Applicant]:
    """Read the next applications that were submitted, in the order of their rows."""
    submitted = Application.objects.filter(
        round__in=rounds, submitted_at__isnull=False, pk__gt=after
    )
    rows: Iterable[tuple[Any, ...]] = submitted.order_by("pk").values_list(*COLUMNS)[:CHUNK]
    return [Applicant(*(*row[:-1], date.fromisoformat(row[-1]))) for row in rows]

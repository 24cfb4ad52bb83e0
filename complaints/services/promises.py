"""Promises to the public: rung before they fall due, kept in time or missed for all to see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from complaints.errors import IncidentNotOpen, PromiseNotAhead, TextNeeded
from complaints.models import Incident, Promise, PromiseAlarm
from complaints.models.promises import EARLY, LATE, PromiseQuerySet
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import StaffUser

MOST_DAYS = 14
BATCH = 500
Kind, Status, Step = Promise.Kind, Promise.Status, PromiseAlarm.Step


@transaction.atomic
def promise_update(incident: Incident, *, due_at: datetime, owner: StaffUser, by: Actor) -> Promise:
    return make(incident, kind=Kind.UPDATE, text="", due_at=due_at, owner=owner, by=by)


@transaction.atomic
def promise(
    incident: Incident, text: str, *, due_at: datetime, owner: StaffUser, by: Actor
) -> Promise:
    """Promise something else than the next word, for example a schedule."""
    if not text.strip():
        raise TextNeeded
    if not incident.is_open:
        raise IncidentNotOpen(incident=incident, state=incident.get_status_display())
    return make(incident, kind=Kind.OTHER, text=text, due_at=due_at, owner=owner, by=by)


def make(
    incident: Incident, *, kind: str, text: str, due_at: datetime, owner: StaffUser, by: Actor
) -> Promise:
    now = clock.now()
    if not now < due_at <= now + timedelta(days=MOST_DAYS):
        raise PromiseNotAhead(days=MOST_DAYS)
    made = Promise.objects.create(
        incident=incident,
        kind=kind,
        text=text.strip(),
        due_at=due_at,
        owner=owner,
        made_by=by.actor_name,
        made_at=now,
    )
    audit.record("promised", made, by=by, due_at=due_at.isoformat())
    return made


@transaction.atomic
def settle(made: Promise, *, by: Actor) -> None:
    """Say that a promise is done: in time it is kept, later it stays missed."""
    row = Promise.objects.select_for_update(of=("self",)).get(pk=made.pk)
    now = clock.now()
    if row.status == Status.MISSED and row.done_at is None:
        Promise.objects.filter(pk=row.pk).update(done_at=now)
        audit.record("done_late", row, by=by)
    else:
        row.move(Status.KEPT if now <= row.due_at else Status.MISSED, by=by, done_at=now)
    made.refresh_from_db()


def settle_update(incident: Incident, *, by: Actor) -> None:
    """Settle what was promised as the next update, also one that was missed and is late."""
    unsettled = incident.promises.filter(kind=Kind.UPDATE, done_at=None)
    for made in unsettled.order_by("pk"):
        settle(made, by=by)


def tend_promises(*, by: Actor) -> dict[str, int]:
    """Ring for what falls due soon, and say of what was not kept that it was missed."""
    now = clock.now()
    sweeps: Mapping[str, Callable[[], int]] = {
        "early": lambda: ring(Step.EARLY, falling_due(now, EARLY), by=by),
        "late": lambda: ring(Step.LATE, falling_due(now, LATE), by=by),
        "missed": lambda: miss_overdue(now, by=by),
    }
    return {name: sweep() for name, sweep in sweeps.items()}


def falling_due(now: datetime, ahead: timedelta) -> PromiseQuerySet:
    """Find promises this near; one that was made nearer than the first bell needs no first."""
    soon = Promise.objects.open().filter(due_at__gt=now, due_at__lte=now + ahead)
    return soon.filter(made_at__lte=F("due_at") - ahead) if ahead == EARLY else soon


@transaction.atomic
def ring(step: str, promises: PromiseQuerySet, *, by: Actor) -> int:
    """Sound an alarm once for each."""
    silent = promises.exclude(alarms__step=step)
    rows = silent.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk")
    found = list(rows[:BATCH])
    PromiseAlarm.objects.bulk_create(
        (PromiseAlarm(promise=row, step=step) for row in found), ignore_conflicts=True
    )
    for row in found:
        audit.record("promise_rung", row, by=by, step=step)
    return len(found)


@transaction.atomic
def miss_overdue(now: datetime, *, by: Actor) -> int:
    """Mark as missed what is past its moment."""
    rows = Promise.objects.overdue(now).select_for_update(skip_locked=True, of=("self",))
    found = list(rows.order_by("due_at", "pk")[:BATCH])
    for row in found:
        row.move(Status.MISSED, by=by)
    PromiseAlarm.objects.bulk_create(
        (PromiseAlarm(promise=row, step=Step.MISSED) for row in found), ignore_conflicts=True
    )
    return len(found)


@transaction.atomic
def take_on(alarm: PromiseAlarm, *, by: StaffUser) -> bool:
    """Stop the bell: somebody has it. The first to say so is named."""
    unseen = PromiseAlarm.objects.filter(pk=alarm.pk, seen_at=None)
    taken = unseen.update(seen_at=clock.now(), seen_by=by.actor_name)
    if taken:
        audit.record("alarm_taken_on", alarm.promise, by=by, step=alarm.step)
    return bool(taken)


@dataclass(frozen=True, slots=True)
class Record:
    """How many promises were kept, and how many were not."""

    kept: int
    missed: int

    @property
    def settled(self) -> int:
        return self.kept + self.missed

    @property
    def percent(self) -> int:
        return 100 * self.kept // self.settled if self.settled else 100


def record_since(since: datetime) -> Record:
    """Count the promises that fell due since a moment, of incidents the public knows."""
    public = Incident.objects.public()
    found = Promise.objects.settled().filter(due_at__gte=since, incident__in=public)
    statuses = list(found.values_list("status", flat=True))
    return Record(statuses.count(Status.KEPT), statuses.count(Status.MISSED))

"""Readings are kept once, judged by the thresholds of their day, and can be taken back."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction

from devices.models import Calibration, Instrument, Reading, ReadingBatch, RiskAlert, Site
from devices.rules.measures import MEASURES
from devices.services import alerts
from devices.services.examining import Item, Told, examine, ground
from participants.models import Participant
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor


@transaction.atomic
def record(
    told: Sequence[Told],
    *,
    site: Site,
    channel: str,
    by: Actor,
    batch: ReadingBatch | None = None,
) -> list[Item]:
    """Keep what can be kept of the stated values; say for each what became of it."""
    lock_people({one.number for one in told})
    items = examine(told, ground(site, told))
    kept = keep((item for item in items if item.outcome == "accepted"), site, channel, by, batch)
    if batch is None:
        for reading in kept:
            audit.record("measured", reading, by=by, kind=reading.kind, channel=channel)
    alerts.judge_readings(kept, by=by)
    return items


def lock_people(numbers: Iterable[str]) -> None:
    """Let one person's readings come in one after the other; in one order, so nobody is stuck."""
    rows = Participant.objects.filter(number__in=list(numbers)).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def keep(
    items: Iterable[Item], site: Site, channel: str, by: Actor, batch: ReadingBatch | None
) -> list[Reading]:
    rows = [
        Reading(
            participant=item.participant,
            site=site,
            instrument=item.instrument,
            kind=item.told.kind,
            value=item.value,
            unit=MEASURES[item.told.kind].unit,
            stated_value=item.stated,
            stated_unit=item.unit,
            sex=item.told.sex,
            is_overdue=item.is_overdue,
            measured_at=item.at,
            channel=channel,
            recorded_by=by.actor_name,
            batch=batch,
        )
        for item in items
    ]
    return Reading.objects.bulk_create(rows, batch_size=1000)


@transaction.atomic
def take_back(readings: Iterable[Reading], *, why: str, by: Actor) -> int:
    """Let readings no longer count; what is being called about them is called off."""
    ids = [reading.pk for reading in readings]
    count = Reading.objects.standing().filter(pk__in=ids).update(undone_at=clock.now())
    affected = RiskAlert.objects.unfinished().filter(reading__in=ids).order_by("pk")
    for alert in affected.select_for_update(of=("self",)):
        alert.move(RiskAlert.Status.VOID, by=by, why=why, closed_at=clock.now())
    return count


@transaction.atomic
def calibrate(
    instrument: Instrument, *, done_on: date, valid_until: date, certificate_no: str, by: Actor
) -> Calibration:
    """Record a calibration; readings of the days it covers count from now on."""
    calibration = Calibration.objects.create(
        instrument=instrument,
        done_on=done_on,
        valid_until=valid_until,
        certificate_no=certificate_no,
        recorded_by=by.actor_name,
    )
    covered = Reading.objects.filter(
        instrument=instrument,
        is_overdue=True,
        measured_at__gte=clock.day_starts(done_on),
        measured_at__lt=clock.day_ends(valid_until),
    )
    covered.update(is_overdue=False)
    audit.record("calibrated", instrument, by=by, until=valid_until.isoformat())
    return calibration

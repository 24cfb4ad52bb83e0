"""Health zones, instruments and people who have agreed to the use of their health data."""

import itertools
from datetime import timedelta
from typing import Any

from devices.models import Instrument, Site
from devices.services import readings
from devices.services.examining import Item, Told
from participants.models import Consent, Participant
from seoul_health.core import clock
from tests.conftest import JOB

from .builders import make_site

serials = itertools.count(1)


def agree(participant: Participant) -> Participant:
    Consent.objects.create(
        participant=participant, purpose=Consent.Purpose.HEALTH, version="2026-01", recorded_by="t"
    )
    return participant


def make_instrument(*, calibrated: bool = True, **fields: Any) -> Instrument:
    fields.setdefault("site", make_site())
    fields.setdefault("kind", Instrument.Kind.BLOOD_PRESSURE)
    made = Instrument.objects.create(serial=f"BP-{next(serials):04d}", name="BPBIO 320", **fields)
    if calibrated:
        today = clock.today()
        readings.calibrate(
            made,
            done_on=today - timedelta(days=100),
            valid_until=today + timedelta(days=100),
            certificate_no="KTL-2026-1",
            by=JOB,
        )
    return made


def told(
    participant: Participant, kind: str = "systolic", value: str = "118", **fields: Any
) -> Told:
    fields.setdefault("measured_at", clock.now() - timedelta(minutes=5))
    return Told(number=participant.number, kind=kind, value=value, **fields)


def record(*values: Told, site: Site | None = None, channel: str = "counter") -> list[Item]:
    return readings.record(values, site=site or make_site(), channel=channel, by=JOB)


def pressure(participant: Participant, upper: int, lower: int, **fields: Any) -> list[Item]:
    fields.setdefault("measured_at", clock.now() - timedelta(minutes=5))
    return record(
        told(participant, "systolic", str(upper), **fields),
        told(participant, "diastolic", str(lower), **fields),
    )


def fates(items: list[Item]) -> list[tuple[str, str]]:
    return [(item.outcome, item.reason) for item in items]

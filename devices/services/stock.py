"""The register of watches."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from devices.models import Device, Site
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import AuditEvent


@transaction.atomic
def register_watches(devices: Sequence[Device], *, by: Actor) -> None:
    """Enter new watches into the register, in one stroke."""
    Device.objects.bulk_create(devices, batch_size=2000)
    record_each("registered", devices, by=by)


@transaction.atomic
def place_watches(devices: Sequence[Device], *, by: Actor) -> None:
    """Note at which site watches stand now."""
    Device.objects.bulk_update(devices, ["site"], batch_size=2000)
    record_each("placed", devices, by=by)


@transaction.atomic
def place_watch(device: Device, *, site: Site | None, by: Actor) -> None:
    device.site = site
    place_watches([device], by=by)


def record_each(verb: str, devices: Iterable[Device], *, by: Actor) -> None:
    now = clock.now()
    events = [
        AuditEvent(
            at=now,
            verb=verb,
            subject=audit.subject_of(device),
            actor=by.actor_name,
            detail={"site": device.site.code if device.site else ""},
        )
        for device in devices
    ]
    AuditEvent.objects.bulk_create(events, batch_size=2000)

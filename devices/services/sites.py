"""The register of sites, as it comes in a file."""

from collections.abc import Mapping, Sequence
from datetime import time

from django.db import transaction

from devices.models import OpeningHours, Site, Window
from seoul_health.core import audit
from seoul_health.core.audit import Actor

WEEKDAYS = range(5)
FIELDS = ("name", "kind", "district", "address", "phone", "lat", "lng")


@transaction.atomic
def register_sites(
    sites: Sequence[Site],
    *,
    windows: Mapping[str, int],
    hours: Mapping[str, tuple[time, time]],
    by: Actor,
) -> None:
    """Enter new sites with their windows and weekday hours."""
    for site in Site.objects.bulk_create(sites):
        audit.record("registered", site, by=by)
        _furnish(site, windows=windows.get(site.code, 0), hours=hours.get(site.code))


@transaction.atomic
def correct_sites(
    sites: Sequence[Site],
    *,
    windows: Mapping[str, int],
    hours: Mapping[str, tuple[time, time]],
    by: Actor,
) -> None:
    """Note what a later file says of known sites; windows are added, never taken away."""
    Site.objects.bulk_update(sites, FIELDS)
    for site in sites:
        audit.record("changed", site, by=by)
        _furnish(site, windows=windows.get(site.code, 0), hours=hours.get(site.code))


def _furnish(site: Site, *, windows: int, hours: tuple[time, time] | None) -> None:
    known = set(site.windows.values_list("code", flat=True))
    Window.objects.bulk_create(
        Window(site=site, code=str(number), name=f"{number}번 창구")
        for number in range(1, windows + 1)
        if str(number) not in known
    )
    if hours is None:
        return
    OpeningHours.objects.bulk_create(
        (OpeningHours(site=site, day=day, opens=hours[0], closes=hours[1]) for day in WEEKDAYS),
        update_conflicts=True,
        unique_fields=["site", "day"],
        update_fields=["opens", "closes"],
    )

"""The nightly look at everybody's day: range by range, carried on after a kill, twice the same."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import F

from points.errors import PeriodNotOver
from points.models import SignalScan
from points.rules.signals import Finding
from points.services.accounts import steady_plans
from points.services.doubts import doubts_in, next_range, shared_doubts
from points.services.holding import hold_day
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

Status = SignalScan.Status


def scan_day(day: date, *, by: Actor) -> SignalScan:
    """Look at everybody's day and put on hold what is doubtful and was never looked at."""
    if day >= clock.today():
        raise PeriodNotOver
    scan = begin(day, by=by)
    while scan_range(scan):
        pass
    finish(scan, by=by)
    scan.refresh_from_db()
    return scan


@transaction.atomic
def begin(day: date, *, by: Actor) -> SignalScan:
    """Carry on with the scan of a day, or begin a new one; one that is done begins again."""
    scan, is_new = SignalScan.objects.get_or_create(day=day)
    if is_new:
        audit.record("planned", scan, by=by)
    elif scan.status == Status.DONE:
        scan.move(Status.RUNNING, by=by, seen_to=0, walkers=0, finished_at=None)
    return scan


@transaction.atomic
def scan_range(scan: SignalScan) -> bool:
    """Look at the next range of people; of several workers one does it, the others wait."""
    held = SignalScan.objects.select_for_update().get(pk=scan.pk)
    if held.status == Status.DONE:
        return False
    steady_plans()
    high, walkers = next_range(held.day, held.seen_to)
    if high is None:
        return False
    raised = hold_all(held.day, doubts_in(held.day, held.seen_to, high))
    SignalScan.objects.filter(pk=held.pk).update(
        seen_to=high, walkers=F("walkers") + walkers, raised=F("raised") + raised
    )
    return True


@transaction.atomic
def finish(scan: SignalScan, *, by: Actor) -> None:
    """Look at what only several members together show, and close the scan."""
    held = SignalScan.objects.select_for_update().get(pk=scan.pk)
    if held.status == Status.DONE:
        return
    raised = hold_all(held.day, shared_doubts(held.day))
    held.move(Status.DONE, by=by, finished_at=clock.now(), raised=held.raised + raised)


def hold_all(day: date, doubts: Iterable[tuple[int, Finding]]) -> int:
    """Keep of each person and signal the gravest doubt, and put the day on hold for it."""
    gravest: dict[tuple[int, str], Finding] = {}
    for person, finding in doubts:
        known = gravest.get((person, finding.signal))
        if known is None or known.score < finding.score:
            gravest[person, finding.signal] = finding
    return hold_day(day, gravest)

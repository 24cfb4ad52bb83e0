"""Five thousand callers within two seconds for five hundred places, over the API."""

import json
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from datetime import time as clock_time
from typing import Any

from devices.models import Reservation, Resource, Site, Slot, SlotPlan
from seoul_health.core import clock
from tests.bench.measure import Figure, say
from tests.bench.people import newcomers

CALLERS, PLACES, PROCESSES = 5_000, 500, 4
CAPACITY, RESOURCES = 5, 10
HOUR = timedelta(hours=1)
STARTING = 20


def slot_rush() -> None:
    """Let everybody call; every wrong answer, double place and lost place counts."""
    lay_out()
    people = [str(person.pk) for person in newcomers(CALLERS)]
    begin = time.time() + STARTING
    crowds = [crowd(begin, people[number::PROCESSES]) for number in range(PROCESSES)]
    answers = [row for each in crowds for row in json.loads(each.communicate()[0])]
    wrong = faults(answers)
    took = max(row["at"] for row in answers) - begin
    say(f"all {CALLERS} answered after {took:.0f} s; {wrong}")
    Figure(
        name="slot_rush",
        ratio=sum(wrong.values()) / CALLERS,
        better="lower",
        ours=sum(wrong.values()),
        baseline=CALLERS,
        unit="wrong answers, double or lost places",
        n=CALLERS,
    ).show()


def lay_out() -> None:
    site = Site.objects.create(
        code="rush", name="체력인증센터", kind=Site.Kind.ZONE, district="종로구",
        address="서울특별시 종로구 자하문로19길 36", lat="37.580000", lng="126.970000",
    )  # fmt: skip
    start = clock.day_starts(clock.today() + timedelta(days=7)) + 9 * HOUR
    for number in range(RESOURCES):
        resource = Resource.objects.create(
            site=site, kind=Resource.Kind.ROOM, name=f"체력측정 {number}", capacity=CAPACITY
        )
        plan = SlotPlan.objects.create(
            resource=resource,
            effective_from=date(2026, 1, 1),
            weekdays=list(range(7)),
            starts_at=clock_time(9),
            ends_at=clock_time(19),
            opens_on=[1, 16],
        )
        Slot.objects.bulk_create(
            Slot(
                resource=resource,
                plan=plan,
                starts_at=start + hour * HOUR,
                ends_at=start + (hour + 1) * HOUR,
                opens_at=clock.now(),
                capacity=CAPACITY,
            )
            for hour in range(PLACES // RESOURCES // CAPACITY)
        )


def crowd(begin: float, people: list[str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.concurrency.slot_crowd", str(begin), *people]
    return subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, text=True)


def faults(answers: list[dict[str, Any]]) -> dict[str, int]:
    """Count what must not be: places given twice or to nobody, and people told what is not so."""
    booked = Reservation.objects.booked()
    holders = {str(pk) for pk in booked.values_list("participant", flat=True)}
    winners = {row["person"] for row in answers if row["status"] == 201}
    honest = sum(row["code"] in {"", "slot_taken"} for row in answers)
    return {
        "double": booked.count() - booked.values("slot", "place").distinct().count(),
        "lost": PLACES - booked.count(),
        "untrue": len(holders ^ winners) + len(answers) - honest,
        "unanswered": CALLERS - len(answers),
    }

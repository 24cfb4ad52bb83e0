"""A day is declared off: every due time it touches is computed anew, against a bare UPDATE.

The same rows both times, with the same indexes, committed; the day is added and taken back in
turn, so that each run moves every due time. Ours reads the rows, computes each clock, writes the
new times and an event for each that says from what to what.
"""

import time
from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING

from django.db import connection

from tests.bench.measure import alternate, say

if TYPE_CHECKING:
    from seoul_health.core.models import StaffUser

ROWS = 20_000
# A statutory procedure of five days is counted in hours: its due time depends on the minute.
KINDS = ("grievance", "suggestion", "inquiry_procedure", "grievance", "statutory")
BARE = """
UPDATE complaints_complaint SET due_at = due_at + %s * interval '1 day', version = version + 1
WHERE status = 'received'
"""


def prepare() -> None:
    """Write open complaints received within two weeks; every tenth has been extended."""
    from complaints.models import Category, ClockEvent, Complaint
    from complaints.services.days_off import Plain
    from complaints.services.deadlines import current_calendar, period_of
    from seoul_health.core import clock

    category, plain = Category.objects.get(code="points_missing"), Plain(current_calendar())
    start = clock.now() - timedelta(days=1)
    rows = []
    for number in range(ROWS):
        kind = KINDS[number % len(KINDS)]
        row = Complaint(
            receipt_no=f"B-{number:06}",
            secret_digest=bytes(32),
            kind=kind,
            published_days=5 if kind == "statutory" else None,
            category=category,
            channel="app",
            status="received",
            title="bench",
            text="bench",
            arrived_at=start + timedelta(seconds=3 * number),
            received_at=start + timedelta(seconds=3 * number),
            article="–",
        )
        row.due_at = plain.due(row.clock_from, period_of(row))
        rows.append(row)
    Complaint.objects.bulk_create(rows, batch_size=2_000)
    ClockEvent.objects.bulk_create(
        ClockEvent(
            complaint=row, kind="extended", at=row.received_at, reason="bench", actor="bench",
            due_before=row.due_at, due_after=row.due_at,
        )
        for row in rows[::10]
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE complaints_complaint")


def deadlines_vs_update() -> None:
    from complaints.models import ClockEvent, Complaint, HolidayChange
    from complaints.services import days_off
    from seoul_health.core.audit import System

    by, staff = System("bench"), officer()
    prepare()
    day = working_day()
    turns = count()

    def ours() -> float:
        change = "dropped" if next(turns) % 2 else "added"
        days_off.correct(day, change=change, name="bench")
        row = HolidayChange.objects.create(
            day=day, change=change, name="bench", reason="bench", declared_by=staff
        )
        started = time.perf_counter()
        moved = days_off.recompute_all(by=by)
        spent = time.perf_counter() - started
        say(f"{change}: {moved:,} of {ROWS:,} moved in {spent:.2f} s")
        assert moved == ClockEvent.objects.filter(holiday_change=row).count() > ROWS * 0.9
        return spent

    ways = count()

    def bare() -> float:
        started = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(BARE, [1 if next(ways) % 2 == 0 else -1])
            assert cursor.rowcount == Complaint.objects.count() == ROWS
        return time.perf_counter() - started

    def paired_bare() -> float:
        """Move there and back, so that ours finds the times as it left them."""
        return (bare() + bare()) / 2

    alternate(
        "deadlines_vs_update",
        ours=ours,
        baseline=paired_bare,
        unit="s",
        better="lower",
        n=ROWS,
        pairs=4,
    )


def officer() -> "StaffUser":
    from seoul_health.core.models import StaffUser

    return StaffUser.objects.create(username="bench-officer")


def working_day() -> date:
    from complaints.services.deadlines import current_calendar
    from seoul_health.core import clock

    calendar = current_calendar()
    return calendar.next_working(clock.today() + timedelta(days=2))

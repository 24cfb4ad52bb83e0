"""The days receipts are kept in: opened ahead of time, and let go of after the retention period."""

from datetime import date, timedelta

import structlog
from django.conf import settings
from django.db import connection

from seoul_health.core import clock

log = structlog.get_logger("receipts")
DAYS_AHEAD = 7


def open_days(first: date, last: date) -> int:
    """Give each day from first to last a partition; give how many were new.

    A receipt of a day without one is kept all the same, and moves when its day is opened.
    """
    opened = 0
    with connection.cursor() as cursor:
        for offset in range((last - first).days + 1):
            cursor.execute("SELECT devices_open_receipt_day(%s)", [first + timedelta(days=offset)])
            opened += bool(cursor.fetchone()[0])
    return opened


def keep_days() -> int:
    """Open the days to come."""
    today = clock.today()
    return open_days(today - timedelta(days=1), today + timedelta(days=DAYS_AHEAD))


def drop_old_days() -> dict[date, int]:
    """Let go of the days past the retention period; give each with its number of receipts."""
    before = clock.today() - timedelta(days=settings.RECEIPT_KEEP_DAYS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT day, receipts FROM devices_drop_receipt_days(%s)", [before])
        dropped = {day: int(receipts) for day, receipts in cursor.fetchall()}
    for day, receipts in dropped.items():
        log.info("receipts_dropped", day=str(day), receipts=receipts)
    return dropped

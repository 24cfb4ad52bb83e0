"""Reports of stock: believed and kept, or put into quarantine until somebody corrects them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from devices.errors import ReportQuarantined, StillWrong, UnreadableReport
from devices.models import QuarantinedReport, Site, StockFeed, StockReport
from devices.rules.stock_rows import BadRow, Row, read_row
from seoul_health.core import clock
from seoul_health.core.audit import Actor

LONGEST_KEPT = 60
DROPPED_AT_ONCE = 5_000
UNREADABLE = frozenset({"missing", "not_a_number", "negative", "too_many", "not_a_moment"})
COLUMNS = ("window", "model", "quantity", "observed_at")

# An older word never replaces a newer one, in whatever order they arrive.
UPSERT = """
    INSERT INTO devices_windowstock AS kept
        (window_id, model_id, quantity, is_stopped, observed_at, stocked_at)
    VALUES (%(window)s, %(model)s, %(quantity)s, %(stopped)s, %(at)s,
            CASE WHEN %(quantity)s > 0 THEN %(at)s::timestamptz END)
    ON CONFLICT (window_id, model_id) DO UPDATE SET
        quantity = EXCLUDED.quantity,
        is_stopped = EXCLUDED.is_stopped,
        observed_at = EXCLUDED.observed_at,
        stocked_at = CASE WHEN EXCLUDED.quantity > kept.quantity
                          THEN EXCLUDED.observed_at ELSE kept.stocked_at END
    WHERE EXCLUDED.observed_at > kept.observed_at
"""


def take_report(site: Site, told: Mapping[str, Any], *, by: Actor) -> tuple[StockReport, bool]:
    """Keep a report as it came, or put it into quarantine and say why.

    Gives the report and whether it is new: the same one again changes nothing.
    """
    try:
        return keep_report(site, told, by=by)
    except BadRow as fault:
        what = str(put_aside(site, told, fault, by=by).get_reason_display())
        refusal = UnreadableReport if fault.reason in UNREADABLE else ReportQuarantined
        raise refusal(reason=fault.reason, field=fault.field, what=what) from fault


@transaction.atomic
def keep_report(site: Site, told: Mapping[str, Any], *, by: Actor) -> tuple[StockReport, bool]:
    """Write down what a window says it has, and make it the window's word if it is the newest."""
    now = clock.now()
    windows = dict(site.windows.filter(is_active=True).values_list("code", "pk"))
    models = dict(StockFeed.objects.values_list("model__code", "model_id"))
    row = read_row(told, windows=windows, models=models, now=now)
    report, is_new = StockReport.objects.get_or_create(
        window_id=windows[row.window],
        model_id=models[row.model],
        observed_at=row.observed_at,
        defaults={
            "quantity": row.quantity,
            "is_stopped": row.is_stopped,
            "reported_by": by.actor_name,
            "received_at": now,
        },
    )
    if (report.quantity, report.is_stopped) != (row.quantity, row.is_stopped):
        raise BadRow("contradicts", "quantity")
    if is_new:
        _tell_window(report, row)
    return report, is_new


def _tell_window(report: StockReport, row: Row) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            UPSERT,
            {
                "window": report.window_id,
                "model": report.model_id,
                "quantity": row.quantity,
                "stopped": row.is_stopped,
                "at": row.observed_at,
            },
        )


def put_aside(
    site: Site, told: Mapping[str, Any], fault: BadRow, *, by: Actor
) -> QuarantinedReport:
    """Keep a row nobody should believe, with the reason."""
    return QuarantinedReport.objects.create(
        site=site,
        reason=fault.reason,
        is_stopped=told.get("stopped") is True,
        reported_by=by.actor_name,
        received_at=clock.now(),
        **{name: _as_sent(told.get(name)) for name in COLUMNS},
    )


def _as_sent(value: Any) -> str:
    if value is None:
        return ""
    return (value.isoformat() if isinstance(value, datetime) else str(value))[:LONGEST_KEPT]


@transaction.atomic
def replay(
    quarantined: QuarantinedReport, *, told: Mapping[str, Any] | None = None, by: Actor
) -> StockReport:
    """Take a report out of quarantine: corrected, or as it came once what it names is known.

    What came in stays written as it came.
    """
    quarantined.move(QuarantinedReport.Status.REPLAYED, by=by, settled_at=clock.now())
    try:
        report, _is_new = keep_report(quarantined.site, told or as_it_came(quarantined), by=by)
    except BadRow as fault:
        raise StillWrong(what=QuarantinedReport.Reason(fault.reason).label) from fault
    QuarantinedReport.objects.filter(pk=quarantined.pk).update(report=report)
    return report


def as_it_came(quarantined: QuarantinedReport) -> dict[str, Any]:
    """Give the values of a quarantined row in the types a report has."""
    digits = quarantined.quantity
    return {
        "window": quarantined.window,
        "model": quarantined.model,
        "quantity": int(digits) if digits.isascii() and digits.isdigit() else digits,
        "observed_at": quarantined.observed_at,
        "stopped": quarantined.is_stopped,
    }


def dismiss(quarantined: QuarantinedReport, *, why: str, by: Actor) -> None:
    """Leave a report out for good."""
    quarantined.move(QuarantinedReport.Status.DISMISSED, by=by, why=why, settled_at=clock.now())


def drop_old_reports() -> int:
    """Forget what windows said long ago, part by part; the newest word of each stays."""
    before = clock.now() - timedelta(days=settings.STOCK_REPORT_KEEP_DAYS)
    settled = QuarantinedReport.objects.exclude(status=QuarantinedReport.Status.WAITING)
    settled.filter(received_at__lt=before).delete()
    old = StockReport.objects.filter(received_at__lt=before).order_by("received_at")
    gone = 0
    while keys := list(old.values_list("pk", flat=True)[:DROPPED_AT_ONCE]):
        StockReport.objects.filter(pk__in=keys).delete()
        gone += len(keys)
    return gone

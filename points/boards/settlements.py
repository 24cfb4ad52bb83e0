"""The settlement board: sweeps with their progress, what stopped them, and the days before."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.models import Settlement, SettlementChunk
from points.services.settlement import resume_settlement
from seoul_health.core import charts, clock
from seoul_health.core.errors import DomainError

from .base import Board

RUNS_SHOWN = 30
CHUNKS_SHOWN = 200
DAYS = 30
QUIET_AFTER = timedelta(minutes=10)


def with_progress(rows: QuerySet[Settlement]) -> list[dict[str, Any]]:
    """Give runs with how many of their ranges are done, and what stopped some."""
    counted = rows.annotate(
        ranges=Count("chunks"),
        done=Count("chunks", filter=Q(chunks__done_at__isnull=False)),
        faults=Count("chunks", filter=~Q(chunks__fault="")),
        last_done=Max("chunks__done_at"),
    )
    now = clock.now()
    return [progress_of(row, now) for row in counted]


def progress_of(row: Any, now: datetime) -> dict[str, Any]:
    is_running = row.status == Settlement.Status.RUNNING
    moved_at = row.last_done or row.started_at
    return {
        "row": row,
        "is_running": is_running,
        "is_stuck": is_running and (bool(row.faults) or now - moved_at > QUIET_AFTER),
        "seconds": round(((row.finished_at or now) - row.started_at).total_seconds()),
        "left": left_of(row, now) if is_running else None,
        "share": round(100 * row.done / row.ranges) if row.ranges else 100,
    }


def left_of(row: Any, now: datetime) -> int | None:
    """Guess the seconds that are left from the pace so far."""
    if not row.done:
        return None
    pace: float = (now - row.started_at).total_seconds() / row.done
    left: int = row.ranges - row.done
    return round(pace * left)


def latest_runs() -> list[dict[str, Any]]:
    return with_progress(Settlement.objects.order_by("-pk")[:RUNS_SHOWN])


class SettlementBoard(Board):
    """GET /staff/points/settlement/ — runs with live progress, and points posted by day."""

    permission = "points.view_settlement"
    template = "points/settlement.html"
    title = gettext_lazy("Settlement board")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show({**runs_now(), "by_day": by_day()})


class Runs(SettlementBoard):
    """GET /staff/points/settlement/runs/ — the table alone, asked for again while one runs."""

    template = "points/settlement_runs.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(runs_now())


def runs_now() -> dict[str, Any]:
    runs = latest_runs()
    return {
        "as_of": clock.now(),
        "runs": runs,
        "is_moving": any(run["is_running"] for run in runs),
    }


def by_day() -> Any:
    """Draw what the sweeps of each day posted."""
    first = clock.today() - timedelta(days=DAYS)
    rows = Settlement.objects.filter(kind=Settlement.Kind.DAY, period__gte=first)
    posted = dict(rows.values_list("period").annotate(total=Sum("points")))
    days = [first + timedelta(days=place) for place in range(DAYS)]
    data = [charts.Datum(f"{day:%m-%d}", posted.get(day) or 0) for day in days]
    return charts.bar_chart(data, title=_("Points posted by sweeps, by day"), unit="P")


class RunPage(Board):
    """GET /staff/points/settlement/{id}/ — the ranges of one run."""

    permission = "points.view_settlement"
    template = "points/settlement_run.html"
    title = gettext_lazy("Run of a settlement")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        get_object_or_404(Settlement, pk=pk)
        (run,) = with_progress(Settlement.objects.filter(pk=pk))
        chunks = SettlementChunk.objects.filter(settlement=pk)
        urgent = chunks.filter(done_at=None).order_by("failed_at", "pk")
        done = chunks.exclude(done_at=None).order_by("-done_at", "-pk")
        rows = [*urgent[:CHUNKS_SHOWN], *done[:CHUNKS_SHOWN]][:CHUNKS_SHOWN]
        return self.show({"as_of": clock.now(), "run": run, "chunks": rows})


class Resume(Board):
    """POST /staff/points/settlement/{id}/resume/ — carry on with a run that stands still."""

    permission = "points.run_settlement"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(Settlement, pk=pk)
        try:
            resume_settlement(row, by=self.staff)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Workers were called; done ranges stay done."))
        return redirect("boards:settlement-run", pk=row.pk)

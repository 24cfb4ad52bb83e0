"""Charts of the index: each answers one question from rows, and says how and as of when."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from complaints.models import Complaint
from devices.models import Loan
from points.models import Award
from seoul_health.core import clock
from seoul_health.core.charts import Datum, Series, bar_chart, line_chart
from seoul_health.core.models import StaffUser

DAYS = 14
KEPT_SECONDS = 300


def of(user: StaffUser, now: datetime) -> list[dict[str, Any]]:
    """Draw what this person may see; whole-city figures are kept for five minutes."""
    drawn = []
    for permission, title, formula, draw in CHARTS:
        if user.has_perm(permission):
            drawn.append({**kept(draw, str(title), now), "title": title, "formula": formula})
    return drawn[:3]


def kept(draw: Callable[[str], str], title: str, now: datetime) -> dict[str, Any]:
    key = f"index-chart:{draw.__name__}:{get_language()}"
    found: dict[str, Any] | None = cache.get(key)
    if found is None:
        found = {"svg": draw(title), "as_of": now}
        cache.set(key, found, KEPT_SECONDS)
    return found


def last_days(count: int) -> list[date]:
    today = clock.today()
    return [today - timedelta(days=back) for back in range(count, 0, -1)]


def label(day: date) -> str:
    return _("{month}/{day}").format(month=day.month, day=day.day)


def points_by_day(title: str) -> str:
    days = last_days(DAYS)
    rows = (
        Award.objects.filter(item=Award.Item.WALKING_DAY, period__range=(days[0], days[-1]))
        .values("period")
        .annotate(points=Sum("points"))
    )
    points = {row["period"]: row["points"] for row in rows}
    page = reverse("admin:points_award_changelist")
    data = [Datum(label(day), points.get(day, 0), f"{page}?period__exact={day}") for day in days]
    return bar_chart(data, title=title, unit="P")


def loans_by_state(title: str) -> str:
    counts = dict(Loan.objects.order_by().values_list("status").annotate(Count("pk")))
    page = reverse("admin:devices_loan_changelist")
    state = Loan.Status
    bars = [
        (state.RESERVED.label, [state.RESERVED]),
        (state.SHIPPED.label, [state.SHIPPED]),
        (state.LIVE.label, [state.DELIVERED, state.LIVE]),
        (_("Coming back"), [state.RECALL_REQUESTED, state.RETURNING]),
        (state.CLOSED.label, [state.RETURNED, state.CLOSED]),
        (state.LOST.label, [state.LOST]),
    ]
    data = [
        Datum(
            str(name),
            sum(counts.get(one.value, 0) for one in states),
            f"{page}?status__in={','.join(states)}",
        )
        for name, states in bars
    ]
    return bar_chart(data, title=title)


def complaints_by_day(title: str) -> str:
    days = last_days(DAYS)
    series = [
        Series(_("Received"), counts_by_day("received_at", days)),
        Series(_("Answered"), counts_by_day("answered_at", days)),
    ]
    return line_chart([label(day) for day in days], series, title=title)


def counts_by_day(field: str, days: list[date]) -> tuple[int, ...]:
    since = {f"{field}__gte": clock.day_starts(days[0])}
    rows = (
        Complaint.objects.filter(**since)
        .order_by()
        .annotate(day=TruncDate(field, tzinfo=clock.KST))
        .values("day")
        .annotate(count=Count("pk"))
    )
    counts = {row["day"]: row["count"] for row in rows}
    return tuple(counts.get(day, 0) for day in days)


CHARTS: tuple[tuple[str, str | Promise, str | Promise, Callable[[str], str]], ...] = (
    (
        "points.view_award",
        gettext_lazy("How many points did walking earn?"),
        gettext_lazy("Sum of points of daily walking awards, by activity day, last 14 days"),
        points_by_day,
    ),
    (
        "devices.view_loan",
        gettext_lazy("Where are the watches we lend?"),
        gettext_lazy("Number of loans by state"),
        loans_by_state,
    ),
    (
        "complaints.view_complaint",
        gettext_lazy("Do answers keep up with complaints?"),
        gettext_lazy("Complaints by day of receipt and by day of answer, last 14 days"),
        complaints_by_day,
    ),
)

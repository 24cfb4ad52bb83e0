"""The measures of recovery, and the council pack that answers with them."""

import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import RecoveryStep
from devices.services import council_pack, measures
from devices.services.ladder import overdue_without_case
from devices.services.measures import Measure
from seoul_health.core import audit, charts, clock
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.spreadsheets import write_csv

from .base import Station

KEPT_SECONDS = 60
NAMES = {
    "round": gettext_lazy("Round"),
    "lot": gettext_lazy("Lot"),
    "district": gettext_lazy("District"),
    "supplier": gettext_lazy("Supplier"),
}
BARS = 25
PATHS = {
    "round": "participation__round__code",
    "lot": "device__lot__code",
    "district": "participant__district",
    "supplier": "device__lot__supplier",
}


def district_of(user: StaffUser) -> str:
    """Give the district somebody is bound to; a whole city has none."""
    is_free = user.is_superuser or user.scope == Scope.CITY
    return "" if is_free else user.district or "–"


class MeasuresView(Station):
    """GET /staff/devices/measures/?by=… — recovery by round, lot, district or supplier."""

    permission = "devices.view_recoverystep"
    template = "devices/measures.html"
    title = gettext_lazy("Recovery of watches")

    def get(self, request: HttpRequest) -> HttpResponse:
        by = chosen(request)
        return self.show({**figures(by, district_of(self.staff)), "by": by, "names": NAMES})


def chosen(request: HttpRequest) -> str:
    asked = request.GET.get("by", "round")
    return asked if asked in NAMES else "round"


def figures(by: str, district: str) -> dict[str, Any]:
    """Count once a minute; the page says as of when."""
    key = f"measures:{by}:{hashlib.sha256(district.encode()).hexdigest()[:16]}"
    kept: dict[str, Any] | None = cache.get(key)
    if kept is None:
        kept = count(by, district)
        cache.set(key, kept, KEPT_SECONDS)
    return kept | drawn(by, kept["rows"])


def count(by: str, district: str) -> dict[str, Any]:
    now, today = clock.now(), clock.today()
    rows = measures.measures_by(by, today=today, district=district)
    kinds = dict(RecoveryStep.Kind.choices)
    return {
        "as_of": now,
        "rows": rows,
        "all": measures.whole(rows, ""),
        "ghosts": measures.ghosts(today=today, district=district),
        "without_case": overdue_without_case(today) if not district else 0,
        "costs": [
            (str(kinds.get(kind, kind)), number, won)
            for kind, number, won in measures.costs_by_kind(district=district)
        ],
    }


def drawn(by: str, rows: list[Measure]) -> dict[str, Any]:
    worst = sorted(rows, key=lambda row: -row.overdue)[:BARS]
    return {
        "lines": [{"row": row, "url": rows_url(by, row.name)} for row in rows],
        "overdue_chart": charts.bar_chart(
            [
                charts.Datum(row.name, row.overdue, rows_url(by, row.name, "overdue"))
                for row in worst
            ],
            title=_("Overdue watches"),
        ),
        "cost_chart": charts.bar_chart(
            [
                charts.Datum(row.name, row.cost_per_unit or 0, rows_url(by, row.name))
                for row in worst
            ],
            title=_("Cost for each recovered watch (KRW)"),
        ),
    }


def rows_url(by: str, name: str, standing: str = "all") -> str:
    filters = urlencode({"standing": standing, PATHS[by]: name})
    return f"{reverse('admin:devices_loan_changelist')}?{filters}"


class MeasuresFile(MeasuresView):
    """GET …/measures.csv — the same rows."""

    def get(self, request: HttpRequest) -> HttpResponse:
        by = chosen(request)
        rows = figures(by, district_of(self.staff))["rows"]
        lines = [council_pack.line(row) for row in rows]
        kept = write_csv(council_pack.heads(str(NAMES[by])), lines)
        answer = HttpResponse(kept, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="recovery-{by}.csv"'
        return answer


class CouncilPack(Station):
    """GET …/council-pack.zip — questions, numbers, methods, and what was withheld."""

    permission = "devices.export_device"

    def get(self, request: HttpRequest) -> HttpResponse:
        now: datetime = clock.now()
        kept = council_pack.pack(now, district=district_of(self.staff))
        digest = hashlib.sha256(kept).hexdigest()
        audit.record("exported", self.staff, by=self.staff, what="council_pack", sha256=digest)
        answer = HttpResponse(kept, content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="council-pack-{now:%Y%m%d}.zip"'
        answer["X-Content-SHA256"] = digest
        return answer

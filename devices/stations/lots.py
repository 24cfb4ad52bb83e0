"""The board of lots: contract, what came of it, and where its watches are now."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import Lot
from devices.services.lots import LotFigures, figures
from seoul_health.core import clock
from seoul_health.core.charts import Datum, bar_chart

from .base import Station
from .manifests import as_csv

WARNED = 90
LONGEST = 60


class LotsView(Station):
    """GET /staff/devices/lots/?supplier=…&model=… — every lot, the newest first."""

    permission = "devices.view_lot"
    template = "devices/lots.html"
    title = gettext_lazy("Lots and contracts")

    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = {name: request.GET.get(name, "") for name in ("supplier", "model")}
        if any(len(text) > LONGEST for text in chosen.values()):
            raise BadRequest
        every = list(Lot.objects.select_related("model").order_by("-received_on", "-pk"))
        rows = figures([lot for lot in every if fits(lot, chosen)])
        if "csv" in request.GET:
            return file_of(rows)
        kept = {name: text for name, text in chosen.items() if text}
        return self.show(
            {
                "rows": [line_of(row) for row in rows],
                "all": totals(rows),
                "chart": faults_chart(rows),
                "suppliers": sorted({lot.supplier for lot in every}),
                "models": sorted({lot.model.code for lot in every}),
                "chosen": chosen,
                "csv": urlencode({**kept, "csv": 1}),
                "as_of": clock.now(),
            }
        )


def fits(lot: Lot, chosen: dict[str, str]) -> bool:
    return chosen["supplier"] in ("", lot.supplier) and chosen["model"] in ("", lot.model.code)


def line_of(row: LotFigures) -> dict[str, Any]:
    days = row.warranty_days(clock.today())
    return {
        "row": row,
        "url": watches_of(row),
        "deliveries": f"{reverse('stations:manifests')}?{urlencode({'lot': row.lot.code})}",
        "days": days,
        "tone": "" if days is None or days > WARNED else "warn" if days >= 0 else "neutral",
    }


def totals(rows: list[LotFigures]) -> dict[str, int]:
    return {
        "entered": sum(row.entered for row in rows),
        "coming": sum(row.coming for row in rows),
        "short": sum(row.short for row in rows),
        "spent": sum(row.spent for row in rows),
        "in_stock": sum(row.shelves["in_stock"] for row in rows),
    }


def faults_chart(rows: list[LotFigures]) -> Any:
    """Draw how many watches of each lot were found faulty, the most first."""
    worst = sorted(rows, key=lambda row: -row.faulty)[:8]
    data = [Datum(row.lot.code, row.faulty, watches_of(row)) for row in worst if row.faulty]
    return bar_chart(data, title=_("Watches found faulty at an inspection, by lot"))


def watches_of(row: LotFigures) -> str:
    return f"{reverse('admin:devices_device_changelist')}?lot__id__exact={row.lot.pk}"


def file_of(rows: list[LotFigures]) -> HttpResponse:
    header = [
        _("Lot"), _("Model"), _("Supplier"), _("Contract number"), _("Unit price (KRW)"),
        _("Ordered units"), _("Entered"), _("Still to come"), _("Short"), _("In stock"),
        _("Out with citizens"), _("In house, not ready"), _("Disposed or lost"),
        _("Found faulty"), _("Price of all (KRW)"), _("Warranty until"),
    ]  # fmt: skip
    body = [
        (
            row.lot.code, row.lot.model.name, row.lot.supplier, row.lot.contract_no,
            row.lot.unit_price, "" if row.lot.ordered is None else row.lot.ordered, row.entered,
            row.coming, row.short, row.shelves["in_stock"], row.shelves["out"],
            row.shelves["in_house"], row.shelves["gone"], row.faulty, row.spent,
            row.lot.warranty_until or "",
        )
        for row in rows
    ]  # fmt: skip
    return as_csv("lots.csv", header, body)

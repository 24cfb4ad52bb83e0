"""The board of sources: who tells of stock, how late, and what could not be believed."""

import csv
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import ConsumerKey, QuarantinedReport, Site, SiteKey, StockReport, WindowStock
from devices.services.sources import Source, sources
from participants.rules.districts import DISTRICTS
from seoul_health.core import clock
from seoul_health.core.charts import Datum, Series, bar_chart, line_chart

from .base import Station

STATES = ("all", "silent", "never", "live", "aside")
WORDS: dict[str, tuple[str | Promise, str]] = {
    "live": (gettext_lazy("Reporting"), "ok"),
    "silent": (gettext_lazy("Silent"), "danger"),
    "never": (gettext_lazy("Never heard"), "neutral"),
}
PER_PAGE = 50
LAST = 40


class SourcesView(Station):
    """GET /staff/devices/sources/?state=…&district=… — every site, silent ones first."""

    permission = "devices.view_stockreport"
    template = "devices/sources.html"
    title = gettext_lazy("Sources of stock")

    def get(self, request: HttpRequest) -> HttpResponse:
        state, district = asked_for(request)
        every = sources(self.staff)
        shown = [one for one in every if fits(one, state, district)]
        if "csv" in request.GET:
            return as_csv(shown)
        page = page_of(request, shown)
        return self.show(
            {
                "rows": [{"source": one, "state": WORDS[one.word]} for one in page["rows"]],
                "page": page,
                "total": len(shown),
                "counts": {name: sum(fits(one, name, "") for one in every) for name in STATES},
                "state": state,
                "district": district,
                "districts": DISTRICTS,
                "chart": silent_chart(every),
                "why_chart": why_chart(self.staff),
                "consumers": ConsumerKey.objects.order_by("organisation")
                if request.user.has_perm("devices.view_consumerkey")
                else None,
                "as_of": clock.now(),
            }
        )


def asked_for(request: HttpRequest) -> tuple[str, str]:
    state, district = request.GET.get("state", "all"), request.GET.get("district", "")
    if state not in STATES or (district and district not in DISTRICTS):
        raise BadRequest
    return state, district


def fits(one: Source, state: str, district: str) -> bool:
    in_state = {"all": True, "aside": one.waiting > 0}.get(state, one.word == state)
    return in_state and district in ("", one.district)


def page_of(request: HttpRequest, rows: list[Source]) -> dict[str, Any]:
    text = request.GET.get("page", "1")
    last = max(1, -(-len(rows) // PER_PAGE))
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= last):
        raise BadRequest
    number = int(text)
    kept = {name: request.GET[name] for name in ("state", "district") if request.GET.get(name)}

    def link(to: int) -> str:
        return f"?{urlencode({**kept, 'page': to})}"

    return {
        "rows": rows[(number - 1) * PER_PAGE : number * PER_PAGE],
        "number": number,
        "last": last,
        "previous": link(number - 1) if number > 1 else "",
        "next": link(number + 1) if number < last else "",
    }


def silent_chart(every: list[Source]) -> Any:
    """Draw how many sites of each district are silent, the most first."""
    counts = dict.fromkeys(DISTRICTS, 0)
    for one in every:
        counts[one.district] += one.word != "live"
    worst = sorted(counts.items(), key=lambda pair: -pair[1])[:8]
    address = reverse("stations:sources")
    data = [
        Datum(
            name.removesuffix("구") if len(name) > len("중구") else name,
            count,
            f"{address}?{urlencode({'state': 'silent', 'district': name})}",
        )
        for name, count in worst
        if count
    ]
    return bar_chart(data, title=_("Silent sites by district"), unit=_("sites"))


def why_chart(user: Any) -> Any:
    """Draw why reports of the last day were put aside."""
    since = clock.now() - timedelta(days=1)
    counts: dict[str, int] = {}
    rows = QuarantinedReport.objects.visible_to(user).filter(received_at__gte=since)
    for reason in rows.values_list("reason", flat=True):
        counts[reason] = counts.get(reason, 0) + 1
    address = reverse("admin:devices_quarantinedreport_changelist")
    data = [
        Datum(str(SHORT[reason]), count, f"{address}?reason__exact={reason}")
        for reason, count in sorted(counts.items(), key=lambda pair: -pair[1])
    ]
    return bar_chart(data, title=_("Reports put aside, last 24 hours"), unit=_("reports"))


SHORT: dict[str, str | Promise] = {
    "missing": gettext_lazy("Incomplete"),
    "not_a_number": gettext_lazy("Not a number"),
    "negative": gettext_lazy("Negative"),
    "too_many": gettext_lazy("Too large"),
    "unknown_window": gettext_lazy("Counter window"),
    "unknown_model": gettext_lazy("Model"),
    "not_a_moment": gettext_lazy("Time"),
    "future": gettext_lazy("Future"),
    "too_old": gettext_lazy("Long ago"),
    "contradicts": gettext_lazy("Contradictory"),
}


def as_csv(rows: list[Source]) -> HttpResponse:
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="sources.csv"'
    table = csv.writer(answer)
    table.writerow(
        [
            _("Site"), _("Name"), _("District"), _("State"), _("Last seen"), _("Reports"),
            _("Lag p50 (s)"), _("Lag p95 (s)"), _("Put aside"), _("Waiting"),
        ]
    )  # fmt: skip
    for one in rows:
        seen = one.last_seen.astimezone(clock.KST).isoformat() if one.last_seen else ""
        table.writerow(
            [
                one.code, one.name, one.district, WORDS[one.word][0], seen, one.reports,
                one.lag_p50, one.lag_p95, one.aside, one.waiting,
            ]
        )  # fmt: skip
    return answer


class SourceView(Station):
    """GET /staff/devices/sources/{code}/ — one site: windows, keys, last reports, quarantine."""

    permission = "devices.view_stockreport"
    template = "devices/source.html"
    title = gettext_lazy("Source of stock")

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        site = get_object_or_404(Site.objects.visible_to(self.staff), code=code)
        reports = list(
            StockReport.objects.filter(window__site=site)
            .select_related("window", "model")
            .order_by("-received_at")[:LAST]
        )
        return self.show(
            {
                "title": site.name,
                "site": site,
                "words": WindowStock.objects.filter(window__site=site)
                .select_related("window", "model")
                .order_by("window__code", "model__code"),
                "reports": reports,
                "lags": lag_chart(reports),
                "aside": site.quarantined.order_by("-pk")[:LAST],
                "keys": SiteKey.objects.filter(site=site).order_by("-pk"),
                "as_of": clock.now(),
            }
        )


def lag_chart(reports: list[StockReport]) -> Any:
    """Draw how late the last reports came, oldest first."""
    rows = reports[:20][::-1]
    times = [f"{row.received_at.astimezone(clock.KST):%H:%M}" for row in rows]
    labels = [time if place % 5 == 0 else "" for place, time in enumerate(times)]
    seconds = tuple(round((row.received_at - row.observed_at).total_seconds()) for row in rows)
    return line_chart(
        labels, [Series(_("Late by (s)"), seconds)], title=_("Lag of the last reports")
    )

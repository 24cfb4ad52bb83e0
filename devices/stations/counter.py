"""The counter page: a site's clerk says what each window has, in one step."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache

from devices.models import Site, StockFeed, WindowStock
from devices.services.stock_reports import take_report
from seoul_health.core import clock
from seoul_health.core.admin.base import staff_of
from seoul_health.core.errors import DomainError, Malformed

from .base import Station

PERMISSION = "devices.report_site"


class CounterView(Station):
    """GET /staff/devices/counter/?site=… — the windows of one's site with what they said last."""

    permission = PERMISSION
    template = "devices/counter.html"
    title = gettext_lazy("Stock at the counter")

    def get(self, request: HttpRequest) -> HttpResponse:
        sites = Site.objects.visible_to(self.staff).public().order_by("district", "name")
        code = request.GET.get("site", "")
        chosen = sites.filter(code=code).first() if code else None
        if chosen is None and not code and len(sites[:2]) == 1:
            chosen = sites.first()
        return self.show(
            {
                "sites": sites,
                "site": chosen,
                "unknown": bool(code) and chosen is None,
                "windows": windows_of(chosen) if chosen else [],
                "as_of": clock.now(),
            },
            status=404 if code and chosen is None else 200,
        )


def windows_of(site: Site) -> list[dict[str, Any]]:
    """Give each window in use with its models and their last word."""
    feeds = list(StockFeed.objects.select_related("model").order_by("pk"))
    words = {
        (word.window_id, word.model_id): word
        for word in WindowStock.objects.filter(window__site=site)
    }
    return [
        {
            "window": window,
            "rows": [
                {"model": feed.model, "word": words.get((window.pk, feed.model_id))}
                for feed in feeds
            ],
        }
        for window in site.windows.filter(is_active=True).order_by("code")
    ]


class CounterReport(View):
    """POST /staff/devices/counter/report/ — one row, as soon as the clerk leaves the field."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:
        if not request.user.is_authenticated:
            return problem("signed_out", _("Please sign in again."), 401)
        if not request.user.has_perm(PERMISSION):
            return problem("forbidden", _("You may not do this."), 403)
        try:
            return self.take(request)
        except Malformed as refusal:
            return problem(refusal.code, str(refusal), 400)
        except DomainError as refusal:
            return problem(refusal.code, str(refusal), 422)

    def take(self, request: HttpRequest) -> JsonResponse:
        told = body_of(request)
        staff = staff_of(request)
        code = told.get("site")
        site = Site.objects.visible_to(staff).public().filter(code=code).first()
        if site is None:
            return problem("not_found", _("This is not one of your sites."), 404)
        report, is_new = take_report(site, told, by=staff)
        return JsonResponse(
            {"quantity": report.quantity, "observed_at": report.observed_at, "is_new": is_new},
            status=201 if is_new else 200,
        )


report = never_cache(CounterReport.as_view())


def problem(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"code": code, "message": message}, status=status)


def body_of(request: HttpRequest) -> dict[str, Any]:
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError) as fault:
        raise Malformed from fault
    is_plain = isinstance(told, dict) and isinstance(told.get("site"), str)
    if not is_plain or "\0" in told["site"] or not isinstance(told.get("stopped", False), bool):
        raise Malformed
    return {name: without_nul(value) for name, value in told.items()}


def without_nul(value: Any) -> Any:
    """A letter the database cannot keep makes the whole row unreadable."""
    if isinstance(value, str) and (not value.isprintable() or len(value) > 200):
        raise Malformed
    return value

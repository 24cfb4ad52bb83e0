from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from seoul_health import menu

ENVIRONMENTS: Mapping[str, tuple[Any, str]] = {
    "development": (_("Development"), "warn"),
    "test": (_("Test"), "info"),
}


class StaffSite(AdminSite):
    """The staff admin: one frame, a sidebar by job, an index of what waits."""

    site_header = _("Wrist Doctor back office")
    site_title = _("Wrist Doctor back office")
    index_title = _("What waits for you")
    enable_nav_sidebar = False
    empty_value_display = "–"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add what base_staff.html needs; other staff screens ask for the same context."""
        context = super().each_context(request)
        registered = context["available_apps"]
        return {**context, **frame(request, registered, seen=bool(context["has_permission"]))}

    def panels(self, request: HttpRequest) -> dict[str, Any]:
        """Give the index its queues, charts and jobs; the site that knows the apps overrides."""
        return {"queues": [], "charts": [], "jobs": []}

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().index(request, {**self.panels(request), **(extra_context or {})})

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The sidebar lists by job, so an app has no page of its own."""
        return HttpResponseRedirect(reverse("admin:index", current_app=self.name))


def frame(request: HttpRequest, registered: Any, *, seen: bool) -> dict[str, Any]:
    label, tone = ENVIRONMENTS.get(settings.MODE, ("", ""))
    return {
        "staff_menu": menu.build(request, registered) if seen else [],
        "environment": {"label": label, "tone": tone} if label else None,
        "search_url": address("search"),
        "is_sidebar_narrow": request.COOKIES.get("sidebar") == "narrow",
    }


def address(url_name: str) -> str:
    """Give a page's address, or nothing while that page does not exist."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""

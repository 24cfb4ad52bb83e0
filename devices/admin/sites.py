"""Sites with their windows, hours and special days."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from devices.admin.site_files import ArrivingSites
from devices.admin.stock import RegisterAdmin
from devices.models import OpeningHours, Site, SpecialDay, Window
from seoul_health.core.admin.exchange import ExchangeMixin


class PartOfSite:
    """Rows of a site are kept with it, by whoever may change the site."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("devices.view_site")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("devices.change_site")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("devices.change_site")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("devices.change_site")


class WindowInline(PartOfSite, admin.TabularInline[Window, Site]):
    model = Window
    fields = ("code", "name", "is_active")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A window keeps its reports: it goes out of use instead."""
        return False


class HoursInline(PartOfSite, admin.TabularInline[OpeningHours, Site]):
    model = OpeningHours
    fields = ("day", "opens", "closes")
    ordering = ("day",)


class SpecialDayInline(PartOfSite, admin.TabularInline[SpecialDay, Site]):
    model = SpecialDay
    fields = ("on", "opens", "closes", "note")
    ordering = ("-on",)


@admin.register(Site)
class SiteAdmin(ExchangeMixin, RegisterAdmin[Site]):
    list_display = ("code", "name", "kind", "district", "address", "phone", "is_active")
    list_filter = ("kind", "is_active", "district")
    search_fields = ("code__startswith", "name__startswith")
    fields = (
        "code", "name", "kind", "district", "address", "phone", "lat", "lng", "is_active",
    )  # fmt: skip
    inlines = (WindowInline, HoursInline, SpecialDayInline)

    def get_import_resource_classes(self, request: HttpRequest) -> list[Any]:
        return [ArrivingSites]

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Places are public: the feed is their export."""
        return False

from typing import Any

from django.http import HttpRequest

from seoul_health.admin_site import StaffSite as ThemedSite

from . import panels


class StaffSite(ThemedSite):
    """The staff admin with the programme's own index: what waits for whoever looks."""

    def panels(self, request: HttpRequest) -> dict[str, Any]:
        return panels.of(request)

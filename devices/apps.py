from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DevicesConfig(AppConfig):
    name = "devices"
    verbose_name = _("Watches")

    def ready(self) -> None:
        from devices import receivers  # noqa: F401
        from devices.api import schema  # noqa: F401

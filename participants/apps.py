from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParticipantsConfig(AppConfig):
    name = "participants"
    verbose_name = _("Recruitment")

    def ready(self) -> None:
        from participants.api import schema  # noqa: F401

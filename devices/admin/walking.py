"""What arrived from phones and watches, and the days it made: to be read, never typed into."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from devices.models import DaySteps, SyncReceipt
from devices.rules.reasons import sentence
from devices.services.walking import items_of
from seoul_health.core.admin.base import ReadOnlyAdmin


@admin.register(SyncReceipt)
class SyncReceiptAdmin(ReadOnlyAdmin[SyncReceipt]):
    """Uploads as they came; the outcome of each item says why it counts or does not."""

    list_display = ("receipt_no", "participant", "received_at", "source", "app_version", "dates")
    list_filter = ("source",)
    list_select_related = ("participant",)
    search_fields = ("receipt_no__exact", "participant__number__exact")
    search_help_text = _("Receipt number or participant number")
    fields = (
        "receipt_no", "participant", "received_at", "source", "app_version", "os", "device_model",
        "batch_id", "dates", "outcomes", "payload",
    )  # fmt: skip
    readonly_fields = ("dates", "outcomes")

    def subjects_of(self, rows: Iterable[SyncReceipt]) -> list[str]:
        return [row.participant.number for row in rows]

    @admin.display(description=_("Days"))
    def dates(self, row: SyncReceipt) -> str:
        return ", ".join(str(day) for day in row.days) or "–"

    @admin.display(description=_("What became of the records"))
    def outcomes(self, row: SyncReceipt) -> str:
        counted = Counter(sentence(item) for item in items_of(row))
        lines = format_html_join("", "<li>{}: {}</li>", ((text, n) for text, n in counted.items()))
        return format_html("<ul>{}</ul>", lines)


@admin.register(DaySteps)
class DayStepsAdmin(ReadOnlyAdmin[DaySteps]):
    """Days as each source saw them; a day counts the larger source of every hour."""

    list_display = ("activity_date", "participant", "source", "steps", "last_received_at")
    list_filter = ("source",)
    list_select_related = ("participant",)
    search_fields = ("participant__number__exact",)
    search_help_text = _("Participant number")
    fields = (
        "participant", "activity_date", "source", "steps", "by_hour", "first_received_at",
        "last_received_at",
    )  # fmt: skip
    readonly_fields = ("by_hour",)

    def subjects_of(self, rows: Iterable[DaySteps]) -> list[str]:
        return [row.participant.number for row in rows]

    @admin.display(description=_("By hour"))
    def by_hour(self, row: DaySteps) -> str:
        walked: list[tuple[Any, ...]] = [
            (hour, f"{steps:,}") for hour, steps in enumerate(row.hours) if steps
        ]
        shape = "<li>{:02d}:00 – {}</li>"
        return format_html("<ul>{}</ul>", format_html_join("", shape, walked))

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from participants.models import Notification
from participants.services import wording
from seoul_health.core import masking
from seoul_health.core.admin.base import ReadOnlyAdmin

REASONS = {
    "no_app": _("The app is not installed"),
    "blocked": _("The person blocks our messages"),
    "wrong_number": _("The number does not exist"),
    "unknown_address": _("Nobody lives at the address"),
    "no_receipt": _("No receipt came in time"),
    "expired": _("Too old to be worth sending"),
    "opted_out": _("The person has turned this off"),
    "left": _("The person has left the programme"),
    "no_profile": _("There is no profile to read the name and phone from"),
    "stopped": _("The bulk send was given up"),
}


def reason_in_words(reason: str) -> str:
    return str(REASONS.get(reason, reason)) or "–"


class ReasonFilter(admin.SimpleListFilter):
    """Why messages did not arrive; the table is not asked which reasons there are."""

    title = _("Reason")
    parameter_name = "reason"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        return list(REASONS.items())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Notification]
    ) -> QuerySet[Notification]:
        return queryset.filter(reason=self.value()) if self.value() else queryset


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin[Notification]):
    """Every message to everybody, masked; a participant number finds a person's."""

    list_display = (
        "participant", "template", "category", "channel", "status", "why", "planned_at", "sent_at",
        "finished_at",
    )  # fmt: skip
    list_filter = ("status", "category", ReasonFilter)
    list_select_related = ("participant", "template")
    search_fields = ("participant__number__exact",)
    search_help_text = _("Whole participant number")
    change_form_template = "admin/messages/notification.html"
    fields = (
        "public_id", "participant", "template", "bulk", "category", "legal", "status", "why",
        "channel", "planned_at", "next_at", "expires_at", "sent_at", "finished_at",
    )  # fmt: skip
    readonly_fields = ("public_id", "why")

    def subjects_of(self, rows: Iterable[Notification]) -> list[str]:
        return [row.participant.number for row in rows]

    def get_object(self, request: HttpRequest, *args: Any) -> Notification | None:
        found = super().get_object(request, *args)
        if found is not None:
            found.shown = self.words(found)  # type: ignore[attr-defined]  # for the template
        return found

    @admin.display(description=_("Reason"))
    def why(self, row: Notification) -> str:
        return reason_in_words(row.reason)

    def words(self, row: Notification) -> dict[str, str]:
        """Show what is said on every channel of the ladder, to a masked name."""
        profile = getattr(row.participant, "profile", None)
        name = masking.mask_name(str(profile.name)) if profile else "–"
        shown = {**row.values, **({"link": "…"} if "link" in row.values else {})}
        return wording.sample_of(row.template, shown, name=name)

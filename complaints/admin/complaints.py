from collections.abc import Iterable

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, Contact
from participants.admin.people import whole_story
from seoul_health.core.admin.base import ReadOnlyAdmin


@admin.register(Complaint)
class ComplaintAdmin(ReadOnlyAdmin[Complaint]):
    """Every complaint in due order; the work itself is done at the desk."""

    list_display = ("receipt_no", "status", "kind", "category", "channel", "due_at", "handler")
    list_filter = ("status", "kind", "channel", "category")
    list_select_related = ("category", "handler", "participant")
    search_fields = ("receipt_no__exact", "participant__number__exact")
    search_help_text = "C-2611-……, P-……"
    keyset = "due_at"
    fields = (
        "receipt_no", "status", "kind", "published_days", "category", "channel", "participant",
        "title", "text", "about_date", "loan", "transfer", "arrived_at", "received_at", "due_at",
        "article", "handler", "answered_at", "reopened_at", "reopen_count", "satisfaction",
        "warned", "person_page",
    )  # fmt: skip

    @admin.display(description=_("Everything on one page"))
    def person_page(self, row: Complaint) -> str:
        return whole_story(row.participant) if row.participant else "–"

    def subjects_of(self, rows: Iterable[Complaint]) -> list[str]:
        return [row.participant.number for row in rows if row.participant]


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin[Contact]):
    list_display = ("id", "channel", "participant", "agent", "opened_at", "closed_at", "complaint")
    list_filter = ("channel",)
    list_select_related = ("participant", "agent", "complaint")
    search_fields = ("participant__number__exact",)
    fields = (
        "channel", "participant", "agent", "opened_at", "closed_at", "summary", "complaint",
    )  # fmt: skip

    def subjects_of(self, rows: Iterable[Contact]) -> list[str]:
        return [row.participant.number for row in rows if row.participant]

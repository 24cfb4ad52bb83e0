from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from points.models import EarningCap, EarningRule
from seoul_health.core.admin.base import ReadOnlyAdmin

from .drafts import DraftLines


class CapInline(DraftLines[EarningCap, EarningRule]):
    parent = "earningrule"
    model = EarningCap
    extra = 0
    fields = ("group", "items", "amount", "period")

    def may_edit(self, request: object, obj: object) -> bool:
        return False


@admin.register(EarningRule)
class EarningRuleAdmin(ReadOnlyAdmin[EarningRule]):
    """Rules by date, to be looked up; they are drafted, simulated and released on their pages."""

    keyset = "-effective_from"
    list_display = (
        "code", "status", "effective_from", "effective_to", "goal", "senior_goal", "daily_points",
        "weekly_points", "page",
    )  # fmt: skip
    list_filter = ("status",)
    fields = (
        "code", "status", "effective_from", "effective_to", "goal", "senior_goal",
        "daily_points", "weekly_points", "weekly_days", "weekly_needs_weekend", "drafted_by",
        "released_by", "released_at", "page",
    )  # fmt: skip
    readonly_fields = ("page",)
    inlines = (CapInline,)

    @admin.display(description=_("Page"))
    def page(self, row: EarningRule) -> SafeString:
        url = reverse("boards:rule", args=[row.code])
        return format_html('<a href="{}">{}</a>', url, _("Open its page"))

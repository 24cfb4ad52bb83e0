from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from points.models import ActivityRate, Campaign, PartnerEvent
from points.services.activities import release_rate
from points.services.campaigns import close_campaign, release_campaign
from seoul_health.core import audit
from seoul_health.core.admin.base import BigListAdmin, ReadOnlyAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action


class WhyForm(forms.Form):
    why = forms.CharField(label=_("Reason"), max_length=200)


@admin.register(Campaign)
class CampaignAdmin(BigListAdmin[Campaign]):
    """Campaigns. One person drafts, another releases; what was promised is not edited."""

    keyset = "-starts_on"
    list_display = (
        "code", "name_ko", "status", "starts_on", "ends_on", "kind", "points", "places", "budget",
        "page",
    )  # fmt: skip
    list_filter = ("status", "kind")
    fields = (
        "code", "name_ko", "name_en", "status", "starts_on", "ends_on", "kind", "steps", "days",
        "item", "points", "places", "budget", "requested_by", "decided_by", "decided_at",
        "closed_at", "page",
    )  # fmt: skip
    readonly_fields = ("status", "requested_by", "decided_by", "decided_at", "closed_at", "page")

    @admin.display(description=_("Page"))
    def page(self, row: Campaign) -> SafeString | str:
        if not row.code:
            return "–"
        url = reverse("boards:campaign", args=[row.code])
        return format_html('<a href="{}">{}</a>', url, _("Open its page"))

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.status == Campaign.Status.DRAFT)

    def save_model(
        self, request: HttpRequest, obj: Campaign, form: ModelForm[Campaign], change: bool
    ) -> None:
        obj.requested_by = staff_of(request)  # Whoever writes last has drafted it.
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "drafted"
        audit.record(verb, obj, by=staff_of(request), fields=form.changed_data)

    @row_action(
        _("Release"),
        permission="points.release_campaign",
        to=Campaign.Status.RELEASED,
        confirm=_("The places are opened and what they cost is set aside."),
    )
    def release(self, request: HttpRequest, row: Campaign) -> None:
        release_campaign(row, by=staff_of(request))

    @row_action(
        _("Close"),
        permission="points.close_campaign",
        to=Campaign.Status.CLOSED,
        form=WhyForm,
        confirm=_("Nobody gets a place any more; what was not spent goes back to the fund."),
        danger=True,
    )
    def close(self, request: HttpRequest, row: Campaign, **given: Any) -> None:
        close_campaign(row, by=staff_of(request), why=given["why"])


@admin.register(ActivityRate)
class ActivityRateAdmin(BigListAdmin[ActivityRate]):
    """What activities earn from which day on; zero ends an activity."""

    keyset = "-effective_from"
    list_display = ("item", "effective_from", "points", "how_often", "status", "released_at")
    list_filter = ("status", "item")
    fields = (
        "item", "effective_from", "points", "how_often", "status", "drafted_by", "released_by",
        "released_at",
    )  # fmt: skip
    readonly_fields = ("status", "drafted_by", "released_by", "released_at")

    def has_change_permission(self, request: HttpRequest, obj: ActivityRate | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.status == ActivityRate.Status.DRAFT)

    def save_model(
        self, request: HttpRequest, obj: ActivityRate, form: ModelForm[ActivityRate], change: bool
    ) -> None:
        obj.drafted_by = staff_of(request)
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "drafted"
        audit.record(verb, obj, by=staff_of(request), fields=form.changed_data)

    @row_action(
        _("Release"),
        permission="points.release_activityrate",
        to=ActivityRate.Status.RELEASED,
        confirm=_("From its first day on, the activity earns this."),
    )
    def release(self, request: HttpRequest, row: ActivityRate) -> None:
        release_rate(row, by=staff_of(request))


@admin.register(PartnerEvent)
class PartnerEventAdmin(ReadOnlyAdmin[PartnerEvent]):
    """What partners told, and what became of it."""

    keyset = "-received_at"
    list_display = (
        "received_at", "partner", "kind", "event_id", "outcome", "reason", "item",
        "activity_date", "points", "participant",
    )  # fmt: skip
    list_filter = ("partner", "kind", "outcome")
    list_select_related = ("participant",)
    fields = list_display

    def subjects_of(self, rows: Iterable[PartnerEvent]) -> list[str]:
        return [row.participant.number for row in rows if row.participant]

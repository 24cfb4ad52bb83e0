from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from participants.models import EligibilityRule, Lane, Quota, RecruitmentRound
from participants.services import rounds, selection
from seoul_health.core.admin.base import BigListAdmin, ReadOnlyAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action

Status = RecruitmentRound.Status


class FrozenOnceAnnounced:
    """What citizens were told may not change under them."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)  # type: ignore[misc]
        frozen = isinstance(obj, RecruitmentRound) and obj.status != Status.DRAFT
        return allowed and not frozen

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        frozen = isinstance(obj, RecruitmentRound) and obj.status != Status.DRAFT
        allowed: bool = request.user.has_perm("participants.add_recruitmentround")
        return allowed and not frozen

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LaneInline(FrozenOnceAnnounced, admin.TabularInline[Lane, RecruitmentRound]):
    model = Lane
    extra = 0
    fields = ("kind", "method", "opens_at", "closes_at")


class RuleInline(FrozenOnceAnnounced, admin.TabularInline[EligibilityRule, RecruitmentRound]):
    model = EligibilityRule
    extra = 0
    fields = ("version", "effective_from", "reference_date", "min_age", "max_age", "bases")


@admin.register(RecruitmentRound)
class RecruitmentRoundAdmin(FrozenOnceAnnounced, BigListAdmin[RecruitmentRound]):
    list_display = ("code", "name", "status", "starts_on", "ends_on")
    list_filter = ("status",)
    search_fields = ("code__startswith",)
    fields = ("code", "name", "status", "starts_on", "ends_on", "announced_at")
    readonly_fields = ("status", "announced_at")
    inlines = (LaneInline, RuleInline)

    @row_action(
        _("Announce the round"),
        permission="participants.change_recruitmentround",
        to=Status.ANNOUNCED,
        confirm=_("Lanes, quotas and rules cannot be changed afterwards."),
    )
    def announce(self, request: HttpRequest, row: RecruitmentRound) -> None:
        rounds.announce(row, by=staff_of(request))

    @row_action(
        _("Open the round"),
        permission="participants.change_recruitmentround",
        to=Status.OPEN,
        confirm=_("Citizens can apply from the first moment of each lane's window."),
    )
    def open(self, request: HttpRequest, row: RecruitmentRound) -> None:
        rounds.open_round(row, by=staff_of(request))

    @row_action(
        _("Close the round"),
        permission="participants.change_recruitmentround",
        to=Status.CLOSED,
        confirm=_("Nobody can apply to this round any more."),
        danger=True,
    )
    def close(self, request: HttpRequest, row: RecruitmentRound) -> None:
        rounds.close_round(row, by=staff_of(request))


class QuotaInline(admin.TabularInline[Quota, Lane]):
    model = Quota
    extra = 0
    fields = ("code", "group", "value", "seats", "spill_order")

    def may_edit(self, request: HttpRequest, obj: Lane | None) -> bool:
        allowed = request.user.has_perm("participants.change_quota")
        return allowed and (obj is None or obj.round.status == Status.DRAFT)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_edit(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_edit(request, obj)


@admin.register(Lane)
class LaneAdmin(BigListAdmin[Lane]):
    list_display = ("round", "kind", "method", "opens_at", "closes_at")
    list_filter = ("kind", "method")
    list_select_related = ("round",)
    search_fields = ("round__code__startswith",)
    fields = ("round", "kind", "method", "opens_at", "closes_at")
    inlines = (QuotaInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Lane | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.round.status == Status.DRAFT)

    @row_action(_("Select now"), permission="participants.select_application")
    def select_now(self, request: HttpRequest, row: Lane) -> None:
        selection.select_lane(row, by=staff_of(request))


@admin.register(Quota)
class QuotaAdmin(ReadOnlyAdmin[Quota]):
    list_display = ("code", "lane", "group", "value", "seats", "spill_order")
    list_filter = ("group",)
    list_select_related = ("lane",)


@admin.register(EligibilityRule)
class EligibilityRuleAdmin(ReadOnlyAdmin[EligibilityRule]):
    list_display = ("round", "version", "effective_from", "min_age", "max_age", "bases")
    list_select_related = ("round",)

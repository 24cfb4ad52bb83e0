from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from points.models import EarningCap, EarningRule
from points.services.rulebook import release_rule
from seoul_health.core import audit
from seoul_health.core.admin.base import BigListAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action

from .drafts import DraftLines

Status = EarningRule.Status


class CapInline(DraftLines[EarningCap, EarningRule]):
    parent = "earningrule"
    model = EarningCap
    extra = 0
    fields = ("group", "items", "amount", "period")


@admin.register(EarningRule)
class EarningRuleAdmin(BigListAdmin[EarningRule]):
    """Rules by date. One person drafts, another releases; a released rule is not edited."""

    keyset = "-effective_from"
    list_display = (
        "code", "status", "effective_from", "effective_to", "goal", "senior_goal", "daily_points",
        "weekly_points",
    )  # fmt: skip
    list_filter = ("status",)
    fields = (
        "code", "status", "effective_from", "effective_to", "goal", "senior_goal",
        "daily_points", "weekly_points", "weekly_days", "weekly_needs_weekend", "drafted_by",
        "released_by", "released_at",
    )  # fmt: skip
    readonly_fields = ("status", "effective_to", "drafted_by", "released_by", "released_at")
    inlines = (CapInline,)

    def has_change_permission(self, request: HttpRequest, obj: EarningRule | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.status == Status.DRAFT)

    def save_model(
        self,
        request: HttpRequest,
        obj: EarningRule,
        form: ModelForm[EarningRule],
        change: bool,
    ) -> None:
        if not change:
            obj.drafted_by = staff_of(request)
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "drafted"
        audit.record(verb, obj, by=staff_of(request), fields=form.changed_data)

    @row_action(
        _("Release"),
        permission="points.release_earningrule",
        to=Status.RELEASED,
        confirm=_("From its first day on, everybody earns by this rule."),
    )
    def release(self, request: HttpRequest, row: EarningRule) -> None:
        release_rule(row, by=staff_of(request))

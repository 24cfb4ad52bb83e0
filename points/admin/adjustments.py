from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from points.models import Adjustment
from points.services.adjustments import (
    approve_adjustment,
    decline_adjustment,
    request_adjustment,
)
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.list_runs import ListRun
from seoul_health.core.admin.row_actions import row_action

Status = Adjustment.Status
MOST = 1_000_000


class AdjustmentForm(forms.Form):
    participant = forms.ModelChoiceField(
        label=_("Participant number"),
        queryset=Participant.objects.all(),
        to_field_name="number",
        widget=forms.TextInput,
    )
    amount = forms.IntegerField(
        label=_("Points"),
        min_value=-MOST,
        max_value=MOST,
        help_text=_("Below zero, points are taken from the purse."),
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=Adjustment.Reason.choices)
    case = forms.CharField(label=_("Case"), max_length=40)
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea)

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(_("An adjustment moves at least one point."))
        return amount


class DeclineForm(forms.Form):
    why = forms.CharField(label=_("Reason"), max_length=200, widget=forms.Textarea)


@admin.register(Adjustment)
class AdjustmentAdmin(ListRun[Adjustment], ReadOnlyAdmin[Adjustment]):
    """Points given or taken by hand: one person asks, another approves."""

    run_label = _("Ask for an adjustment")
    run_permission = "points.add_adjustment"
    run_confirm = _("Another person must approve it before any points move.")
    run_started = _("The adjustment waits for its approval.")
    run_form = AdjustmentForm
    list_display = (
        "requested_at", "participant", "amount", "reason", "case", "status", "requested_by",
        "decided_by",
    )  # fmt: skip
    list_filter = ("status", "reason")
    list_select_related = ("participant", "requested_by", "decided_by")
    search_fields = ("participant__number", "case")
    search_help_text = "P-2611-0000001"
    fields = (
        "participant", "amount", "reason", "case", "note", "status", "requested_by",
        "requested_at", "decided_by", "decided_at", "transfer",
    )  # fmt: skip

    def subjects_of(self, rows: Iterable[Adjustment]) -> list[str]:
        return [row.participant.number for row in rows]

    def start_run(self, request: HttpRequest, **values: Any) -> None:
        request_adjustment(values.pop("participant"), **values, by=staff_of(request))

    @row_action(
        _("Approve"),
        permission="points.approve_adjustment",
        to=Status.APPROVED,
        confirm=_("The points move at once and can only be moved back by another adjustment."),
    )
    def approve(self, request: HttpRequest, row: Adjustment) -> None:
        approve_adjustment(row, by=staff_of(request))

    @row_action(
        _("Decline"), permission="points.approve_adjustment", to=Status.DECLINED, form=DeclineForm
    )
    def decline(self, request: HttpRequest, row: Adjustment, why: str) -> None:
        decline_adjustment(row, why=why, by=staff_of(request))

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from participants.models import Participation
from participants.services import participations
from seoul_health.core.admin.base import staff_of
from seoul_health.core.admin.row_actions import row_action

from .people import PersonsRowAdmin

Status = Participation.Status


class WhyForm(forms.Form):
    why = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class BreakForm(WhyForm):
    until = forms.DateField(
        label=_("Last day of the break"),
        help_text=_("Leave it empty while nobody knows when it ends."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


@admin.register(Participation)
class ParticipationAdmin(PersonsRowAdmin):
    """Who takes part in which round. Days of a break count as before; only the seat is kept."""

    list_display = ("participant", "round", "status", "basis", "starts_on", "ends_on")
    list_filter = ("status", "basis")
    list_select_related = ("participant", "round")
    search_fields = ("participant__number__exact",)
    search_help_text = "P-2611-0000001"
    fields = (
        "participant", "round", "status", "basis", "needs_watch", "application", "starts_on",
        "ends_on", "suspended_until", "ended_at", "person_page",
    )  # fmt: skip

    @row_action(
        _("Suspend"),
        permission="participants.manage_participation",
        to=Status.SUSPENDED,
        form=BreakForm,
    )
    def suspend(self, request: HttpRequest, row: Participation, **values: Any) -> None:
        participations.suspend(row, by=staff_of(request), **values)

    @row_action(
        _("Resume"),
        permission="participants.manage_participation",
        to=Status.ACTIVE,
        form=WhyForm,
    )
    def resume(self, request: HttpRequest, row: Participation, **values: Any) -> None:
        participations.resume(row, by=staff_of(request), **values)

    @row_action(
        _("Complete"),
        permission="participants.manage_participation",
        to=Status.COMPLETED,
        form=WhyForm,
    )
    def complete(self, request: HttpRequest, row: Participation, **values: Any) -> None:
        participations.complete(row, by=staff_of(request), **values)

    @row_action(
        _("End early"),
        permission="participants.manage_participation",
        to=Status.WITHDRAWN,
        form=WhyForm,
        danger=True,
    )
    def withdraw(self, request: HttpRequest, row: Participation, **values: Any) -> None:
        participations.withdraw(row, by=staff_of(request), **values)

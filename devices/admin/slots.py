from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from devices.admin.forms import ReasonForm
from devices.admin.stock import RegisterAdmin
from devices.models import (
    NoShowRule,
    PriorityRule,
    Reservation,
    Resource,
    Slot,
    SlotPlan,
    Waiting,
)
from devices.models.slots import WEEKDAYS
from devices.services import reservations
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action

MANAGE = "devices.manage_reservation"


@admin.register(Resource)
class ResourceAdmin(RegisterAdmin[Resource]):
    list_display = ("name", "site", "kind", "capacity", "is_active")
    list_select_related = ("site",)
    list_filter = ("kind", "is_active")
    search_fields = ("name__startswith", "site__code__exact")
    fields = ("site", "kind", "name", "capacity", "is_active")


class InForce(RegisterAdmin[Any]):
    """Rules of a day: a new day is a new row, and only the end of the old one is set."""

    may_end: ClassVar[tuple[str, ...]] = ("effective_to",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return tuple(str(name) for name in self.fields or () if name not in self.may_end)


class SlotPlanForm(forms.ModelForm[SlotPlan]):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    opens_on = SimpleArrayField(
        forms.IntegerField(min_value=1, max_value=28),
        label=_("Opens for booking on the days"),
        help_text=_("Days of the month from 1 to 28, for example 1, 16."),
        min_length=1,
        max_length=8,
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        began, over = values.get("break_from"), values.get("break_to")
        if (began is None) != (over is None) or (began and over and over <= began):
            self.add_error("break_to", _("A break needs a beginning and a later end."))
        first, last = values.get("starts_at"), values.get("ends_at")
        if first and last and last <= first:
            self.add_error("ends_at", _("It must close after it has opened."))
        return values


@admin.register(SlotPlan)
class SlotPlanAdmin(InForce):
    form = SlotPlanForm
    list_display = ("resource", "effective_from", "effective_to", "starts_at", "ends_at", "minutes")
    list_select_related = ("resource",)
    search_fields = ("resource__name__startswith", "resource__site__code__exact")
    fields = (
        "resource",
        "effective_from",
        "effective_to",
        "weekdays",
        "starts_at",
        "ends_at",
        "break_from",
        "break_to",
        "minutes",
        "opens_on",
        "opens_at",
        "last_call_minutes",
        "waiting_limit",
    )


@admin.register(PriorityRule)
class PriorityRuleAdmin(InForce):
    list_display = ("kind", "value", "points", "effective_from", "effective_to")
    fields = ("kind", "value", "points", "effective_from", "effective_to")


@admin.register(NoShowRule)
class NoShowRuleAdmin(InForce):
    may_end = ()
    list_display = ("effective_from", "count", "within_days", "pause_days")
    fields = ("effective_from", "count", "within_days", "pause_days")


@admin.register(Slot)
class SlotAdmin(ReadOnlyAdmin[Slot]):
    list_display = ("resource", "starts_at", "ends_at", "opens_at", "capacity", "taken", "waiting")
    list_select_related = ("resource",)
    search_fields = ("resource__site__code__exact",)
    search_help_text = _("Code of a site")
    fields = (
        "resource",
        "starts_at",
        "ends_at",
        "opens_at",
        "capacity",
        "taken",
        "waiting",
        "closed_at",
        "closed_because",
    )


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin[Reservation]):
    list_display = ("id", "participant", "resource", "starts_at", "status", "booked_at", "came_at")
    list_select_related = ("participant", "resource", "slot")
    list_filter = ("status",)
    search_fields = ("participant__number__exact",)
    search_help_text = _("Participant number")
    fields = (
        "participant",
        "resource",
        "starts_at",
        "status",
        "booked_at",
        "booked_by",
        "came_at",
        "ended_at",
        "reminded_at",
    )

    @admin.display(description=_("Time"))
    def starts_at(self, row: Reservation) -> Any:
        return row.slot.starts_at

    def subjects_of(self, rows: Iterable[Reservation]) -> list[str]:
        return [row.participant.number for row in rows]

    @row_action(_("Excuse"), permission=MANAGE, to=Reservation.Status.EXCUSED, form=ReasonForm)
    def excuse(self, request: HttpRequest, row: Reservation, why: str) -> None:
        reservations.excuse(row, why=why, by=staff_of(request))


@admin.register(Waiting)
class WaitingAdmin(ReadOnlyAdmin[Waiting]):
    list_display = ("id", "participant", "slot", "status", "score", "asked_at")
    list_select_related = ("participant", "slot")
    list_filter = ("status",)
    search_fields = ("participant__number__exact",)
    search_help_text = _("Participant number")
    fields = ("participant", "slot", "status", "score", "score_parts", "asked_at", "ended_at")

    def subjects_of(self, rows: Iterable[Waiting]) -> list[str]:
        return [row.participant.number for row in rows]

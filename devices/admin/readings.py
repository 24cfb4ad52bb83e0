from collections.abc import Iterable

from django import forms
from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from devices.admin.slots import InForce
from devices.admin.stock import RegisterAdmin
from devices.models import Instrument, Reading, RiskAlert, Threshold
from devices.services import readings
from seoul_health.core import clock
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action
from seoul_health.core.templatetags.ui import chip, kst


class CalibrationForm(forms.Form):
    done_on = forms.DateField(label=_("Calibrated on"), widget=forms.DateInput({"type": "date"}))
    valid_until = forms.DateField(label=_("Good until"), widget=forms.DateInput({"type": "date"}))
    certificate_no = forms.CharField(label=_("Certificate number"), max_length=40)

    def clean(self) -> None:
        values = super().clean() or self.cleaned_data
        first, last = values.get("done_on"), values.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("It cannot end before it was done."))
        if first and first > clock.today():
            self.add_error("done_on", _("This day is still to come."))


@admin.register(Instrument)
class InstrumentAdmin(RegisterAdmin[Instrument]):
    list_display = ("serial", "name", "kind", "site", "good_until", "retired_on")
    list_select_related = ("site",)
    list_filter = ("kind",)
    search_fields = ("serial__startswith", "site__code__exact")
    fields = ("serial", "site", "kind", "name", "retired_on")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Instrument]:
        return super().get_queryset(request).annotate(until=Max("calibrations__valid_until"))

    @admin.display(description=_("Calibrated until"))
    def good_until(self, row: Instrument) -> SafeString:
        until = getattr(row, "until", None)
        if until is None:
            return chip(gettext("Never calibrated"), "danger")
        if until < clock.today():
            return format_html("{} {}", kst(until), chip(gettext("Run out"), "danger"))
        return format_html("{}", kst(until))

    @row_action(_("Record calibration"), permission="devices.calibrate_instrument",
                form=CalibrationForm)  # fmt: skip
    def calibrate(self, request: HttpRequest, row: Instrument, **values: object) -> None:
        readings.calibrate(row, by=staff_of(request), **values)  # type: ignore[arg-type]


@admin.register(Threshold)
class ThresholdAdmin(InForce):
    list_display = ("kind", "side", "value", "level", "message", "call_within_hours", "source")
    list_filter = ("kind", "level")
    fields = (
        "kind",
        "side",
        "value",
        "level",
        "sex",
        "age_from",
        "age_to",
        "message",
        "call_within_hours",
        "template",
        "source",
        "effective_from",
        "effective_to",
    )


@admin.register(Reading)
class ReadingAdmin(ReadOnlyAdmin[Reading]):
    list_display = ("participant", "kind", "value", "unit", "measured_at", "site", "is_overdue")
    list_select_related = ("participant", "site")
    list_filter = ("kind", "channel", "is_overdue")
    search_fields = ("participant__number__exact",)
    search_help_text = _("Participant number")
    fields = (
        "participant",
        "kind",
        "value",
        "unit",
        "stated_value",
        "stated_unit",
        "measured_at",
        "received_at",
        "site",
        "instrument",
        "is_overdue",
        "channel",
        "recorded_by",
        "undone_at",
    )

    def subjects_of(self, rows: Iterable[Reading]) -> list[str]:
        return [row.participant.number for row in rows]


@admin.register(RiskAlert)
class RiskAlertAdmin(ReadOnlyAdmin[RiskAlert]):
    list_display = ("id", "participant", "kind", "level", "status", "due_at", "handler")
    list_select_related = ("participant", "handler")
    list_filter = ("status", "level")
    search_fields = ("participant__number__exact",)
    search_help_text = _("Participant number")
    fields = (
        "participant",
        "site",
        "kind",
        "level",
        "status",
        "opened_at",
        "due_at",
        "handler",
        "taken_at",
        "escalated_at",
        "closed_at",
    )

    def subjects_of(self, rows: Iterable[RiskAlert]) -> list[str]:
        return [row.participant.number for row in rows]

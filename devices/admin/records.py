"""What services wrote down about parcels, inspections, wipes and recovery: to be read."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from devices.admin.bulk import StagedButtons
from devices.models import DataWipe, Inspection, LoanReport, RecoveryStep, Shipment
from devices.services import shipping
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action


@admin.register(Shipment)
class ShipmentAdmin(StagedButtons[Shipment], ReadOnlyAdmin[Shipment]):
    list_display = (
        "number",
        "direction",
        "status",
        "serial",
        "carrier",
        "planned_at",
        "delivered_at",
    )
    list_select_related = ("loan__device",)
    list_filter = ("status", "direction")
    search_fields = ("tracking_no__exact", "reference__exact")
    search_help_text = _("Tracking number")
    fields = (
        "loan",
        "direction",
        "reference",
        "carrier",
        "tracking_no",
        "planned_at",
        "asked_at",
        "delivered_at",
    )
    stages = {"plan_again": {Shipment.Status.REFUSED}}

    @admin.display(description=_("Tracking number"))
    def number(self, shipment: Shipment) -> str:
        return shipment.tracking_no or "–"

    @admin.display(description=_("Watch"))
    def serial(self, shipment: Shipment) -> str:
        return shipment.loan.device.serial

    @row_action(_("Plan again"), permission="devices.lend_loan")
    def plan_again(self, request: HttpRequest, row: Shipment) -> None:
        shipping.plan_again(row, by=staff_of(request))


@admin.register(Inspection)
class InspectionAdmin(ReadOnlyAdmin[Inspection]):
    list_display = ("device", "grade", "faults", "note", "inspected_at", "inspected_by")
    list_select_related = ("device",)
    list_filter = ("grade",)
    search_fields = ("device__serial__exact",)
    fields = (
        "device",
        "loan",
        "checklist",
        "grade",
        "faults",
        "note",
        "inspected_at",
        "inspected_by",
    )


@admin.register(DataWipe)
class DataWipeAdmin(ReadOnlyAdmin[DataWipe]):
    list_display = ("device", "method", "proof", "wiped_at", "wiped_by")
    list_select_related = ("device",)
    search_fields = ("device__serial__exact",)
    fields = ("device", "loan", "method", "proof", "wiped_at", "wiped_by")


@admin.register(RecoveryStep)
class RecoveryStepAdmin(ReadOnlyAdmin[RecoveryStep]):
    list_display = ("serial", "kind", "cost", "taken_at", "taken_by", "note")
    list_select_related = ("loan__device",)
    list_filter = ("kind",)
    search_fields = ("loan__device__serial__exact",)
    fields = ("loan", "kind", "cost", "note", "taken_at", "taken_by")

    @admin.display(description=_("Watch"))
    def serial(self, step: RecoveryStep) -> str:
        return step.loan.device.serial


@admin.register(LoanReport)
class LoanReportAdmin(ReadOnlyAdmin[LoanReport]):
    """What citizens tell about their watches, newest first."""

    list_display = ("serial", "kind", "status", "words", "reported_at")
    list_select_related = ("loan__device", "loan__participant")
    list_filter = ("kind",)
    search_fields = ("loan__device__serial__exact",)
    fields = ("loan", "kind", "words", "reported_at")

    def subjects_of(self, rows: Iterable[LoanReport]) -> list[str]:
        return [report.loan.participant.number for report in rows]

    @admin.display(description=_("Watch"))
    def serial(self, report: LoanReport) -> str:
        return report.loan.device.serial

    @admin.display(description=_("Loan"))
    def status(self, report: LoanReport) -> Any:
        return report.loan.get_status_display()

    @admin.display(description=_("In their words"))
    def words(self, report: LoanReport) -> str:
        return str(report.text)

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from devices.admin.bulk import StagedButtons, bulk_action
from devices.admin.forms import DeviceForm, DisposalForm, InspectionForm, ReasonForm, WipeForm
from devices.admin.resources import ArrivingWatches, KeptWatches
from devices.models import Device, DisposalBatch
from devices.services import disposals, inspections, loans, stock
from devices.services.passport import passport_of
from seoul_health.core.access import log_read
from seoul_health.core.admin.base import staff_of
from seoul_health.core.admin.exchange import ExchangeMixin
from seoul_health.core.admin.row_actions import row_action
from seoul_health.core.models import StaffUser

Status = Device.Status
INSPECT, SCAN = "devices.inspect_device", "devices.scan_device"
DISPOSE = "devices.request_disposalbatch"


def put_into(device: Device, *, batch: DisposalBatch, by: StaffUser) -> None:
    disposals.add_watches(batch, [device.serial], by=by)


@admin.register(Device)
class DeviceAdmin(ExchangeMixin, StagedButtons[Device]):
    """The register of watches, and a passport for each."""

    form = DeviceForm
    fields = ("serial", "lot", "site")
    list_display = ("serial", "status", "model_name", "lot", "site", "grade", "data")
    list_select_related = ("lot__model", "site")
    list_filter = ("status",)
    search_fields = ("serial__startswith",)
    search_help_text = _("Serial number, or how it begins")
    change_form_template = "devices/passport.html"
    actions = ("wipe_all", "shelve_all", "repair_all", "quarantine_all", "dispose_all")
    stages = {
        "take_in": {Status.SHIPPED, Status.ON_LOAN, Status.RETURNING, Status.LOST},
        "inspect": {Status.AWAITING_INSPECTION},
        "wipe": Device.IN_HOUSE,
        "shelve": {Status.AWAITING_INSPECTION},
        "bring_back": {Status.IN_REPAIR, Status.QUARANTINED},
        "repair": {Status.AWAITING_INSPECTION, Status.IN_STOCK},
        "quarantine": {Status.AWAITING_INSPECTION, Status.IN_STOCK},
        "report_missing": Device.IN_HOUSE | {Status.IN_STOCK},
        "dispose": Device.IN_HOUSE | {Status.IN_STOCK},
    }

    @admin.display(description=_("Model"))
    def model_name(self, device: Device) -> str:
        return device.lot.model.name

    @admin.display(description=_("Personal data"), boolean=True)
    def data(self, device: Device) -> bool:
        return device.holds_personal_data

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Device], search_term: str
    ) -> tuple[QuerySet[Device], bool]:
        """Serials are kept in capitals; the index serves how they begin."""
        term = search_term.strip().upper()
        return (queryset.filter(serial__startswith=term) if term else queryset), False

    def get_import_resource_classes(self, request: HttpRequest) -> list[type[Any]]:
        return [ArrivingWatches]

    def get_export_resource_classes(self, request: HttpRequest) -> list[type[Any]]:
        return [KeptWatches]

    def get_readonly_fields(self, request: HttpRequest, obj: Device | None = None) -> Any:
        return ("serial", "lot") if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Device, form: ModelForm[Device], change: bool
    ) -> None:
        if change:
            stock.place_watch(obj, site=obj.site, by=staff_of(request))
        else:
            stock.register_watches([obj], by=staff_of(request))

    def page_context(self, request: HttpRequest, row: Device) -> dict[str, Any]:
        return {"show_save_and_add_another": False, "passport": passport_of(row)}

    def write_down(self, request: HttpRequest, rows: Iterable[Device], action: str) -> None:
        """A passport names its borrowers; the list names nobody."""
        if action == "view":
            numbers = [number for row in rows for number in passport_of(row).numbers]
            by = staff_of(request)
            log_read(request, numbers, by=by, action="view", what="admin:devices.device")

    def has_inspect_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(INSPECT)

    def has_dispose_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(DISPOSE)

    wipe_all = bulk_action(
        _("Record a wipe"), permission="inspect", service=inspections.wipe, form=WipeForm
    )
    shelve_all = bulk_action(_("Put into stock"), permission="inspect", service=inspections.shelve)
    repair_all = bulk_action(
        _("Send to repair"),
        permission="inspect",
        service=inspections.send_to_repair,
        form=ReasonForm,
    )
    quarantine_all = bulk_action(
        _("Quarantine"), permission="inspect", service=inspections.quarantine, form=ReasonForm
    )
    dispose_all = bulk_action(
        _("Put into a disposal"), permission="dispose", service=put_into, form=DisposalForm
    )

    @row_action(_("Take in"), permission=SCAN)
    def take_in(self, request: HttpRequest, row: Device) -> None:
        loans.scan_in(row.serial, by=staff_of(request))

    @row_action(_("Inspect"), permission=INSPECT, form=InspectionForm)
    def inspect(self, request: HttpRequest, row: Device, **found: Any) -> None:
        inspections.inspect(row, by=staff_of(request), **found)

    @row_action(_("Record a wipe"), permission=INSPECT, form=WipeForm)
    def wipe(self, request: HttpRequest, row: Device, **values: Any) -> None:
        inspections.wipe(row, by=staff_of(request), **values)

    @row_action(_("Put into stock"), permission=INSPECT)
    def shelve(self, request: HttpRequest, row: Device) -> None:
        inspections.shelve(row, by=staff_of(request))

    @row_action(_("Back to inspection"), permission=INSPECT)
    def bring_back(self, request: HttpRequest, row: Device) -> None:
        inspections.bring_back(row, by=staff_of(request))

    @row_action(_("Send to repair"), permission=INSPECT, form=ReasonForm)
    def repair(self, request: HttpRequest, row: Device, **values: Any) -> None:
        inspections.send_to_repair(row, by=staff_of(request), **values)

    @row_action(_("Quarantine"), permission=INSPECT, form=ReasonForm)
    def quarantine(self, request: HttpRequest, row: Device, **values: Any) -> None:
        inspections.quarantine(row, by=staff_of(request), **values)

    @row_action(_("Report missing"), permission=INSPECT, form=ReasonForm, danger=True)
    def report_missing(self, request: HttpRequest, row: Device, **values: Any) -> None:
        inspections.report_missing(row, by=staff_of(request), **values)

    @row_action(_("Put into a disposal"), permission=DISPOSE, form=DisposalForm)
    def dispose(self, request: HttpRequest, row: Device, **values: Any) -> None:
        put_into(row, by=staff_of(request), **values)

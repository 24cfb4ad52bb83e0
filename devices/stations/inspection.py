"""Watches that came back: the work list, and one page to look at, wipe and put away a watch."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.errors import NotInHouse, ScanRefused
from devices.models import Checklist, Device, DeviceModel, Inspection, Loan, LoanReport, Lot, Site
from devices.models.returned import INSPECT, READY, STAGES, Annotated, returned_watches, with_story
from devices.models.stock import GRADES
from devices.services import inspections, settling
from devices.services.labels import find_by_label
from devices.services.passport import borrower_of
from seoul_health.core import clock
from seoul_health.core.access import log_read
from seoul_health.core.errors import DomainError
from seoul_health.core.spreadsheets import write_csv

from .base import Station
from .filters import PAGE, address, chosen, cursor_of, is_number
from .finding_forms import FindingsForm, PutForm, WipeForm, photos_of

SHELVED_AT_ONCE = 500
MOST_ROWS = 20_000
STAGE_NAMES = {
    "inspect": gettext_lazy("To inspect"),
    "wipe": gettext_lazy("To wipe"),
    "ready": gettext_lazy("Ready for the shelf"),
    "apart": gettext_lazy("In quarantine"),
    "mended": gettext_lazy("In repair"),
}


def filters_of(request: HttpRequest) -> dict[str, str]:
    return chosen(
        request,
        {"stage": STAGES, "grade": GRADES, "model": None, "lot": None, "site": None, "q": None},
    )


def filtered(rows: Annotated, filters: dict[str, str]) -> Annotated:
    paths = {
        "stage": "stage", "grade": "grade", "model": "lot__model__code", "lot": "lot__code",
        "site": "site__code", "q": "serial__startswith",
    }  # fmt: skip
    asked = {paths[name]: value for name, value in filters.items()}
    if "q" in filters:
        asked["serial__startswith"] = filters["q"].upper()
    return rows.filter(**asked)


class InspectionsView(Station):
    """GET /staff/devices/inspections/?stage=… — watches in our hands, the oldest first."""

    permission = "devices.inspect_device"
    template = "devices/inspections.html"
    title = gettext_lazy("Watches that came back")

    def get(self, request: HttpRequest) -> HttpResponse:
        filters, seen = filters_of(request), returned_watches(self.staff)
        others = {name: value for name, value in filters.items() if name != "stage"}
        counted = filtered(seen, others).values_list("stage").annotate(Count("pk")).order_by()
        stages = dict(counted)
        rows = with_story(filtered(seen, filters)).select_related("lot__model", "site")
        page = list(rows.filter(pk__gt=cursor_of(request)).order_by("pk")[: PAGE + 1])
        context = {
            "rows": page[:PAGE],
            "more": address(filters, after=page[PAGE - 1].pk) if len(page) > PAGE else "",
            "filters": filters,
            "stages": [
                (code, STAGE_NAMES[code], stages.get(code, 0), address(filters, stage=code))
                for code in STAGES
            ],
            "count": sum(stages.values()),
            "all": address(others),
            "here": address(filters),
            "ready": filters.get("stage") == READY,
            "words": dict(LoanReport.Kind.choices),
            "models": DeviceModel.objects.order_by("code"),
            "lots": Lot.objects.order_by("code"),
            "sites": Site.objects.order_by("code"),
            "grades": GRADES,
            "as_of": clock.now(),
        }
        return self.show(context)


class InspectionsFile(InspectionsView):
    """GET …/inspections.csv — the same rows, all pages."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = with_story(filtered(returned_watches(self.staff), filters_of(request)))
        kept = rows.select_related("lot__model", "site").order_by("pk")[:MOST_ROWS]
        head = [
            _("Serial number"), _("Next step"), _("Model"), _("Lot"), _("Grade"), _("Site"),
            _("Came back at"),
        ]  # fmt: skip
        lines = [
            (
                row.serial, STAGE_NAMES[row.stage], row.lot.model.name, row.lot.code, row.grade,
                row.site.name if row.site else "",
                f"{row.came_back_at.astimezone(clock.KST):%Y-%m-%d %H:%M}"
                if row.came_back_at else "",
            )
            for row in kept
        ]  # fmt: skip
        answer = HttpResponse(write_csv(head, lines), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="inspections.csv"'
        return answer


class FindView(Station):
    """GET …/inspections/find/?serial=… — go to the watch under the scanner."""

    permission = "devices.inspect_device"

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            device = find_by_label(request.GET.get("serial", "")[:64])
        except ScanRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("stations:inspections")
        return redirect("stations:inspect", serial=device.serial)


class ShelveView(Station):
    """POST …/inspections/shelve/ — put all that are ready into stock, as the list shows them."""

    permission = "devices.inspect_device"

    def post(self, request: HttpRequest) -> HttpResponse:
        filters = filters_of(request) | {"stage": READY}
        rows = filtered(returned_watches(self.staff), filters).order_by("pk")[:SHELVED_AT_ONCE]
        done, told = 0, []
        for device in rows:
            try:
                inspections.shelve(device, by=self.staff)
            except DomainError as refusal:
                told.append(str(refusal))
            else:
                done += 1
        for sentence in told[:5]:
            messages.error(request, sentence)
        messages.success(request, _("Watches put into stock: {count}.").format(count=done))
        return redirect(f"{reverse('stations:inspections')}{address(filters)}")


class InspectView(Station):
    """GET, POST …/inspections/{serial}/ — look at a watch, wipe it and put it where it belongs."""

    permission = "devices.inspect_device"
    template = "devices/inspect.html"
    title = gettext_lazy("Inspect a watch")

    def get(self, request: HttpRequest, serial: str) -> HttpResponse:
        device = self.device(serial)
        if not (device.is_in_house or device.status == Device.Status.IN_STOCK):
            refusal = NotInHouse(serial=device, status=device.get_status_display())
            messages.warning(request, str(refusal))
            return redirect("stations:passport", serial=serial)
        return self.page(device, *self.forms(device, None))

    def post(self, request: HttpRequest, serial: str) -> HttpResponse:
        device = self.device(serial)
        findings, wiped, to = self.forms(device, request)
        # What somebody typed is never dropped in silence.
        if (findings is None and "checklist" in request.POST) or (
            wiped is None and request.POST.get("method")
        ):
            messages.error(request, _("This has changed meanwhile; nothing was done."))
            return redirect("stations:inspect", serial=serial)
        asked = [form for form in (findings, wiped, to) if form is not None]
        if [form for form in asked if not form.is_valid()]:
            return self.page(device, findings, wiped, to, status=422)
        try:
            photos = photos_of(request)
            settling.settle(
                device,
                findings=findings.findings(photos) if findings else None,
                wiped=wiped.wiped(() if findings else photos) if wiped else None,
                to=to.cleaned_data["to"],
                why=to.cleaned_data["why"],
                by=self.staff,
            )
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return self.page(device, findings, wiped, to, status=422)
        messages.success(request, _("{serial} is done.").format(serial=device.serial))
        return redirect(f"{reverse('stations:inspections')}?stage={INSPECT}")

    def device(self, serial: str) -> Device:
        rows = Device.objects.visible_to(self.staff).select_related("lot__model", "site")
        return get_object_or_404(rows, serial=serial)

    def forms(
        self, device: Device, request: HttpRequest | None
    ) -> tuple[FindingsForm | None, WipeForm | None, PutForm]:
        """Ask for what this watch still needs; “again” asks for findings once more."""
        told = request.POST if request else None
        found = returned_watches(self.staff).filter(pk=device.pk).first()
        stage = found.stage if found else ""
        waits = device.status == Device.Status.AWAITING_INSPECTION
        again = waits and self.request.GET.get("again") == "1"
        checklist = self.checklist(device) if stage == INSPECT or again else None
        return (
            FindingsForm(told, checklist=checklist) if checklist else None,
            WipeForm(told) if device.is_in_house and device.holds_personal_data else None,
            PutForm(told, device=device),
        )

    def checklist(self, device: Device) -> Checklist | None:
        """Give the list the page showed, also when another came into force meanwhile."""
        shown = self.request.POST.get("checklist", "")
        if is_number(shown):
            fitting = Checklist.objects.exclude(status=Checklist.Status.DRAFT)
            same = fitting.filter(pk=int(shown), model__in=[device.lot.model]).first()
            if found := same or fitting.filter(pk=int(shown), model=None).first():
                return found
        return Checklist.objects.for_model(device.lot.model)

    def page(
        self,
        device: Device,
        findings: FindingsForm | None,
        wiped: WipeForm | None,
        to: PutForm,
        *,
        status: int = 200,
    ) -> HttpResponse:
        loan = device.loans.select_related("participant__profile").order_by("-pk").first()
        if loan is not None:
            number = loan.participant.number
            log_read(self.request, [number], by=self.staff, action="view", what="devices:inspect")
        return self.show(self.story(device, loan) | {
            "findings": findings, "wiped": wiped, "to": to,
        }, status=status)  # fmt: skip

    def story(self, device: Device, loan: Loan | None) -> dict[str, Any]:
        reports = loan.reports.defer("text").order_by("-pk") if loan else []
        seen = Inspection.objects.filter(device=device).select_related("checklist")
        return {
            "device": device,
            "loan": loan,
            "borrower": borrower_of(loan) if loan else "",
            "reports": reports,
            "last": list(seen.prefetch_related("papers").order_by("-pk")[:3]),
            "wipes": device.wipes.order_by("-pk")[:3],
            "repair": device.repairs.running().first(),
            "waiting": returned_watches(self.staff).filter(stage=INSPECT).count(),
            "as_of": clock.now(),
        }

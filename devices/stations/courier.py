"""The shipping board: what is to be packed, what is under way, and the courier's files."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import Carrier, CourierFile, Loan, ParcelBatch, Shipment
from devices.services import courier_files, packing, parcel_counts
from devices.services.courier_words import why_refused
from participants.rules.districts import DISTRICTS
from seoul_health.core import clock
from seoul_health.core.access import log_read
from seoul_health.core.errors import DomainError
from seoul_health.core.spreadsheets import write_csv, write_xlsx

from .base import Station

SHOWN = 100
LARGEST = 5 * 1024 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS = {
    "reserved": gettext_lazy("To be packed"),
    "packed": gettext_lazy("Packed, without a number"),
    "unbooked": gettext_lazy("Asked of the courier"),
    "out": gettext_lazy("On the way out"),
    "back": gettext_lazy("On the way back"),
    "late": gettext_lazy("Longer than three days"),
    "astray": gettext_lazy("Lost, refused or sent back"),
    "unconfirmed": gettext_lazy("Arrived, not confirmed"),
}
OF_LOANS = frozenset({"reserved", "unconfirmed"})
LIST_HEAD = [
    "주문번호", "받는분성명", "받는분전화번호", "받는분주소", "품목명", "수량", "시리얼번호",
]  # fmt: skip


class ShippingView(Station):
    """GET, POST /staff/devices/shipping/?list=…&district=… — parcels, and packing the next list."""

    permission = "devices.view_shipment"
    template = "devices/shipping.html"
    title = gettext_lazy("Shipping board")

    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = self.chosen()
        listed = list(self.rows(chosen)[:SHOWN])
        loans = listed if chosen in OF_LOANS else [row.loan for row in listed]
        numbers = [loan.participant.number for loan in loans]
        log_read(request, numbers, by=self.staff, action="list", what="devices:shipping")
        context = {
            "rows": [
                (loan, None if row is loan else row)
                for loan, row in zip(loans, listed, strict=True)
            ],
            "chosen": chosen,
            "tabs": self.tabs(),
            "hidden": max(0, self.counts()[chosen] - len(listed)),
            "district": self.district(),
            "districts": DISTRICTS,
            "query": request.GET.urlencode(),
            "carriers": Carrier.objects.filter(is_active=True).order_by("name"),
            "batches": self.batches(),
            "may_fetch": packing.to_fetch(self.parcels()).count() if chosen == "unbooked" else 0,
            "as_of": clock.now(),
        }
        return self.show(context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Pack what the list shows into one list for a carrier."""
        if not self.staff.has_perm("devices.pack_shipment"):
            raise PermissionDenied
        carrier = get_object_or_404(Carrier, code=request.POST.get("carrier", ""))
        try:
            made = self.pack(carrier)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect(request.get_full_path())
        done = _("{count} parcels are packed.").format(count=f"{made.parcels:,}")
        messages.success(request, done)
        if made.without_address:
            left = _("{count} people have no address and were left out.")
            messages.warning(request, left.format(count=f"{made.without_address:,}"))
        return redirect("stations:parcel-list", pk=made.batch.pk)

    def pack(self, carrier: Carrier) -> packing.Packed:
        if self.chosen() == "unbooked":
            return packing.pack_returns(self.parcels(), carrier=carrier, by=self.staff)
        rows = Loan.objects.visible_to(self.staff)
        if district := self.district():
            rows = rows.filter(participant__district=district)
        return packing.pack(rows, carrier=carrier, by=self.staff)

    def chosen(self) -> str:
        asked = self.request.GET.get("list", "reserved")
        return asked if asked in LISTS else "reserved"

    def district(self) -> str:
        asked = self.request.GET.get("district", "")
        return asked if asked in DISTRICTS else ""

    def parcels(self) -> Any:
        rows = Shipment.objects.visible_to(self.staff)
        return rows.filter(loan__participant__district=self.district()) if self.district() else rows

    def rows(self, chosen: str) -> Any:
        person = "participant" if chosen in OF_LOANS else "loan__participant"
        related = [f"{person}__profile", "device__lot__model"]
        if chosen not in OF_LOANS:
            related = [related[0], "loan__device__lot__model", "batch"]
        rows = self.whole(chosen).select_related(*related)
        return rows.filter(**{f"{person}__district": self.district()}) if self.district() else rows

    def whole(self, chosen: str) -> Any:
        if chosen == "reserved":
            return parcel_counts.reserved(self.staff)
        if chosen == "unconfirmed":
            return parcel_counts.unconfirmed(self.staff)
        return parcel_counts.parcels(self.staff, chosen)

    def counts(self) -> dict[str, int]:
        if not hasattr(self, "_counts"):
            self._counts = {name: self.rows(name).count() for name in LISTS}
        return self._counts

    def tabs(self) -> list[tuple[str, str, int]]:
        return [(name, str(label), self.counts()[name]) for name, label in LISTS.items()]

    def batches(self) -> Any:
        rows = ParcelBatch.objects.visible_to(self.staff).select_related("carrier", "made_by")
        waits = Count("parcels", filter=Q(parcels__status="planned"))
        return rows.annotate(count=Count("parcels"), waits=waits).order_by("-pk")[:8]


class ShippingFile(ShippingView):
    """GET …/shipping.csv — the rows of the list, without names."""

    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = self.chosen()
        rows = [
            (row, None) if chosen in OF_LOANS else (row.loan, row)
            for row in self.rows(chosen).iterator()
        ]
        numbers = [loan.participant.number for loan, _parcel in rows]
        log_read(request, numbers, by=self.staff, action="export", what="devices:shipping")
        head = [_("Serial number"), _("Participant number"), _("District"), _("Tracking number")]
        lines = [
            (
                loan.device.serial,
                loan.participant.number,
                loan.participant.district,
                parcel.tracking_no if parcel else "",
            )
            for loan, parcel in rows
        ]
        response = HttpResponse(write_csv(head, lines), content_type="text/csv")
        response["Content-Disposition"] = f'attachment; filename="shipping-{chosen}.csv"'
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        return redirect("stations:shipping")


class ParcelListView(Station):
    """GET, POST /staff/devices/shipping/lists/{id}/ — one list: give it out, or call it off."""

    permission = "devices.view_shipment"
    template = "devices/parcel_list.html"
    title = gettext_lazy("Parcel list")

    def batch(self, pk: int) -> ParcelBatch:
        rows = ParcelBatch.objects.visible_to(self.staff)
        return get_object_or_404(rows.select_related("carrier", "made_by"), pk=pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = self.batch(pk)
        rows = batch.parcels.select_related("loan__device", "loan__participant__profile")
        listed = list(rows.order_by("status", "pk")[:SHOWN])
        numbers = [row.loan.participant.number for row in listed]
        log_read(request, numbers, by=self.staff, action="list", what="devices:parcel-list")
        counted = Counter(batch.parcels.values_list("status", flat=True))
        total = sum(counted.values())
        return self.show(
            {
                "batch": batch,
                "rows": listed,
                "total": total,
                "waits": counted["planned"],
                "hidden": total - len(listed),
                "as_of": clock.now(),
            }
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch, why = self.batch(pk), request.POST.get("why", "")[:200]
        verb = request.POST.get("do", "")
        needs = {"give": "devices.export_shipment", "call-off": "devices.pack_shipment"}
        if verb not in needs:
            raise Http404
        if not self.staff.has_perm(needs[verb]):
            raise PermissionDenied
        try:
            if verb == "give":
                return self.give(batch, why)
            freed = packing.call_off(batch, why=why or str(batch), by=self.staff)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            told = _("{count} parcels are unpacked.").format(count=f"{freed:,}")
            messages.success(request, told)
        return redirect("stations:parcel-list", pk=pk)

    def give(self, batch: ParcelBatch, why: str) -> HttpResponse:
        people = packing.give_out(batch, why=why, by=self.staff)
        numbers = [one.number for one in people]
        log_read(
            self.request, numbers, by=self.staff, action="export", what="devices:parcel-list",
            reason=why,
        )  # fmt: skip
        rows = [
            (one.reference, one.name, one.phone, one.address, "손목닥터9988 워치", 1, one.serial)
            for one in people
        ]
        response = HttpResponse(write_xlsx(LIST_HEAD, rows), content_type=XLSX)
        response["Content-Disposition"] = f'attachment; filename="{batch}.xlsx"'
        return response


class CourierFilesView(Station):
    """GET, POST /staff/devices/shipping/files/ — the last files, and a field for the next."""

    permission = "devices.pack_shipment"
    template = "devices/courier_files.html"
    title = gettext_lazy("Files of the courier")

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = CourierFile.objects.visible_to(self.staff).defer("content")
        files = rows.select_related("carrier", "uploaded_by").order_by("-pk")[:30]
        carriers = Carrier.objects.filter(is_active=True).order_by("name")
        return self.show({"files": files, "carriers": carriers, "as_of": clock.now()})

    def post(self, request: HttpRequest) -> HttpResponse:
        carrier = get_object_or_404(Carrier, code=request.POST.get("carrier", ""))
        sent = request.FILES.get("file")
        if sent is None or not sent.size or sent.size > LARGEST:
            messages.error(request, _("Choose a file of at most 5 MB."))
            return redirect("stations:courier-files")
        try:
            found = courier_files.read_file(
                sent.read(), name=sent.name or "", carrier=carrier, by=self.staff
            )
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect("stations:courier-files")
        return redirect("stations:courier-file", pk=found.pk)


class CourierFileView(Station):
    """GET, POST /staff/devices/shipping/files/{id}/ — what would become of every row."""

    permission = "devices.pack_shipment"
    template = "devices/courier_file.html"
    title = gettext_lazy("File of the courier")

    def found(self, pk: int) -> CourierFile:
        rows = CourierFile.objects.visible_to(self.staff).select_related("carrier", "uploaded_by")
        return get_object_or_404(rows, pk=pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = self.found(pk)
        items = courier_files.preview(found) if found.status == "draft" else []
        told = sorted(items, key=lambda item: (item.outcome != "refused", item.line.line))
        if request.GET.get("as") == "csv":
            return self.refused_rows(found, told)
        return self.show(
            {
                "file": found,
                "items": [(item, why_refused(item)) for item in told[:SHOWN]],
                "hidden": max(0, len(items) - SHOWN),
                "counts": Counter(item.outcome for item in items),
                "as_of": clock.now(),
            }
        )

    def refused_rows(self, found: CourierFile, items: list[courier_files.Item]) -> HttpResponse:
        """Give the refused rows back with their reasons, to be mended and sent again."""
        rows = [
            (item.line.line, item.line.reference, item.line.tracking_no, why_refused(item))
            for item in items
            if item.outcome == "refused"
        ]
        head = [_("Row"), "주문번호", "운송장번호", _("Why")]
        response = HttpResponse(write_csv(head, rows), content_type="text/csv")
        response["Content-Disposition"] = f'attachment; filename="{found}-refused.csv"'
        return response

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found, verb = self.found(pk), request.POST.get("do", "")
        if verb not in {"take-in", "drop"}:
            raise Http404
        try:
            if verb == "drop":
                courier_files.drop(found, by=self.staff)
            else:
                courier_files.take_in(found, by=self.staff)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Done; it is written into the history."))
        return redirect("stations:courier-file", pk=pk)

"""Files of readings: looked at row by row, taken in whole, taken back whole."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import Reading, ReadingBatch, Site
from devices.services import reading_files
from seoul_health.core import clock
from seoul_health.core.access import log_read
from seoul_health.core.errors import DomainError
from seoul_health.core.spreadsheets import write_csv

from .base import Station

LARGEST = 5 * 1024 * 1024
LAST = 30
SHOWN = 200
EXAMPLE = ["참여자번호", "항목", "값", "단위", "측정일시", "기기", "성별"]


class FilesView(Station):
    """/staff/devices/zone/files/ — the last files, and a field for the next."""

    permission = "devices.import_reading"
    template = "devices/zone_files.html"
    title = gettext_lazy("Files of readings")

    def get(self, request: HttpRequest) -> HttpResponse:
        sites = self.sites()
        rows = ReadingBatch.objects.filter(site__in=sites).defer("content")
        files = rows.select_related("site", "uploaded_by").order_by("-pk")[:LAST]
        return self.show({"sites": sites, "files": files, "as_of": clock.now()})

    def post(self, request: HttpRequest) -> HttpResponse:
        site = next((one for one in self.sites() if one.code == request.POST.get("site")), None)
        if site is None:
            raise Http404
        sent = request.FILES.get("file")
        if sent is None or not sent.size or sent.size > LARGEST:
            messages.error(request, _("Choose a file of at most 5 MB."))
            return redirect("stations:zone-files")
        try:
            batch = reading_files.read_file(
                sent.read(), name=sent.name or "", site=site, by=self.staff
            )
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect("stations:zone-files")
        return redirect("stations:zone-file", batch.pk)

    def sites(self) -> list[Site]:
        rows = Site.objects.visible_to(self.staff).filter(instruments__isnull=False)
        return list(rows.distinct().order_by("name", "pk"))


class FileView(Station):
    """/staff/devices/zone/files/{id}/ — what would become, or became, of a file."""

    permission = "devices.import_reading"
    template = "devices/zone_file.html"
    title = gettext_lazy("File of readings")

    def batch(self, pk: int) -> ReadingBatch:
        sites = Site.objects.visible_to(self.staff)
        rows = ReadingBatch.objects.filter(site__in=sites).select_related("site", "uploaded_by")
        return get_object_or_404(rows, pk=pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = self.batch(pk)
        is_draft = batch.status == ReadingBatch.Status.DRAFT
        items = list(enumerate(reading_files.preview(batch), start=2)) if is_draft else []
        labels = dict(Reading.Kind.choices)
        numbers = [item.told.number for _line, item in items if item.participant]
        log_read(request, numbers, by=self.staff, action="list", what="devices:zone-file")
        bad_first = sorted(items, key=lambda each: each[1].outcome == "accepted")
        context: dict[str, Any] = {
            "batch": batch,
            "items": [
                (line, labels.get(item.told.kind, item.told.kind), item)
                for line, item in bad_first[:SHOWN]
            ],
            "hidden": max(0, len(items) - SHOWN),
            "counts": Counter(item.outcome for _line, item in items),
        }
        return self.show(context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take in, drop or take back, as the button says."""
        batch, verb = self.batch(pk), request.POST.get("do", "")
        try:
            match verb:
                case "take-in":
                    reading_files.take_in(batch, by=self.staff)
                case "drop":
                    reading_files.drop(batch, by=self.staff)
                case "undo":
                    reading_files.undo(batch, why=request.POST.get("why", ""), by=self.staff)
                case _other:
                    raise Http404
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("stations:zone-file", args=[pk]))


class ExampleView(Station):
    """GET /staff/devices/zone/files/example.csv — an empty file with the right columns."""

    permission = "devices.import_reading"
    template = ""
    title = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        example = ["P-2026-000001", "수축기", "128", "mmHg", "2026-11-23 09:30", "", ""]
        response = HttpResponse(write_csv(EXAMPLE, [example]), content_type="text/csv")
        response["Content-Disposition"] = 'attachment; filename="readings.csv"'
        return response

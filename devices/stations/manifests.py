"""Suppliers' lists: sent, looked at row by row, entered whole, taken back whole."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import Lot, Manifest, Site, StagedWatch
from devices.register_errors import NoSuchLot
from devices.rules.manifest_rows import HARMLESS
from devices.services import manifests
from devices.services.manifest_words import WORDS, sentence
from seoul_health.core import clock
from seoul_health.core.errors import DomainError, Malformed
from seoul_health.core.spreadsheets import write_csv

from .base import Station

LARGEST = 20 * 1024 * 1024
PER_PAGE = 30
SHOWN = 100
EXAMPLE = ["일련번호", "박스번호", "물품번호", "IMEI", "MAC", "거점"]
EXAMPLE_ROW = ["SW26-0000001", "BOX-001", "", "490154203237518", "00:1A:2B:3C:4D:5E", ""]


class ManifestsView(Station):
    """/staff/devices/manifests/?status=…&lot=… — deliveries, and a field for the next list."""

    permission = "devices.import_device"
    template = "devices/manifests.html"
    title = gettext_lazy("Deliveries")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request)

    def page(self, request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
        chosen = {name: request.GET.get(name, "") for name in ("status", "lot", "before")}
        rows = self.rows(chosen)
        found = list(rows[: PER_PAGE + 1])
        kept = {name: text for name, text in chosen.items() if text and name != "before"}
        more = (
            urlencode({**kept, "before": found[PER_PAGE - 1].pk}) if len(found) > PER_PAGE else ""
        )
        return self.show(
            {
                "rows": found[:PER_PAGE],
                "more": more,
                "chosen": chosen,
                "statuses": Manifest.Status.choices,
                "lots": Lot.objects.select_related("model").order_by("-received_on", "-pk"),
                "sites": Site.objects.visible_to(self.staff).order_by("name", "pk"),
                "told": request.POST,
                "error": error,
                "as_of": clock.now(),
            },
            status=status,
        )

    def rows(self, chosen: dict[str, str]) -> QuerySet[Manifest]:
        rows = Manifest.objects.visible_to(self.staff).select_related("lot", "site", "uploaded_by")
        if chosen["status"]:
            if chosen["status"] not in Manifest.Status.values:
                raise BadRequest
            rows = rows.filter(status=chosen["status"])
        if chosen["lot"]:
            rows = rows.filter(lot__code=chosen["lot"])
        if chosen["before"]:
            if not (chosen["before"].isascii() and chosen["before"].isdigit()):
                raise BadRequest
            rows = rows.filter(pk__lt=int(chosen["before"][:18]))
        return rows.order_by("-pk")

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            manifest = self.read(request)
        except DomainError as refusal:
            return self.page(request, error=str(refusal), status=422)
        return redirect("stations:manifest", manifest.pk)

    def read(self, request: HttpRequest) -> Manifest:
        lot = Lot.objects.select_related("model").filter(code=request.POST.get("lot", "")).first()
        sites = Site.objects.visible_to(self.staff)
        site = sites.filter(code=request.POST.get("site", "")).first()
        if lot is None or site is None:
            raise NoSuchLot
        sent = request.FILES.get("file")
        if sent is None or not sent.size or sent.size > LARGEST:
            raise NoFile
        return manifests.read_manifest(
            sent.read(),
            name=sent.name or "",
            lot=lot,
            site=site,
            due_on=day_of(request.POST.get("due_on", "")),
            by=self.staff,
        )


class NoFile(DomainError):
    code = "no_file"
    message = gettext_lazy("Choose an XLSX or CSV file of at most 20 MB.")


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as exc:
        raise Malformed from exc


class OfManifest(Station):
    """What is about one delivery of those the user sees."""

    permission = "devices.import_device"
    template = "devices/manifest.html"
    title = gettext_lazy("Delivery")

    def manifest(self, pk: int) -> Manifest:
        rows = Manifest.objects.visible_to(self.staff)
        return get_object_or_404(rows.select_related("lot__model", "site", "uploaded_by"), pk=pk)


class ManifestView(OfManifest):
    """/staff/devices/manifests/{id}/ — what would become, or became, of a list."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        manifest = self.manifest(pk)
        staged = StagedWatch.objects.filter(manifest_id=manifest.pk)
        is_draft = manifest.status == Manifest.Status.DRAFT
        context: dict[str, Any] = {"manifest": manifest, "is_draft": is_draft}
        if is_draft:
            context |= seen(staged, request.GET.get("problem", ""))
            context["is_lost"] = manifest.rows > 0 and not staged.exists()
        else:
            context["tally"] = manifest.lines.tally()
            context["lines"] = manifest.lines.select_related("device").order_by("line")[:SHOWN]
        context["as_of"] = clock.now()
        return self.show(context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Announce, enter at once, drop or take back, as the button says."""
        manifest = self.manifest(pk)
        try:
            told = self.do(manifest, request.POST.get("do", ""), request.POST.get("why", ""))
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, told)
        return HttpResponseRedirect(request.path)

    def do(self, manifest: Manifest, verb: str, why: str) -> str:
        match verb:
            case "expect":
                manifests.expect(manifest, by=self.staff)
                return _("{count} watches are announced.").format(count=f"{manifest.fresh:,}")
            case "register":
                manifests.register_at_once(manifest, by=self.staff)
                told = _("{count} watches are in the register.")
                return told.format(count=f"{manifest.fresh:,}")
            case "drop":
                manifests.drop(manifest, by=self.staff)
                return _("The file was not taken in.")
            case "undo":
                count = manifests.undo(manifest, why=why, by=self.staff)
                return _("{count} watches were taken out again.").format(count=f"{count:,}")
            case _other:
                raise Http404


def seen(staged: QuerySet[StagedWatch], problem: str) -> dict[str, Any]:
    """Give the rows with a fault first, those of one kind of fault on demand."""
    counts = dict(staged.values_list("problem").annotate(count=Count("pk")).order_by("-count"))
    if problem and problem not in WORDS:
        raise BadRequest
    faulty = staged.filter(problem=problem) if problem else staged.exclude(problem__in=HARMLESS)
    rows = list(faulty.order_by("line")[:SHOWN])
    if not rows and not problem:
        rows = list(staged.order_by("line")[:SHOWN])
    return {
        "problem": problem,
        "kinds": [
            (code, kind(code), count) for code, count in counts.items() if code not in HARMLESS
        ],
        "known": counts.get("known", 0),
        "items": [(row, sentence(row.problem, row.other)) for row in rows],
        "all_good": not set(counts) - HARMLESS,
    }


def kind(problem: str) -> str:
    """Name a kind of fault, without the row or watch it speaks of."""
    return sentence(problem, "…")


class FaultsView(OfManifest):
    """GET /staff/devices/manifests/{id}/faults.csv — every row at fault, for who mends the file."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        manifest = self.manifest(pk)
        rows = StagedWatch.objects.filter(manifest_id=manifest.pk).exclude(problem__in=HARMLESS)
        return as_csv(
            f"faults-{manifest.number}.csv",
            [_("Row"), _("Serial number"), _("What is wrong")],
            (
                (row.line, row.serial, sentence(row.problem, row.other))
                for row in rows.order_by("line").iterator()
            ),
        )


class ExampleView(Station):
    """GET /staff/devices/manifests/example.csv — an empty list with the right columns."""

    permission = "devices.import_device"
    template = ""
    title = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        return as_csv("delivery.csv", EXAMPLE, [EXAMPLE_ROW])


def as_csv(name: str, header: Any, rows: Any) -> HttpResponse:
    answer = HttpResponse(write_csv(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer

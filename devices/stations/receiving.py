"""Receiving by scanner: what came, what is short, what is over, at once."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import ArrivalScan, ExpectedWatch, Manifest
from devices.scan.views import id_of, text_of
from devices.services import receiving
from seoul_health.core import clock
from seoul_health.core.admin.base import staff_of
from seoul_health.core.errors import DomainError, NotFound
from seoul_health.core.pdf import Sheet

from .base import Station
from .manifests import as_csv
from .scanning import Body, spoken

PERMISSION = "devices.receive_manifest"
LAST = 10
SHOWN = 200
PRINTED = 2_000


def seen_by(request: HttpRequest) -> QuerySet[Manifest]:
    return Manifest.objects.visible_to(staff_of(request)).select_related("lot__model", "site")


def found(request: HttpRequest, pk: int) -> Manifest:
    manifest = seen_by(request).filter(pk=pk).first()
    if manifest is None:
        raise NotFound
    return manifest


class ArrivingView(Station):
    """GET /staff/devices/receiving/ — deliveries that are expected, the earliest first."""

    permission = PERMISSION
    template = "devices/arriving.html"
    title = gettext_lazy("Receiving")

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = seen_by(request).arriving().order_by("due_on", "pk")[:SHOWN]  # type: ignore[attr-defined]
        shown = [(manifest, manifest.lines.live().tally()) for manifest in rows]
        today = clock.today()
        return self.show({"rows": shown, "today": today, "as_of": clock.now()})


class ReceivingView(Station):
    """/staff/devices/receiving/{id}/ — the scanner's page of one delivery; POST ends it."""

    permission = PERMISSION
    template = "devices/receiving.html"
    title = gettext_lazy("Receiving")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        manifest = get_object_or_404(seen_by(request), pk=pk)
        context = lists(manifest)
        if "lists" in request.GET:
            return render(request, "devices/receiving_lists.html", context)
        scans = manifest.scans.filter(scanned_by=self.staff.actor_name).order_by("-pk")[:LAST]
        context |= {"tally": tally(manifest), "scans": [shown(scan) for scan in scans]}
        return self.show(context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        manifest = get_object_or_404(seen_by(request), pk=pk)
        try:
            short = receiving.end_delivery(manifest, by=self.staff)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.path)
        told = _("The delivery is ended; {count} watches are short.").format(count=f"{short:,}")
        messages.success(request, told)
        return HttpResponseRedirect(request.path)


def lists(manifest: Manifest) -> dict[str, Any]:
    """Give what is short, what was not announced and what belongs elsewhere, as it is now."""
    missing = manifest.lines.missing().order_by("line")
    strangers = manifest.scans.counting().filter(outcome=ArrivalScan.Outcome.UNEXPECTED)
    return {
        "manifest": manifest,
        "is_open": manifest.status == Manifest.Status.EXPECTED,
        "missing": missing[:SHOWN],
        "missing_count": missing.count(),
        "shown_most": SHOWN,
        "questions": strangers.order_by("decision", "-pk")[:SHOWN],
        "elsewhere": manifest.scans.counting()
        .filter(outcome=ArrivalScan.Outcome.ELSEWHERE)
        .order_by("-pk")[:LAST],
        "as_of": clock.now(),
    }


def tally(manifest: Manifest) -> dict[str, int]:
    counts = manifest.lines.tally()
    scans = manifest.scans.counting()
    return {
        "received": counts["received"],
        "short": counts["short"],
        "over": counts["over"],
        "unexpected": scans.open_questions().count(),
        "elsewhere": scans.filter(outcome=ArrivalScan.Outcome.ELSEWHERE).count(),
    }


def shown(scan: ArrivalScan) -> dict[str, Any]:
    outcome = "undone" if scan.undone_at else scan.outcome
    label = _("Undone") if scan.undone_at else scan.get_outcome_display()
    return {
        "client_id": str(scan.client_id),
        "outcome": outcome,
        "label": label,
        "serial": scan.text.upper(),
        "units": scan.units or "",
        "message": scan.message,
    }


@spoken(PERMISSION)
def scan(request: HttpRequest, pk: int, body: Body) -> Body:
    """POST /staff/devices/receiving/{id}/scan/ — {client_id, text}."""
    manifest = found(request, pk)
    kept = receiving.scan_arrival(
        id_of(body), manifest=manifest, text=text_of(body), by=staff_of(request)
    )
    return {**shown(kept), "tally": tally(manifest)}


@spoken(PERMISSION)
def undo(request: HttpRequest, pk: int, body: Body) -> Body:
    """POST /staff/devices/receiving/{id}/undo/ — {client_id}."""
    manifest = found(request, pk)
    kept = receiving.undo_arrival(id_of(body), manifest=manifest, by=staff_of(request))
    return {**shown(kept), "tally": tally(manifest)}


class QuestionView(Station):
    """POST /staff/devices/receiving/{id}/questions/{scan}/ — keep it, or send it back."""

    permission = PERMISSION
    template = ""
    title = ""

    def post(self, request: HttpRequest, pk: int, scan_pk: int) -> HttpResponse:
        manifest = get_object_or_404(seen_by(request), pk=pk)
        asked = get_object_or_404(manifest.scans.select_related("manifest"), pk=scan_pk)
        try:
            match request.POST.get("do", ""):
                case "accept":
                    receiving.accept_over(asked, by=self.staff)
                case "send-back":
                    receiving.send_back(asked, by=self.staff)
                case _other:
                    raise Http404
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect("stations:receiving", pk)


class MissingView(Station):
    """GET /staff/devices/receiving/{id}/missing.csv — what has not come."""

    permission = PERMISSION
    template = ""
    title = ""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        manifest = get_object_or_404(seen_by(request), pk=pk)
        rows = manifest.lines.missing().order_by("line")
        return as_csv(
            f"missing-{manifest.number}.csv",
            [_("Row"), _("Serial number"), _("Box"), _("Asset number")],
            ((row.line, row.serial, row.box, row.asset_no) for row in rows.iterator()),
        )


class ReceiptView(Station):
    """GET /staff/devices/receiving/{id}/receipt.pdf — what was received, for the supplier."""

    permission = PERMISSION
    template = ""
    title = ""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        manifest = get_object_or_404(seen_by(request), pk=pk)
        return receipt_of(manifest).as_response(f"receipt-{manifest.number}.pdf")


def receipt_of(manifest: Manifest) -> Sheet:
    """Print the counts of a delivery, and by serial what differs from the list."""
    lot, counts = manifest.lot, manifest.lines.tally()
    sheet = Sheet(_("Receipt of a delivery"), note=manifest.number)
    sheet.facts(
        [
            (_("Delivery"), f"{manifest.number} · {manifest.get_status_display()}"),
            (_("Supplier"), lot.supplier),
            (_("Contract number"), lot.contract_no),
            (_("Lot"), f"{lot.code} · {lot.model.name}"),
            (_("Arrives at"), manifest.site.name),
            (_("Announced"), counts["announced"]),
            (_("Received"), counts["received"]),
            (_("of these over-delivered"), counts["over"]),
            (_("Short"), counts["short"]),
        ]
    )
    missing = manifest.lines.missing().order_by("line")
    listed(sheet, _("Short"), missing, counts["short"])
    listed(
        sheet, _("Too many"), manifest.lines.filter(is_over=True).order_by("line"), counts["over"]
    )
    back = manifest.scans.filter(decision=ArrivalScan.Decision.SENT_BACK).order_by("pk")
    if back:
        sheet.heading(_("Goes back to the supplier"))
        sheet.text(", ".join(one.text.upper() for one in back[:PRINTED]))
    return sheet


def listed(sheet: Sheet, title: str, lines: QuerySet[ExpectedWatch], count: int) -> None:
    if not count:
        return
    sheet.heading(f"{title} ({count:,})")
    rows = [(one.line, one.serial, one.box) for one in lines[:PRINTED]]
    head = [_("Row"), _("Serial number"), _("Box")]
    sheet.table(head, rows, widths=(1, 4, 3), numbers=(0,))
    if count > PRINTED:
        more = _("{count} more are in the CSV file.").format(count=f"{count - PRINTED:,}")
        sheet.text(more, small=True)

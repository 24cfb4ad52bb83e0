"""Stocktakes: count with the scanner, then decide about every difference."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import CountedWatch, CountScan, Device, Site, Stocktake
from devices.scan.views import id_of, text_of
from devices.services import stocktake as counts
from seoul_health.core import clock
from seoul_health.core.admin.base import staff_of
from seoul_health.core.errors import DomainError, NotFound

from .base import Station
from .filters import ticked
from .manifests import as_csv
from .scanning import Body, spoken

COUNT, SETTLE = "devices.count_stocktake", "devices.settle_stocktake"
LAST = 10
LISTED = 50
SHOWN = 200
Decision = CountedWatch.Decision


def seen_by(request: HttpRequest) -> QuerySet[Stocktake]:
    rows = Stocktake.objects.visible_to(staff_of(request))
    return rows.select_related("site", "started_by")


def found(request: HttpRequest, pk: int) -> Stocktake:
    stocktake = seen_by(request).filter(pk=pk).first()
    if stocktake is None:
        raise NotFound
    return stocktake


class StocktakesView(Station):
    """/staff/devices/stocktakes/ — the last counts; POST begins one."""

    permission = COUNT
    template = "devices/stocktakes.html"
    title = gettext_lazy("Stocktakes")

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = seen_by(request).order_by("-pk")[:LISTED]
        return self.show(
            {
                "rows": [(row, row.watches.tally()) for row in rows],
                "sites": self.sites(),
                "own_site": self.staff.site_code,
                "as_of": clock.now(),
            }
        )

    def sites(self) -> QuerySet[Site]:
        return Site.objects.visible_to(self.staff).order_by("name", "pk")

    def post(self, request: HttpRequest) -> HttpResponse:
        site = get_object_or_404(self.sites(), code=request.POST.get("site", ""))
        is_blind = request.POST.get("blind") == "on"
        try:
            begun = counts.start(site, is_blind=is_blind, by=self.staff)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect("stations:stocktakes")
        return redirect("stations:stocktake", begun.pk)


class StocktakeView(Station):
    """/staff/devices/stocktakes/{id}/ — the scanner's page of one count; POST ends the count."""

    permission = COUNT
    template = "devices/stocktake.html"
    title = gettext_lazy("Stocktake")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(seen_by(request), pk=pk)
        if row.status != Stocktake.Status.COUNTING:
            return redirect("stations:differences", pk)
        mine = row.scans.filter(scanned_by=self.staff.actor_name).select_related("watch__device")
        scans = [shown(scan) for scan in mine.order_by("-pk")[:LAST]]
        tally = tally_of(row)
        return self.show({"row": row, "tally": tally, "scans": scans, "as_of": clock.now()})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(seen_by(request), pk=pk)
        try:
            self.do(row, request.POST.get("do", ""), request.POST.get("why", ""))
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.path)
        return redirect("stations:differences", pk)

    def do(self, row: Stocktake, verb: str, why: str) -> None:
        match verb:
            case "end":
                counts.end_count(row, by=self.staff)
            case "cancel":
                counts.cancel(row, why=why, by=self.staff)
            case _other:
                raise Http404


def tally_of(row: Stocktake) -> dict[str, int]:
    """Give the counts; who counts blind is not told how many there ought to be."""
    tally = row.watches.tally()
    scans = row.scans.filter(undone_at=None)
    unknown = scans.filter(outcome=CountScan.Outcome.UNKNOWN).values("text").distinct().count()
    told = {"found": tally["found"], "surplus": tally["surplus"], "unknown": unknown}
    return told if row.is_blind else {**told, "missing": tally["missing"]}


def shown(scan: CountScan) -> dict[str, Any]:
    serial = scan.watch.device.serial if scan.watch else scan.text.upper()
    return {
        "client_id": str(scan.client_id),
        "outcome": "undone" if scan.undone_at else scan.outcome,
        "label": _("Undone") if scan.undone_at else scan.get_outcome_display(),
        "serial": serial,
        "message": scan.message,
    }


@spoken(COUNT)
def scan(request: HttpRequest, pk: int, body: Body) -> Body:
    """POST /staff/devices/stocktakes/{id}/scan/ — {client_id, text}."""
    row = found(request, pk)
    kept = counts.count_scan(id_of(body), stocktake=row, text=text_of(body), by=staff_of(request))
    return {**shown(kept), "tally": tally_of(row)}


@spoken(COUNT)
def undo(request: HttpRequest, pk: int, body: Body) -> Body:
    """POST /staff/devices/stocktakes/{id}/undo/ — {client_id}."""
    row = found(request, pk)
    kept = counts.undo_count(id_of(body), stocktake=row, by=staff_of(request))
    return {**shown(kept), "tally": tally_of(row)}


class DifferencesView(Station):
    """/staff/devices/stocktakes/{id}/differences/ — what differs, and what was decided."""

    permission = COUNT
    template = "devices/differences.html"
    title = gettext_lazy("Differences of a stocktake")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(seen_by(request), pk=pk)
        if row.status == Stocktake.Status.COUNTING:
            return redirect("stations:stocktake", pk)
        every = row.watches.differing().select_related("device__site", "device__lot", "site_then")
        undecided = list(every.filter(decision="").order_by("found_at", "pk")[: SHOWN + 1])
        decided = every.exclude(decision="")
        unknown = row.scans.filter(undone_at=None, outcome=CountScan.Outcome.UNKNOWN)
        return self.show(
            {
                "row": row,
                "tally": row.watches.tally(),
                "left": row.watches.undecided().count(),
                "undecided": [offered(one) for one in undecided[:SHOWN]],
                "decided": decided.order_by("-decided_at", "-pk")[:SHOWN],
                "decisions": summed(decided),
                "unknown": Counter(unknown.order_by("pk").values_list("text", flat=True)).items(),
                "may_settle": request.user.has_perm(SETTLE) and row.status == "settling",
                "as_of": clock.now(),
            }
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Decide about the ticked ones, count on, close or give up."""
        if not request.user.has_perm(SETTLE):
            messages.error(request, _("You may not do this."))
            return HttpResponseRedirect(request.path)
        row = get_object_or_404(seen_by(request), pk=pk)
        try:
            self.do(row, request)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("stations:differences", args=[pk]))

    def do(self, row: Stocktake, request: HttpRequest) -> None:
        match request.POST.get("do", ""):
            case "close":
                counts.close(row, by=self.staff)
            case "count-on":
                counts.count_on(row, by=self.staff)
            case "cancel":
                counts.cancel(row, why=request.POST.get("why", ""), by=self.staff)
            case decision if decision in Decision.values:
                self.decide_each(row, decision, request)
            case _other:
                raise Http404

    def decide_each(self, row: Stocktake, decision: str, request: HttpRequest) -> None:
        """Decide the same about every ticked watch; what does not fit is told one by one."""
        rows = row.watches.undecided().filter(pk__in=ticked(request, "watch"))
        done = 0
        for one in rows.select_related("stocktake").order_by("pk"):
            try:
                counts.decide(one, decision, note=request.POST.get("note", ""), by=self.staff)
            except DomainError as refusal:
                messages.error(request, str(refusal))
            else:
                done += 1
        if done:
            messages.success(request, _("{done} done.").format(done=done))


def offered(row: CountedWatch) -> dict[str, Any]:
    return {
        "row": row,
        "is_missing": row.found_at is None,
        "now": row.device.get_status_display(),
        "place": row.device.site.name if row.device.site else "",
    }


def summed(decided: QuerySet[CountedWatch]) -> list[tuple[str, int]]:
    counted = Counter(decided.values_list("decision", flat=True))
    return [(str(Decision(code).label), count) for code, count in counted.most_common()]


class DifferencesFileView(Station):
    """GET /staff/devices/stocktakes/{id}/differences.csv — every watch that differed."""

    permission = COUNT
    template = "devices/differences.html"
    title = gettext_lazy("Differences of a stocktake")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(seen_by(request), pk=pk)
        if row.is_blind and row.status == Stocktake.Status.COUNTING:
            raise Http404
        differing = row.watches.differing().select_related("device", "site_then").order_by("pk")
        statuses = dict(Device.Status.choices)
        return as_csv(
            f"stocktake-{row.number}.csv",
            [
                _("Serial number"), _("Difference"), _("Status then"), _("Site then"),
                _("Decision"), _("Note"), _("Decided by"),
            ],
            (
                (
                    one.device.serial,
                    _("Surplus") if one.found_at else _("Missing"),
                    statuses[one.status_then],
                    one.site_then.code if one.site_then else "",
                    one.get_decision_display(),
                    one.note,
                    one.decided_by,
                )
                for one in differing.iterator()
            ),
        )  # fmt: skip

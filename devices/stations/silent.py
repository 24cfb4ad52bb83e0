"""Watches nobody walks with: who, for how long, and what is done about it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import Loan, SilentLoan
from devices.models.silent import SilentLoanQuerySet
from devices.services import silent
from participants.rules.districts import DISTRICTS
from seoul_health.core import clock
from seoul_health.core.access import log_read
from seoul_health.core.errors import DomainError
from seoul_health.core.spreadsheets import write_csv

from .base import Station

SHOWN = 100


class SilentView(Station):
    """GET, POST /staff/devices/silent/?days=…&district=… — the list, and telling or calling it."""

    permission = "devices.view_recoverystep"
    template = "devices/silent.html"
    title = gettext_lazy("Silent watches")
    NEEDS = {"tell": "devices.recall_loan", "call": "devices.recall_loan"}

    def get(self, request: HttpRequest) -> HttpResponse:
        rows, days, today = self.rows(), self.days(), clock.today()
        chosen = self.listed(rows.since(days, today))
        listed = list(chosen[:SHOWN])
        numbers = [row.loan.participant.number for row in listed]
        log_read(request, numbers, by=self.staff, action="list", what="devices:silent")
        counts = {each: rows.since(each, today).count() for each in silent.DAYS}
        out = Loan.objects.visible_to(self.staff).filter(status__in=["live", "recall_requested"])
        context = {
            "rows": [(row, (today - row.silent_since).days) for row in listed],
            "days": days,
            "counts": counts,
            "out": out.count(),
            "hidden": counts[days] - len(listed),
            "untold": silent.untold(rows, days=days, kind="message").count(),
            "uncalled": silent.untold(rows, days=days, kind="call").count(),
            "district": self.district(),
            "districts": DISTRICTS,
            "query": request.GET.urlencode(),
            "as_of": SilentLoan.objects.aggregate(at=Max("seen_at"))["at"],
        }
        return self.show(context)

    def post(self, request: HttpRequest) -> HttpResponse:
        verb = request.POST.get("do", "")
        if verb not in self.NEEDS:
            raise Http404
        if not self.staff.has_perm(self.NEEDS[verb]):
            raise PermissionDenied
        act = silent.tell if verb == "tell" else silent.have_called
        try:
            count = act(self.rows(), days=self.days(), by=self.staff)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            told = {
                "tell": _("{count} people are written to."),
                "call": _("{count} people are on the list of calls."),
            }[verb]
            messages.success(request, told.format(count=f"{count:,}"))
        query = f"?days={self.days()}&district={self.district()}"
        return redirect(reverse("stations:silent") + query)

    def rows(self) -> SilentLoanQuerySet:
        rows = SilentLoan.objects.visible_to(self.staff)
        district = self.district()
        return rows.filter(loan__participant__district=district) if district else rows

    def listed(self, rows: SilentLoanQuerySet) -> SilentLoanQuerySet:
        related = rows.select_related("loan__participant__profile", "loan__device__lot__model")
        ordered = related.order_by("silent_since", "loan")
        return ordered.prefetch_related("loan__silent_steps__step")

    def days(self) -> int:
        asked = self.request.GET.get("days", "")
        return int(asked) if asked in {"30", "60", "90"} else silent.DAYS[0]

    def district(self) -> str:
        asked = self.request.GET.get("district", "")
        return asked if asked in DISTRICTS else ""


class SilentFile(SilentView):
    """GET …/silent.csv — the list without names."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = list(self.listed(self.rows().since(self.days(), clock.today())))
        numbers = [row.loan.participant.number for row in rows]
        log_read(request, numbers, by=self.staff, action="export", what="devices:silent")
        head = [_("Serial number"), _("Participant number"), _("District"), _("Silent since")]
        lines = [
            (
                row.loan.device.serial,
                row.loan.participant.number,
                row.loan.participant.district,
                row.silent_since,
            )
            for row in rows
        ]
        response = HttpResponse(write_csv(head, lines), content_type="text/csv")
        response["Content-Disposition"] = 'attachment; filename="silent.csv"'
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        return redirect("stations:silent")

"""Repairs: what waits to be sent, what workshops have, how each of them does."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import RepairTicket
from devices.models.repairs import RepairTicketQuerySet
from devices.services import repairs, watch_papers
from seoul_health.core import clock
from seoul_health.core.errors import DomainError
from seoul_health.core.spreadsheets import write_csv

from .base import Station
from .filters import PAGE, address, chosen, cursor_of, ticked
from .finding_forms import files_of

DAY = {"type": "date"}
KINDS = {"image/jpeg", "image/png", "application/pdf"}
MOST_ROWS = 20_000
SHOWN = [*RepairTicket.Status.values, "late"]


class SendForm(forms.Form):
    workshop = forms.CharField(label=gettext_lazy("Workshop"), max_length=60)
    expected_on = forms.DateField(
        label=gettext_lazy("Expected back on"), required=False, widget=forms.DateInput(attrs=DAY)
    )
    reference = forms.CharField(
        label=gettext_lazy("Workshop’s number"), max_length=40, required=False
    )


class BackForm(forms.Form):
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), choices=RepairTicket.Outcome.choices)
    cost = forms.IntegerField(
        label=gettext_lazy("Cost (KRW)"), min_value=0, max_value=10_000_000, initial=0
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)


class LaterForm(forms.Form):
    expected_on = forms.DateField(
        label=gettext_lazy("Expected back on"), widget=forms.DateInput(attrs=DAY)
    )


def filters_of(request: HttpRequest) -> dict[str, str]:
    return chosen(request, {"status": SHOWN, "workshop": None, "q": None})


def filtered(rows: RepairTicketQuerySet, filters: dict[str, str]) -> RepairTicketQuerySet:
    if filters.get("status") == "late":
        rows = rows.late(clock.today())
    elif "status" in filters:
        rows = rows.filter(status=filters["status"])
    if "workshop" in filters:
        rows = rows.filter(workshop=filters["workshop"])
    if "q" in filters:
        rows = rows.filter(device__serial__startswith=filters["q"].upper())
    return rows


def told_errors(request: HttpRequest, form: forms.Form) -> None:
    told = [str(error) for errors in form.errors.values() for error in errors]
    messages.error(request, " ".join(told))


class RepairsView(Station):
    """GET …/repairs/?status=…; POST sends what was ticked to a workshop."""

    permission = "devices.inspect_device"
    template = "devices/repairs.html"
    title = gettext_lazy("Repairs")

    def get(self, request: HttpRequest) -> HttpResponse:
        filters, seen = filters_of(request), RepairTicket.objects.visible_to(self.staff)
        rows = filtered(seen, filters).select_related("device__lot__model").order_by("-pk")
        after = cursor_of(request)
        page = list((rows.filter(pk__lt=after) if after else rows)[: PAGE + 1])
        today = clock.today()
        others = {name: value for name, value in filters.items() if name != "status"}
        context = {
            "rows": page[:PAGE],
            "more": address(filters, after=page[PAGE - 1].pk) if len(page) > PAGE else "",
            "filters": filters,
            "tabs": self.tabs(filtered(seen, others), others),
            "count": filtered(seen, others).count(),
            "all": address(others),
            "here": address(filters),
            "workshops": [
                (row, address({}, workshop=row.name), address({}, workshop=row.name, status="late"))
                for row in repairs.workshops(seen, today=today)
            ],
            "send": SendForm(),
            "today": today,
            "as_of": clock.now(),
        }
        return self.show(context)

    def tabs(
        self, rows: RepairTicketQuerySet, others: dict[str, str]
    ) -> list[tuple[str, Any, int, str]]:
        names: list[tuple[str, Any]] = [*RepairTicket.Status.choices]
        names.insert(2, ("late", _("Late")))
        return [
            (code, label, filtered(rows, {"status": code}).count(), address(others, status=code))
            for code, label in names
        ]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SendForm(request.POST)
        seen = RepairTicket.objects.visible_to(self.staff)
        rows = list(seen.filter(pk__in=ticked(request, "repair")))
        if not form.is_valid():
            told_errors(request, form)
        elif not rows:
            messages.error(request, _("Tick at least one repair."))
        else:
            self.send(rows, form)
        return redirect(f"{reverse('stations:repairs')}{address(filters_of(request))}")

    def send(self, rows: list[RepairTicket], form: SendForm) -> None:
        try:
            repairs.send(rows, by=self.staff, **form.cleaned_data)
        except DomainError as refusal:
            messages.error(self.request, str(refusal))
        else:
            told = _("Watches sent to the workshop: {count}.")
            messages.success(self.request, told.format(count=len(rows)))


class RepairsFile(RepairsView):
    """GET …/repairs.csv — the same rows, all pages."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = filtered(RepairTicket.objects.visible_to(self.staff), filters_of(request))
        kept = rows.select_related("device__lot").order_by("-pk")[:MOST_ROWS]
        head = [
            _("Serial number"), _("Lot"), _("Status"), _("What is wrong"), _("Under warranty"),
            _("Workshop"), _("Sent at"), _("Expected back on"), _("Closed at"), _("Outcome"),
            _("Cost (KRW)"),
        ]  # fmt: skip
        lines = [
            (
                row.device.serial, row.device.lot.code, row.get_status_display(), row.fault,
                _("Yes") if row.is_under_warranty else _("No"), row.workshop, day(row.sent_at),
                row.expected_on or "", day(row.closed_at), row.get_outcome_display(), row.cost,
            )
            for row in kept
        ]  # fmt: skip
        answer = HttpResponse(write_csv(head, lines), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="repairs.csv"'
        return answer


def day(moment: Any) -> str:
    return f"{clock.seoul_day(moment)}" if moment else ""


class RepairView(Station):
    """GET …/repairs/{id}/ — one repair, its papers, and what can be done next."""

    permission = "devices.inspect_device"
    template = "devices/repair.html"
    title = gettext_lazy("Repair")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        ticket = ticket_of(self, pk)
        context = {
            "ticket": ticket,
            "papers": ticket.papers.order_by("pk"),
            "send": SendForm(),
            "back": BackForm(),
            "later": LaterForm(),
            "is_late": bool(
                ticket.status == "sent"
                and ticket.expected_on
                and ticket.expected_on < clock.today()
            ),
            "as_of": clock.now(),
        }
        return self.show(context)


def ticket_of(station: Station, pk: int) -> RepairTicket:
    rows = RepairTicket.objects.visible_to(station.staff)
    return get_object_or_404(rows.select_related("device__lot__model"), pk=pk)


class RepairAct(Station):
    """POST …/repairs/{id}/{verb}/ — send it, take it back, expect it later, or keep a paper."""

    permission = "devices.inspect_device"
    FORMS = {"send": SendForm, "back": BackForm, "later": LaterForm, "paper": forms.Form}

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        if verb not in self.FORMS:
            raise Http404
        ticket, form = ticket_of(self, pk), self.FORMS[verb](request.POST)
        if not form.is_valid():
            told_errors(request, form)
            return redirect("stations:repair", pk=pk)
        try:
            self.act(ticket, verb, **form.cleaned_data)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Done; it is written into the history."))
        return redirect("stations:repair", pk=pk)

    def act(self, ticket: RepairTicket, verb: str, **terms: Any) -> None:
        if verb == "send":
            repairs.send([ticket], **terms, by=self.staff)
        elif verb == "back":
            repairs.take_back(ticket, **terms, by=self.staff)
        elif verb == "later":
            repairs.expect_later(ticket, **terms, by=self.staff)
        else:
            for sent in files_of(self.request, "papers", KINDS):
                watch_papers.keep_with(ticket, sent, by=self.staff)

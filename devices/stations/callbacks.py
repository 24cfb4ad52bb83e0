"""Calls back: who is to be called about a reading, by when, and what came of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import CallAttempt, Reading, RiskAlert
from devices.services import alerts
from devices.services.waiting import age_of
from seoul_health.core import clock
from seoul_health.core.access import log_read
from seoul_health.core.errors import DomainError

from .base import Station

SHOWN = 100
TABS = ("waiting", "mine", "late", "done")


class CallForm(forms.Form):
    outcome = forms.ChoiceField(choices=CallAttempt.Outcome.choices)
    note = forms.CharField(max_length=1000, required=False)


class CallPage(Station):
    permission = "devices.call_back"

    def alert(self, pk: int) -> RiskAlert:
        rows = RiskAlert.objects.visible_to(self.staff).select_related(
            "participant__profile", "reading__instrument", "threshold", "site", "handler"
        )
        return get_object_or_404(rows, pk=pk)


class QueueView(CallPage):
    """/staff/devices/callbacks/ — the queue; the button gives the most urgent call."""

    template = "devices/callbacks.html"
    title = gettext_lazy("Calls back")

    def get(self, request: HttpRequest) -> HttpResponse:
        tab = request.GET.get("tab", "waiting")
        tab = tab if tab in TABS else "waiting"
        now = clock.now()
        rows = list(self.rows(tab)[:SHOWN])
        seen = [row.participant.number for row in rows]
        log_read(request, seen, by=self.staff, action="list", what="devices:callbacks")
        return self.show(
            {
                "tab": tab,
                "rows": [(row, row.is_late(now)) for row in rows],
                "counts": self.counts(),
                "now": now,
            }
        )

    def rows(self, tab: str) -> Any:
        now, own = clock.now(), RiskAlert.objects.visible_to(self.staff)
        taken = own.filter(status=RiskAlert.Status.TAKEN)
        picked = {
            "waiting": own.filter(status=RiskAlert.Status.OPEN).order_by("-level", "due_at", "pk"),
            "mine": taken.filter(handler=self.staff).order_by("due_at", "pk"),
            "late": own.unfinished().filter(due_at__lt=now).order_by("due_at", "pk"),
            "done": own.exclude(status__in=RiskAlert.UNFINISHED).order_by("-closed_at", "-pk"),
        }[tab]
        return picked.select_related(
            "participant__profile", "reading", "threshold", "site", "handler"
        )

    def counts(self) -> dict[str, int]:
        return {tab: self.rows(tab).count() for tab in TABS if tab != "done"}

    def post(self, request: HttpRequest) -> HttpResponse:
        alert = alerts.take_next(by=self.staff)
        if alert is None:
            messages.info(request, _("Nobody is to be called right now."))
            return redirect("stations:callbacks")
        return redirect("stations:callback", alert.pk)


class AlertView(CallPage):
    """/staff/devices/callbacks/{id}/ — one person to be called."""

    template = "devices/callback.html"
    title = gettext_lazy("Call back")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(self.alert(pk))

    def page(self, alert: RiskAlert, *, phone: str = "") -> HttpResponse:
        person = alert.participant
        log_read(
            self.request, [person.number], by=self.staff, action="view", what="devices:callback"
        )
        last = Reading.objects.standing().filter(participant=person)
        return self.show(
            {
                "alert": alert,
                "person": person,
                "age": age_of(person, clock.today()),
                "is_mine": alert.handler_id == self.staff.pk and alert.status == "taken",
                "is_late": alert.is_late(clock.now()),
                "attempts": alert.attempts.order_by("pk"),
                "outcomes": CallAttempt.Outcome.choices,
                "last": last.order_by("-measured_at", "-pk")[:10],
                "phone": phone,
                "now": clock.now(),
            }
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take, put back, show the phone or write down the call, as the button says."""
        alert, verb = self.alert(pk), request.POST.get("do", "")
        if verb == "phone":
            return self.reveal(alert)
        try:
            if verb == "take":
                alerts.take(alert, by=self.staff)
            elif verb == "put-back":
                self.only_mine(alert)
                alerts.put_back(alert, by=self.staff)
                return redirect("stations:callbacks")
            else:
                return self.called(alert)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect("stations:callback", pk)

    def called(self, alert: RiskAlert) -> HttpResponse:
        asked = CallForm(self.request.POST)
        if not asked.is_valid():
            messages.error(self.request, _("Say what came of the call."))
            return redirect("stations:callback", alert.pk)
        self.only_mine(alert)
        alerts.record_call(alert, by=self.staff, **asked.cleaned_data)
        messages.success(self.request, _("The call is written down."))
        return redirect("stations:callbacks")

    def only_mine(self, alert: RiskAlert) -> None:
        if alert.handler_id != self.staff.pk:
            raise PermissionDenied

    def reveal(self, alert: RiskAlert) -> HttpResponse:
        """Show the phone number to who has taken the call; the alert is the reason."""
        self.only_mine(alert)
        log_read(
            self.request,
            [alert.participant.number],
            by=self.staff,
            action="reveal",
            what="devices:callback:phone",
            reason=f"call back {alert.pk}",
        )
        return self.page(alert, phone=alert.participant.profile.phone)

"""The desk's queue of overdue watches: who to call next, and what came of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import RecoveryCall, RecoveryTask
from devices.services import recovery_tasks
from seoul_health.core import clock
from seoul_health.core.access import log_read
from seoul_health.core.errors import DomainError

from .base import Station

SHOWN = 50
LISTS = {"open": ("open", "taken"), "closed": ("promised", "refused", "unreached", "pointless")}


class CallForm(forms.Form):
    """What came of a call; both days are Seoul's."""

    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), choices=RecoveryCall.Outcome.choices)
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=500, required=False, widget=forms.Textarea
    )
    promised_on = forms.DateField(
        label=gettext_lazy("Promised for"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    next_at = forms.DateTimeField(
        label=gettext_lazy("Next call"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Without an answer; empty: tomorrow."),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("outcome") == "promised" and not values.get("promised_on"):
            self.add_error("promised_on", _("Please write the day that was promised."))
        return values


class ExtendForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("New due day"), widget=forms.DateInput(attrs={"type": "date"})
    )
    why = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class RevealForm(forms.Form):
    why = forms.CharField(label=gettext_lazy("Reason"), min_length=2, max_length=200)


class CallsView(Station):
    """GET /staff/devices/calls/?list=… — the queue, the longest overdue first."""

    permission = "devices.call_borrower"
    template = "devices/calls.html"
    title = gettext_lazy("Calls about overdue watches")

    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = request.GET.get("list", "open")
        all_rows = RecoveryTask.objects.visible_to(self.staff)
        rows = all_rows.filter(status__in=LISTS.get(chosen, LISTS["open"])).select_related(
            "loan__participant__profile", "loan__device", "handler"
        )
        listed = list(rows.order_by("due_on", "pk")[:SHOWN])
        numbers = [row.loan.participant.number for row in listed]
        log_read(request, numbers, by=self.staff, action="list", what="devices:calls")
        return self.show(
            {
                "rows": listed,
                "chosen": chosen if chosen in LISTS else "open",
                "waiting": all_rows.waiting(clock.now()).count(),
                "now": clock.now(),
                "today": clock.today(),
            }
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the next task out of the queue."""
        task = recovery_tasks.take_next(by=self.staff)
        if task is None:
            messages.info(request, _("Nobody is to be called now."))
            return redirect("stations:calls")
        return redirect("stations:call", pk=task.pk)


def task_of(station: Station, pk: int) -> RecoveryTask:
    rows = RecoveryTask.objects.visible_to(station.staff)
    related = rows.select_related("loan__participant__profile", "loan__device__lot__model")
    return get_object_or_404(related, pk=pk)


class CallView(Station):
    """GET, POST /staff/devices/calls/{id}/ — one task: who, which watch, what was tried."""

    permission = "devices.call_borrower"
    template = "devices/call.html"
    title = gettext_lazy("Call about an overdue watch")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(task_of(self, pk), CallForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task, form = task_of(self, pk), CallForm(request.POST)
        if not form.is_valid():
            return self.page(task, form, status=400)
        try:
            recovery_tasks.record_call(task, **form.cleaned_data, by=self.staff)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return self.page(task, form, status=409)
        messages.success(request, _("The call is written down."))
        return redirect("stations:calls")

    def page(
        self, task: RecoveryTask, form: forms.Form, *, phone: str = "", status: int = 200
    ) -> HttpResponse:
        who = task.loan.participant
        log_read(self.request, [who.number], by=self.staff, action="view", what="devices:call")
        context = {
            "task": task,
            "form": form,
            "phone": phone,
            "late": (clock.today() - task.due_on).days,
            "is_mine": task.status == "taken" and task.handler_id == self.staff.pk,
            "steps": task.loan.recovery.order_by("-pk"),
            "calls": task.calls.order_by("-pk"),
            "extend": ExtendForm(),
            "reveal": RevealForm(),
            "now": clock.now(),
        }
        return self.show(context, status=status)


class RevealView(CallView):
    """POST …/phone/ — show the number to whoever calls; the reason is kept."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return redirect("stations:call", pk=pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task, form = task_of(self, pk), RevealForm(request.POST)
        if task.handler_id != self.staff.pk or task.status != "taken":
            raise PermissionDenied
        if not form.is_valid():
            return self.page(task, CallForm(), status=400)
        who = task.loan.participant
        log_read(
            request, [who.number], by=self.staff, action="reveal", what="devices:call",
            reason=form.cleaned_data["why"],
        )  # fmt: skip
        profile = getattr(who, "profile", None)
        return self.page(task, CallForm(), phone=profile.phone if profile else "–")


class CallAct(Station):
    """POST …/{extend,put-back}/ — more time for the citizen, or the task for somebody else."""

    permission = "devices.call_borrower"

    def get(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        return redirect("stations:call", pk=pk)

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        task = task_of(self, pk)
        try:
            self.act(task, verb)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect("stations:call", pk=pk)
        messages.success(request, _("Done; it is written into the history."))
        return redirect("stations:calls")

    def act(self, task: RecoveryTask, verb: str) -> None:
        if verb == "put-back":
            if task.handler_id not in {None, self.staff.pk}:
                raise PermissionDenied
            recovery_tasks.put_back(task, by=self.staff)
            return
        form = ExtendForm(self.request.POST)
        if not form.is_valid():
            raise BadExtension
        recovery_tasks.extend_due(task.loan, **form.cleaned_data, by=self.staff)


class BadExtension(DomainError):
    message = gettext_lazy("Please write the new due day and a reason.")

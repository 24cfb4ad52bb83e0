"""Where one application stands, for whoever holds its receipt; nothing of it is in an address."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from participants.models import Application, Offer
from participants.rules.next_steps import NEXT_STEPS
from participants.services.judging import open_failures
from participants.services.lookup import find_for_guest
from seoul_health.core.api.throttling import CallerThrottle

Status = Application.Status
TRIES, WINDOW = 10, 3600
WHO = {
    "you": gettext_lazy("You"),
    "office": gettext_lazy("The recruitment office"),
    "nobody": gettext_lazy("Nobody; it is finished"),
}


class LookUpForm(forms.Form):
    receipt_no = forms.CharField(
        label=gettext_lazy("Receipt number"),
        help_text=gettext_lazy("It is on your receipt and in the app: A-2611-7KQ4M3."),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    proof = forms.CharField(
        label=gettext_lazy("Birth date (8 digits) or the last 4 digits of your phone"),
        help_text=gettext_lazy("For example 19800517 or 5678."),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_receipt_no(self) -> str:
        return str(self.cleaned_data["receipt_no"]).strip().upper()


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of an application's way, with the day it was reached if that is known."""

    name: str | Promise
    state: str
    at: datetime | None = None


class StatusView(View):
    """GET /apply/status/ — ask for a receipt number. POST — show where the application stands."""

    throttle_scope = "guest"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(LookUpForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LookUpForm(request.POST)
        if not CallerThrottle().allow_request(request, self):  # type: ignore[arg-type]
            return self.refuse(form, too_often(), status=429)
        if not form.is_valid():
            return self.show(form, status=400)
        receipt_no = form.cleaned_data["receipt_no"]
        if not may_try(receipt_no):
            return self.refuse(form, too_often(), status=429)
        found = find_for_guest(receipt_no, form.cleaned_data["proof"])
        if found is None:
            return self.refuse(form, no_match(), status=404)
        return self.answer("public/status_found.html", story_of(found))

    def refuse(self, form: LookUpForm, sentence: str, *, status: int) -> HttpResponse:
        return self.show(form, status=status, refusal=sentence)

    def show(self, form: LookUpForm, *, status: int = 200, **more: Any) -> HttpResponse:
        return self.answer("public/status.html", {"form": form, **more}, status=status)

    def answer(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        response = render(self.request, template, context, status=status)
        response["Cache-Control"] = "no-store"
        return response


def too_often() -> str:
    return _("There were too many attempts. Please try again in an hour, or call 120.")


def no_match() -> str:
    return _("No application fits these two. Please check both, or call 120.")


def may_try(receipt_no: str) -> bool:
    """Let each number be tried a few times an hour, whether it exists or not."""
    key = f"throttle:status:{receipt_no}:{int(time.time() // WINDOW)}"
    return CallerThrottle().count(key, WINDOW) <= TRIES


def story_of(application: Application) -> dict[str, Any]:
    """Tell an application's way so far, who acts next, and by when."""
    who, what = NEXT_STEPS[application.status]
    offer = Offer.objects.open().filter(application=application).first()
    return {
        "application": application,
        "stages": stages_of(application),
        "who": WHO[who],
        "is_you": who == "you",
        "what": what,
        "reasons": open_failures(application),
        "offer": offer,
        "is_waiting": application.status == Status.WAITLISTED and application.rank is not None,
        "promised_on": application.promised_on if who == "office" else None,
    }


REACHED = {
    Status.DRAFT: 0, Status.SUBMITTED: 1, Status.UNDER_REVIEW: 1, Status.ON_HOLD: 1,
    Status.APPROVED: 2, Status.WAITLISTED: 2, Status.SELECTED: 3, Status.CONFIRMED: 4,
}  # fmt: skip


def stages_of(application: Application) -> list[Stage]:
    """Lay out the way from the draft to taking part; a way that ended early ends in its word."""
    names = (_("Submitted"), _("Checked"), _("Seat"), _("Taking part"))
    times = (application.submitted_at, application.decided_at, None, None)
    if application.status not in REACHED:
        ended = Stage(application.get_status_display(), "danger", application.decided_at)
        first = [Stage(names[0], "done", times[0])] if application.submitted_at else []
        return [*first, ended]
    reached = REACHED[Status(application.status)]
    return [
        Stage(name, "done" if place < reached else "now" if place == reached else "next", at)
        for place, (name, at) in enumerate(zip(names, times, strict=True))
    ]

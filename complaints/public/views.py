"""Complaints without an account: write one, look it up, add to it; nothing is in an address."""

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from complaints.models import Channel, Complaint
from complaints.services import citizens, intake
from complaints.services.deadlines import deadline_of
from complaints.services.intake import About, Guest, Slip
from seoul_health.core.api.throttling import CallerThrottle
from seoul_health.core.audit import System
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError

from .forms import KeyForm, RateForm, SayForm, WithdrawForm, WriteForm

GUEST = System("guest")
ONCE_FOR, PENDING = 3600, "…"
TRIES, WINDOW = 10, 3600


class GuestPage(View):
    """A page for citizens: no browser keeps it, and nobody calls it a thousand times."""

    throttle_scope = "guest"
    template: ClassVar[str]

    def may_call(self) -> bool:
        return CallerThrottle().allow_request(self.request, self)  # type: ignore[arg-type]

    def show(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        response = render(self.request, f"complaints/{template}", context, status=status)
        response["Cache-Control"] = "no-store"
        return response


class WriteView(GuestPage):
    """GET /complaints/new/ — the form. POST — file it; the slip is shown once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.form(WriteForm(initial={"once": uuid.uuid4()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WriteForm(request.POST)
        if not self.may_call():
            return self.form(form, status=429, refusal=too_often())
        if not form.is_valid():
            return self.form(form, status=400)
        if form.cleaned_data["website"]:
            return self.form(form, status=400, refusal=not_by_programs())
        slip = once(form.cleaned_data["once"], lambda: file_for_guest(form.cleaned_data))
        if slip is None:
            return self.form(form, status=409, refusal=being_filed())
        return self.show("filed.html", {"slip": slip, "complaint": slip.complaint}, status=201)

    def form(self, form: WriteForm, *, status: int = 200, refusal: str = "") -> HttpResponse:
        return self.show("write.html", {"form": form, "refusal": refusal}, status=status)


def once(token: uuid.UUID, file: Callable[[], Slip]) -> Slip | None:
    """File a form once: sent again it gives the same slip; while it is being filed, nothing."""
    key = f"complaints:form:{token}"
    if cache.add(key, PENDING, ONCE_FOR):
        try:
            slip = file()
        except BaseException:
            cache.delete(key)
            raise
        cache.set(key, slip.complaint.receipt_no, ONCE_FOR)
        return slip
    known = Complaint.objects.filter(receipt_no=cache.get(key, "")).first()
    return intake.slip_of(known) if known else None


def file_for_guest(values: Mapping[str, Any]) -> Slip:
    return intake.file_complaint(
        None,
        category=values["category"],
        title=values["title"],
        text=values["text"],
        channel=Channel.WEB,
        by=GUEST,
        guest=Guest(values["name"], values["phone"]),
        about=About(day=values["about_date"]),
    )


class LookUpView(GuestPage):
    """GET /complaints/ — ask for number and secret. POST — the complaint, or a step on it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.ask(KeyForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        keys = KeyForm(request.POST)
        if not self.may_call():
            return self.ask(keys, status=429, refusal=too_often())
        if not keys.is_valid():
            return self.ask(keys, status=400)
        number = keys.cleaned_data["receipt_no"]
        if not may_try(number):
            return self.ask(keys, status=429, refusal=too_often())
        found = Complaint.objects.filter(receipt_no=number).select_related("category", "handler")
        complaint = found.first()
        if not intake.fits(complaint, keys.cleaned_data["secret"]) or complaint is None:
            return self.ask(keys, status=404, refusal=no_match())
        forget_tries(number)
        return self.step(complaint, keys, request.POST.get("step", ""))

    def step(self, complaint: Complaint, keys: KeyForm, name: str) -> HttpResponse:
        """Take the step that was asked for; without one, only show the complaint."""
        if name not in STEPS:
            return self.story(complaint, keys)
        form_class, run, done = STEPS[name]
        form = form_class(self.request.POST)
        if not form.is_valid():
            return self.story(complaint, keys, status=400, bound=(name, form))
        try:
            run(complaint, form.cleaned_data)
        except DomainError as refusal:
            told, status = str(refusal), status_of(refusal)
            return self.story(complaint, keys, status=status, refusal=told, bound=(name, form))
        return self.story(complaint, keys, done=str(done()))

    def story(
        self,
        complaint: Complaint,
        keys: KeyForm,
        *,
        status: int = 200,
        bound: tuple[str, forms.Form] | None = None,
        **more: Any,
    ) -> HttpResponse:
        offered = {name: STEPS[name][0]() for name in steps_for(complaint)}
        if bound is not None:
            offered[bound[0]] = bound[1]
        deadline = deadline_of(complaint)
        context: dict[str, Any] = {
            "complaint": complaint,
            "deadline": deadline,
            "days": sorted([*deadline.counted, *deadline.skipped], key=lambda item: item.day),
            "messages_said": complaint.messages.for_the_citizen(),
            "forms": offered,
            "keys": keys.cleaned_data,
            **more,
        }
        return self.show("story.html", context, status=status)

    def ask(self, form: KeyForm, *, status: int = 200, refusal: str = "") -> HttpResponse:
        return self.show("look_up.html", {"form": form, "refusal": refusal}, status=status)


def add(complaint: Complaint, values: Mapping[str, Any]) -> None:
    citizens.write(complaint, values["text"], by=GUEST)


def rate(complaint: Complaint, values: Mapping[str, Any]) -> None:
    judge = citizens.rate_and_reopen if values["reopen"] else citizens.rate
    judge(complaint, values["score"], comment=values["comment"], by=GUEST)


def withdraw(complaint: Complaint, values: Mapping[str, Any]) -> None:
    citizens.withdraw(complaint, by=GUEST, why=values["reason"])


STEPS: dict[
    str, tuple[type[forms.Form], Callable[[Complaint, Mapping[str, Any]], None], Callable[[], str]]
] = {
    "say": (SayForm, add, lambda: _("Your message has been added.")),
    "rate": (RateForm, rate, lambda: _("Thank you; your opinion has been kept.")),
    "withdraw": (WithdrawForm, withdraw, lambda: _("The complaint has been withdrawn.")),
}


def steps_for(complaint: Complaint) -> list[str]:
    if complaint.status == Complaint.Status.ANSWERED:
        return ["rate"]
    if complaint.is_open:
        may_withdraw = complaint.may(Complaint.Status.WITHDRAWN)
        return ["say", "withdraw"] if may_withdraw else ["say"]
    return []


def tries_key(receipt_no: str) -> str:
    return f"throttle:complaint:{receipt_no}:{int(time.time() // WINDOW)}"


def may_try(receipt_no: str) -> bool:
    """Let each number be tried a few times an hour, whether it exists or not."""
    return CallerThrottle().count(tries_key(receipt_no), WINDOW) <= TRIES


def forget_tries(receipt_no: str) -> None:
    cache.delete(tries_key(receipt_no))


def too_often() -> str:
    return _("There were too many attempts. Please try again in an hour, or call 120.")


def no_match() -> str:
    return _("No complaint fits these two. Please check both, or call 120.")


def not_by_programs() -> str:
    return _("This form is for people; programs please use the documented interface.")


def being_filed() -> str:
    return _("Your complaint is being filed. Please wait a moment and send it once more.")

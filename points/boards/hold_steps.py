"""What a person does about a hold: decide with a reason, hear an objection, raise one by hand."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participants.models import Participant
from points.models import Hold, HoldAppeal
from points.services.hold_appeals import dismiss_appeal, uphold_appeal
from points.services.holding import confirm_hold, raise_hold, release_hold
from seoul_health.core.errors import DomainError

from .base import Board
from .holds import HoldPage, WhyForm


class RaiseForm(forms.Form):
    participant = forms.ModelChoiceField(
        label=gettext_lazy("Participant number"),
        queryset=Participant.objects.none(),
        to_field_name="number",
        widget=forms.TextInput,
    )
    first_day = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"})
    )
    last_day = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"})
    )
    why = forms.CharField(
        label=gettext_lazy("What gives rise to doubt"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class Decision(HoldPage):
    """POST — a decision with its reason; back to the hold with what became of it."""

    permission = "points.decide_hold"
    done: Any = ""

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        return HttpResponseRedirect(reverse("boards:hold", args=[public_id]))

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        hold, form = self.find(public_id), WhyForm(request.POST)
        if not form.is_valid():
            return self.page(hold, form, status=400)
        try:
            self.decide(hold, form.cleaned_data["why"])
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return self.page(self.find(public_id), form, status=422)
        messages.success(request, self.done)
        return HttpResponseRedirect(reverse("boards:hold", args=[public_id]))

    def decide(self, hold: Hold, why: str) -> None:
        raise NotImplementedError


class Release(Decision):
    done = gettext_lazy("The days earn again; what they are due has been awarded.")

    def decide(self, hold: Hold, why: str) -> None:
        release_hold(hold, why=why, by=self.staff)


class Confirm(Decision):
    done = gettext_lazy("The hold is confirmed. What was awarded before waits under reviews.")

    def decide(self, hold: Hold, why: str) -> None:
        confirm_hold(hold, why=why, by=self.staff)


class Uphold(Decision):
    done = gettext_lazy("The objection is upheld: the days earn again.")

    def decide(self, hold: Hold, why: str) -> None:
        uphold_appeal(appeal_of(hold), answer=why, by=self.staff)


class Dismiss(Decision):
    done = gettext_lazy("The objection is dismissed; the citizen reads why.")

    def decide(self, hold: Hold, why: str) -> None:
        dismiss_appeal(appeal_of(hold), answer=why, by=self.staff)


def appeal_of(hold: Hold) -> HoldAppeal:
    appeal: HoldAppeal | None = getattr(hold, "appeal", None)
    if appeal is None:
        raise Http404
    return appeal


class RaiseView(Board):
    """GET, POST /staff/points/holds/raise/ — put days of one person on hold by hand."""

    permission = "points.raise_hold"
    template = "points/hold_raise.html"
    title = gettext_lazy("Put days on hold")

    def get(self, request: HttpRequest) -> HttpResponse:
        number = request.GET.get("participant", "")[:40].replace("\0", "")
        return self.show({"form": self.form(initial={"participant": number})})

    def form(self, *args: Any, **kwargs: Any) -> RaiseForm:
        form = RaiseForm(*args, **kwargs)
        people = Participant.objects.visible_to(self.staff)
        form.fields["participant"].queryset = people  # type: ignore[attr-defined]  # a choice field
        return form

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show({"form": form}, status=400)
        given = form.cleaned_data
        try:
            hold = raise_hold(given.pop("participant"), **given, by=self.staff)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return self.show({"form": form}, status=422)
        messages.success(request, _("The days are on hold; the citizen is told."))
        return HttpResponseRedirect(reverse("boards:hold", args=[hold.public_id]))

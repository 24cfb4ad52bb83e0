from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Category, Channel, Contact, Kind
from complaints.services import contacts, intake
from complaints.services.intake import About, Guest
from seoul_health.core import clock
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError

from .base import DeskView
from .people import person_context


class PromotionForm(forms.Form):
    category = forms.ModelChoiceField(
        Category.objects.offered(), label=gettext_lazy("Category"), to_field_name="code"
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("", gettext_lazy("As usual for the category")), *Kind.choices],
        required=False,
    )
    about_date = forms.DateField(
        label=gettext_lazy("About the day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=100)
    text = forms.CharField(
        label=gettext_lazy("What the citizen says"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class GuestForm(PromotionForm):
    guest_name = forms.CharField(label=gettext_lazy("Name"), max_length=40)
    guest_phone = forms.RegexField(
        r"^[0-9-]{9,14}\Z", label=gettext_lazy("Phone number"), max_length=14, strip=True
    )


def form_for(contact: Contact) -> type[PromotionForm]:
    return PromotionForm if contact.participant_id else GuestForm


class ContactPart(DeskView):
    """What every step on a call shares."""

    def contact(self, public_id: UUID) -> Contact:
        rows = Contact.objects.visible_to(self.staff).select_related(
            "participant", "participant__profile", "complaint", "agent"
        )
        found = rows.filter(public_id=public_id).first()
        if found is None:
            raise Http404
        return found

    def shown(
        self, contact: Contact, *, status: int = 200, person: bool = False, **extra: Any
    ) -> HttpResponse:
        context = {"contact": contact, "now": clock.now(), "error": "", **extra}
        context.setdefault("form", form_for(contact)(auto_id="promote_%s"))
        if contact.participant:
            self.write_down([contact.participant.number], action="view", what="contact")
            if person:
                context |= person_context(self, contact.participant)
        return self.show("contact.html", context, status=status)


class ContactView(ContactPart):
    """GET /desk/contacts/{id}/ — a call that is under way."""

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        return self.shown(self.contact(public_id), person=True)


class OpenContactView(ContactPart):
    """POST /desk/contacts/ — somebody is on the line."""

    def post(self, request: HttpRequest) -> HttpResponse:
        number = request.POST.get("participant", "")
        person = self.person(number) if number else None
        channel = request.POST.get("channel", Channel.PHONE)
        if channel not in {Channel.PHONE, Channel.COUNTER}:
            channel = Channel.PHONE
        contact = contacts.open_contact(person, by=self.staff, channel=channel)
        return self.shown(self.contact(contact.public_id), person=person is not None)


class CloseContactView(ContactPart):
    """POST …/close/ — the call is over."""

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        contact = self.contact(public_id)
        summary = request.POST.get("summary", "").strip()
        try:
            contacts.close_contact(contact, summary=summary, by=self.staff)
        except DomainError as refusal:
            return self.shown(contact, status=status_of(refusal), error=str(refusal))
        return self.shown(self.contact(public_id))


class PromoteView(ContactPart):
    """POST …/promote/ — the call becomes a complaint; the slip is shown for reading out."""

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        contact = self.contact(public_id)
        form = form_for(contact)(request.POST, auto_id="promote_%s")
        if not form.is_valid():
            error = _("Some fields are not right.")
            return self.shown(contact, status=422, form=form, error=error)
        try:
            slip = self.promote(contact, form.cleaned_data)
        except DomainError as refusal:
            return self.shown(contact, status=status_of(refusal), form=form, error=str(refusal))
        context = {"slip": slip, "complaint": slip.complaint, "contact": contact}
        return self.show("slip.html", context, **{"queue-changed": True})

    def promote(self, contact: Contact, values: dict[str, Any]) -> intake.Slip:
        guest = None
        if "guest_name" in values:
            guest = Guest(values["guest_name"], values["guest_phone"])
        return contacts.promote(
            contact,
            category=values["category"],
            kind=values["kind"],
            title=values["title"],
            text=values["text"],
            about=About(day=values["about_date"]),
            guest=guest,
            by=self.staff,
        )

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from complaints.models import ContactRefusal
from complaints.services import ended_contacts
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError

from .contacts import ContactPart


class EndForCauseForm(forms.Form):
    ground = forms.ChoiceField(choices=ContactRefusal.Ground)
    told = forms.CharField(max_length=300, required=False)
    note = forms.CharField(max_length=500, required=False)
    is_recorded = forms.BooleanField(required=False)


class EndContactView(ContactPart):
    """POST …/refuse/ — end a call or visit after telling why (영 §4)."""

    permission = "complaints.answer_complaint"

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        contact, form = self.contact(public_id), EndForCauseForm(request.POST)
        if not form.is_valid():
            return self.shown(contact, status=422, error=_("Some fields are not right."))
        try:
            ended_contacts.end_contact(contact, by=self.staff, **form.cleaned_data)
        except DomainError as refusal:
            return self.shown(contact, status=status_of(refusal), error=str(refusal))
        return self.shown(self.contact(public_id))

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Complaint, Message, ReplyTemplate
from complaints.services import delays, desk, replies
from complaints.services.steps import signature_of
from points.services import evidence
from seoul_health.core import clock
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError

from .base import DeskView
from .cases import case_context

LONGEST = 10_000


class AnswerForm(forms.Form):
    text = forms.CharField(max_length=LONGEST, required=False)
    version = forms.IntegerField(min_value=1)
    template = forms.ModelChoiceField(ReplyTemplate.objects.filter(is_active=True), required=False)


class RefusalForm(forms.Form):
    text = forms.CharField(max_length=LONGEST, required=False)
    reason = forms.CharField(max_length=2_000, required=False)
    remedy = forms.CharField(max_length=2_000, required=False)
    version = forms.IntegerField(min_value=1)


class SupplementForm(forms.Form):
    text = forms.CharField(max_length=LONGEST, required=False)
    version = forms.IntegerField(min_value=1)


class ExtensionForm(forms.Form):
    reason = forms.CharField(max_length=500, required=False)
    amount = forms.IntegerField(min_value=1, max_value=400, required=False)
    has_consent = forms.BooleanField(required=False)
    version = forms.IntegerField(min_value=1)


class NoteForm(forms.Form):
    text = forms.CharField(max_length=LONGEST, required=False)


class StepView(DeskView):
    """One step on a complaint: run the service, show the complaint as it is now.

    A refusal gives the agent's text back beside the current state; nothing typed is lost.
    """

    permission = "complaints.answer_complaint"
    mode = "answer"
    done: str | Promise = gettext_lazy("Done.")
    form: type[forms.Form] | None = None

    def run(self, complaint: Complaint, values: dict[str, Any]) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        complaint = self.complaint(receipt_no)
        asked = self.form(request.POST) if self.form else None
        if asked is not None and not asked.is_valid():
            return self.again(complaint, _("Some fields are not right."), 422)
        try:
            self.run(complaint, asked.cleaned_data if asked else {})
        except DomainError as refusal:
            return self.again(complaint, str(refusal), status_of(refusal))
        context = case_context(self, self.complaint(receipt_no))
        sent = f"{receipt_no}.{self.mode}"
        events: dict[str, Any] = {
            "desk-toast": str(self.done),
            "queue-changed": True,
            "draft-sent": sent,
        }
        return self.show("case.html", context, **events)

    def again(self, complaint: Complaint, error: str, status: int) -> HttpResponse:
        context = case_context(
            self,
            self.complaint(complaint.receipt_no),
            error=error,
            **({"mode": self.mode, "draft": self.request.POST} if self.form else {}),
        )
        return self.show("case.html", context, status=status)


class TakeView(StepView):
    mode = "nothing"
    done = gettext_lazy("The complaint is yours now.")

    def run(self, complaint: Complaint, values: dict[str, Any]) -> None:
        desk.take(complaint, by=self.staff)


class AnswerView(StepView):
    form = AnswerForm
    done = gettext_lazy("The answer has been sent.")

    def run(self, complaint: Complaint, values: dict[str, Any]) -> None:
        desk.answer(complaint, by=self.staff, **values)


class RefuseView(StepView):
    form = RefusalForm
    mode = "refusal"
    done = gettext_lazy("The refusal has been sent.")

    def run(self, complaint: Complaint, values: dict[str, Any]) -> None:
        desk.refuse(complaint, by=self.staff, **values)


class SupplementView(StepView):
    form = SupplementForm
    mode = "supplement"
    done = gettext_lazy("The supplement has been requested; the clock stands still.")

    def run(self, complaint: Complaint, values: dict[str, Any]) -> None:
        delays.ask_supplement(complaint, by=self.staff, **values)


class SupplementArrivedView(StepView):
    mode = "nothing"
    done = gettext_lazy("The clock runs again.")

    def run(self, complaint: Complaint, values: dict[str, Any]) -> None:
        delays.supplement_arrived(complaint, by=self.staff)


class ExtendView(StepView):
    form = ExtensionForm
    mode = "extension"
    done = gettext_lazy("The period has been extended.")

    def run(self, complaint: Complaint, values: dict[str, Any]) -> None:
        delays.extend(complaint, by=self.staff, **values)


class NoteView(StepView):
    permission = "complaints.use_desk"
    form = NoteForm
    mode = "note"
    done = gettext_lazy("The note is kept.")

    def run(self, complaint: Complaint, values: dict[str, Any]) -> None:
        desk.add_note(complaint, values["text"], by=self.staff)


class FillView(DeskView):
    """POST …/fill/ — a template with this complaint's values, as plain text."""

    def post(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        complaint = self.complaint(receipt_no)
        asked = AnswerForm({**request.POST.dict(), "version": complaint.version})
        if not asked.is_valid() or asked.cleaned_data["template"] is None:
            return HttpResponse(status=422)
        told = ""
        if complaint.participant and complaint.about_date:
            self.write_down([complaint.participant.number], action="view", what="evidence")
            told = evidence.panel(complaint.participant, complaint.about_date).citizen_text
        text = replies.fill(asked.cleaned_data["template"], complaint, evidence=told, by=self.staff)
        return HttpResponse(text, content_type="text/plain; charset=utf-8")


class PreviewView(DeskView):
    """POST …/preview/ — an answer as the citizen will read it."""

    def post(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        complaint = self.complaint(receipt_no)
        try:
            signature = signature_of(self.staff)
        except DomainError as refusal:
            return self.show("preview.html", {"error": str(refusal)})
        shown = Message(
            complaint=complaint,
            text=request.POST.get("text", "")[:LONGEST],
            reason=request.POST.get("reason", "")[:2_000],
            remedy=request.POST.get("remedy", "")[:2_000],
            at=clock.now(),
            **signature,
        )
        return self.show("preview.html", {"message": shown, "complaint": complaint})

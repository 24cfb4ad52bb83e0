"""Macros at the desk: choose one, read what it will do, run it."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from complaints.models import Complaint, Macro
from complaints.services import macros
from points.services import evidence

from .base import DeskView
from .steps import LONGEST, StepView

MOST = 9


class MacroForm(forms.Form):
    text = forms.CharField(max_length=LONGEST, required=False)
    version = forms.IntegerField(min_value=1)


def told_to(view: DeskView, complaint: Complaint) -> str:
    """Give what may be told of the day a complaint is about; the read is written down."""
    if not (complaint.participant and complaint.about_date):
        return ""
    view.write_down([complaint.participant.number], action="view", what="evidence")
    return evidence.panel(complaint.participant, complaint.about_date).citizen_text


def in_use(pk: int) -> Macro:
    found = Macro.objects.filter(pk=pk, is_active=True).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


class MacrosView(DeskView):
    """GET …/macros/ — the macros that fit this complaint, by number."""

    permission = "complaints.answer_complaint"

    def get(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        complaint = self.complaint(receipt_no)
        fitting = Macro.objects.fitting(complaint.category, complaint.status)
        context = {"complaint": complaint, "macros": fitting.select_related("category")[:MOST]}
        return self.show("macros.html", context)


class MacroView(DeskView):
    """GET …/macros/{id}/ — what a macro will do to this complaint, before it does it."""

    permission = "complaints.answer_complaint"

    def get(self, request: HttpRequest, receipt_no: str, pk: int) -> HttpResponse:
        complaint, macro = self.complaint(receipt_no), in_use(pk)
        told = told_to(self, complaint) if "{evidence}" in macro.text else ""
        plan = macros.plan(macro, complaint, evidence=told, by=self.staff)
        return self.show("macro.html", {"complaint": complaint, "plan": plan})


class MacroRunView(StepView):
    """POST …/macros/{id}/run/ — every step of a macro, or none."""

    form = MacroForm
    # A macro without a letter sends none of the drafts.
    mode = "nothing"
    done = gettext_lazy("The macro is done.")

    def post(self, request: HttpRequest, receipt_no: str, pk: int = 0) -> HttpResponse:
        self.mode = in_use(pk).ending or self.mode
        return super().post(request, receipt_no)

    def run(self, complaint: Complaint, values: dict[str, Any]) -> None:
        macros.run(in_use(self.kwargs["pk"]), complaint, by=self.staff, **values)

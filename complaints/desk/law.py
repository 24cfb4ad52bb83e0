"""The steps the law knows besides the answer: one panel, and only what is allowed just now."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, Kind
from complaints.models.complaints import STOPPED, WATCHED
from complaints.services import approval, consulting, demands, endings, inspections, progress
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

from . import law_forms
from .base import DeskView
from .steps import StepView

Status = Complaint.Status
May = Callable[[Complaint], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its words, what is written with it, when it is allowed, and who does it."""

    label: str | Promise
    form: type[forms.Form]
    may: May
    run: Callable[..., object]
    done: str | Promise
    article: str = ""


def is_in(status: str) -> May:
    return lambda complaint: complaint.status == status


def can_become(status: str) -> May:
    return lambda complaint: complaint.may(status)


def may_inspect(complaint: Complaint) -> bool:
    return complaint.kind == Kind.GRIEVANCE and complaint.may(Status.INSPECTING)


def may_close(complaint: Complaint) -> bool:
    return complaint.kind != Kind.STATUTORY and complaint.may(Status.CLOSED_REPEAT)


def is_under_way(complaint: Complaint) -> bool:
    return complaint.status in {*WATCHED, *STOPPED}


def tell_progress(complaint: Complaint, *, text: str, by: StaffUser) -> object:
    return progress.notify_progress(complaint, text=text, agent=by, by=by)


STEPS: dict[str, Step] = {
    "propose": Step(
        _("Lay an answer before a second person"), law_forms.ProposeForm,
        can_become(Status.APPROVAL), approval.propose, _("The draft waits for approval."), "결재",
    ),
    "inspect": Step(
        _("Begin a site inspection"), law_forms.InspectForm, may_inspect,
        inspections.start_inspection, _("The inspection has begun; the clock stands still."),
        "영 §17",
    ),
    "inspect-longer": Step(
        _("Inspect seven days longer"), law_forms.InspectLongerForm, is_in(Status.INSPECTING),
        inspections.extend_inspection, _("The inspection has been extended."), "영 §17",
    ),
    "inspect-end": Step(
        _("End the inspection"), law_forms.InspectEndForm, is_in(Status.INSPECTING),
        inspections.end_inspection, _("The clock runs again."), "영 §17",
    ),
    "consult": Step(
        _("Ask another department"), law_forms.ConsultForm, can_become(Status.CONSULTING),
        consulting.consult, _("The department has been asked; the clock runs on."), "법 §20",
    ),
    "reply": Step(
        _("Note the department's reply"), law_forms.ReplyForm, is_in(Status.CONSULTING),
        consulting.note_reply, _("The reply is kept."), "법 §20",
    ),
    "reply-later": Step(
        _("Move the reply date"), law_forms.ReplyLaterForm, is_in(Status.CONSULTING),
        consulting.extend_reply, _("The reply date has been moved."), "법 §20",
    ),
    "demand-longer": Step(
        _("Give the citizen more time"), law_forms.DemandLongerForm,
        is_in(Status.SUPPLEMENT_REQUESTED), demands.extend_demand,
        _("The citizen has more time now."), "영 §24",
    ),
    "demand-again": Step(
        _("Demand the supplement again"), law_forms.DemandAgainForm,
        is_in(Status.SUPPLEMENT_REQUESTED), demands.demand_again,
        _("The supplement has been demanded again."), "영 §24",
    ),
    "return": Step(
        _("Return the complaint"), law_forms.ReturnForm, is_in(Status.SUPPLEMENT_REQUESTED),
        demands.return_unsupplied, _("The complaint has been returned."), "영 §25",
    ),
    "progress": Step(
        _("Tell the progress"), law_forms.ProgressForm, is_under_way, tell_progress,
        _("The citizen has been told."), "영 §23",
    ),
    "transfer": Step(
        _("Transfer to whoever is competent"), law_forms.TransferForm,
        can_become(Status.TRANSFERRED), endings.transfer_out,
        _("The complaint has been transferred."), "영 §13",
    ),
    "close-repeat": Step(
        _("Close as repeated"), law_forms.RepeatForm, may_close, endings.close_repeat,
        _("The complaint has been closed."), "법 §23",
    ),
    "exempt": Step(
        _("Not to be processed"), law_forms.ExemptForm, can_become(Status.EXEMPT),
        endings.exempt, _("The citizen has been told."), "법 §21",
    ),
}  # fmt: skip


def panel_context(complaint: Complaint, *, name: str = "", bound: Any = None) -> dict[str, Any]:
    """Give every step that is allowed now; a form that was refused comes back as it was."""
    steps = [
        (key, step, bound if key == name else step.form(initial=initial_of(complaint, key)))
        for key, step in STEPS.items()
        if step.may(complaint) or key == name
    ]
    return {
        "complaint": complaint,
        "steps": steps,
        "opened": name,
        "demand": complaint.demands.filter(ended_at=None).first(),
        "consultation": complaint.consultations.open().first(),
        "clock_events": complaint.clock_events.order_by("-at", "-pk")[:30],
        "earlier": endings.earlier_same(complaint),
        "reminders": complaint.dunnings.order_by("-pk")[:5],
        "inbound": complaint.inbound.filter(kind="filed").first(),
        "today": clock.today(),
    }


def initial_of(complaint: Complaint, key: str) -> dict[str, Any]:
    initial: dict[str, Any] = {"version": complaint.version}
    if key == "close-repeat":
        earlier = reversed(endings.earlier_same(complaint)[:2])
        initial["earlier"] = " ".join(one.receipt_no for one in earlier)
    if key == "progress":
        initial["text"] = progress.standing(complaint)
    if key == "consult":
        initial["reply_by"] = complaint.due_at
    return initial


class LawPanelView(DeskView):
    """GET …/law/ — the steps of the law that this complaint allows, with its clock's events."""

    def get(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        complaint = self.complaint(receipt_no)
        may_answer = request.user.has_perm("complaints.answer_complaint")
        context = panel_context(complaint)
        return self.show("law.html", {**context, "may_answer": may_answer})


class LawStepView(StepView):
    """POST …/law/{step}/ — take one step; a refusal gives the panel back with what was typed."""

    def post(self, request: HttpRequest, receipt_no: str, step: str = "") -> HttpResponse:
        if step not in STEPS:
            raise Http404
        self.mode, self.form, self.done = step, STEPS[step].form, STEPS[step].done
        return super().post(request, receipt_no)

    def run(self, complaint: Complaint, values: dict[str, Any]) -> None:
        STEPS[self.mode].run(complaint, by=self.staff, **values)

    def again(self, complaint: Complaint, error: str, status: int) -> HttpResponse:
        current = self.complaint(complaint.receipt_no)
        typed = self.request.POST.copy()
        typed["version"] = str(current.version)
        bound = STEPS[self.mode].form(typed)
        context = panel_context(current, name=self.mode, bound=bound)
        response = self.show(
            "law.html", {**context, "may_answer": True, "error": error}, status=status
        )
        response["HX-Retarget"] = "#law-slot"
        response["HX-Reswap"] = "innerHTML"
        return response

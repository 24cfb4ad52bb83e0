import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.models import Complaint, ReplyTemplate
from complaints.services import desk
from complaints.services.deadlines import deadline_of, period_of
from seoul_health.core import audit, clock
from seoul_health.core.desk import is_fragment
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import AuditEvent

from . import presence
from .base import DeskView
from .knowledge import alike_to
from .people import person_context
from .queue import queue_context
from .relations import relations_of
from .words import due_of

WORKED_ON = {"assigned", "in_progress", "consulting", "approval"}


def case_context(view: DeskView, complaint: Complaint, **extra: Any) -> dict[str, Any]:
    """Give everything the middle and the right pane show of one complaint."""
    now = clock.now()
    view.write_down([subject_of(complaint)], action="view", what="complaint")
    deadline = deadline_of(complaint)
    may_answer = view.request.user.has_perm("complaints.answer_complaint")
    modes = modes_of(complaint, may_answer=may_answer, kept=str(extra.get("mode", "")))
    person = person_context(view, complaint.participant, complaint) if complaint.participant else {}
    return {
        "complaint": complaint,
        "due": due_of(complaint, now),
        "deadline": deadline,
        "days": sorted([*deadline.counted, *deadline.skipped], key=lambda item: item.day),
        "period": period_of(complaint),
        "messages_said": list(complaint.messages.order_by("pk")),
        "history": history_of(complaint),
        "templates": ReplyTemplate.objects.fitting(complaint.category, complaint.status),
        "may_answer": may_answer,
        "others": presence.look(complaint.receipt_no, view.staff),
        "modes": modes,
        "mode": modes[0],
        "may_unmask": view.request.user.has_perm("participants.unmask_participant"),
        "draft": {},
        "error": "",
        "now": now,
        **relations_of(complaint),
        **alike_to(view, complaint),
        **person,
        **extra,
    }


def modes_of(complaint: Complaint, *, may_answer: bool, kept: str = "") -> list[str]:
    """Name what can be written just now; a text that was refused keeps its box."""
    can = {
        "answer": may_answer and complaint.may(Complaint.Status.ANSWERED),
        "refusal": may_answer and complaint.may(Complaint.Status.ANSWERED),
        "supplement": may_answer and complaint.may(Complaint.Status.SUPPLEMENT_REQUESTED),
        "extension": may_answer and complaint.status in WORKED_ON,
        "note": True,
    }
    return [mode for mode, may in can.items() if may or mode == kept]


def history_of(complaint: Complaint) -> list[AuditEvent]:
    events = AuditEvent.objects.filter(subject=audit.subject_of(complaint))
    return list(events.order_by("-at", "-pk")[:30])


def subject_of(complaint: Complaint) -> str:
    """Name whose data a complaint shows: the person, or the number a guest is known by."""
    return complaint.participant.number if complaint.participant else complaint.receipt_no


class HomeView(DeskView):
    """GET /desk/ — the queue, with nothing opened yet."""

    def get(self, request: HttpRequest) -> HttpResponse:
        tab = request.GET.get("tab", "mine")
        return self.page(queue_context(self, tab))


class CaseView(DeskView):
    """GET /desk/complaints/{receipt_no}/ — one complaint; as a page of its own or into the desk."""

    def get(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        context = case_context(self, self.complaint(receipt_no))
        if is_fragment(request):
            return self.show("case_with_person.html", context)
        return self.page({**queue_context(self, request.GET.get("tab", "mine")), **context})


class TakeNextView(DeskView):
    """POST /desk/next/ — the most urgent waiting complaint, for whoever asks first."""

    permission = "complaints.answer_complaint"

    def post(self, request: HttpRequest) -> HttpResponse:
        taken = desk.take_next(by=self.staff)
        if not is_fragment(request):
            home = reverse("desk:home")
            return HttpResponseRedirect(
                reverse("desk:case", args=[taken.receipt_no]) if taken else home
            )
        if taken is None:
            response = HttpResponse(status=204)
            response["HX-Trigger"] = json.dumps({"desk-toast": _("Nobody is waiting just now.")})
            return response
        context = case_context(self, self.complaint(taken.receipt_no))
        response = self.show("case_with_person.html", context, **{"queue-changed": True})
        response["HX-Push-Url"] = reverse("desk:case", args=[taken.receipt_no])
        return response


class PresenceView(DeskView):
    """POST …/presence/ — say that one is looking; hear who else is."""

    def post(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        complaint = self.complaint(receipt_no)
        others = presence.look(receipt_no, self.staff)
        read = request.POST.get("version", "")
        outdated = read.isdecimal() and read != str(complaint.version)
        context = {"complaint": complaint, "others": others, "is_outdated": outdated}
        return self.show("presence.html", context)


class GuestView(DeskView):
    """POST …/guest/ — a guest's name and phone in full, for a stated reason."""

    permission = "participants.unmask_participant"

    def post(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        self.require("complaints.use_desk")
        complaint, reason = self.complaint(receipt_no), request.POST.get("reason", "").strip()
        context = {"complaint": complaint, "may_unmask": True}
        if not reason:
            refused = {"error": str(ReasonNeeded())}
            return self.show("guest_identity.html", context | refused, status=422)
        self.write_down([subject_of(complaint)], action="unmask", what="guest", reason=reason)
        return self.show("guest_identity.html", context | {"is_unmasked": True})

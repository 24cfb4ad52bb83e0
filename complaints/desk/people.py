from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from complaints.models import Complaint
from participants.models import Participant
from points.models import Account
from points.services import evidence
from seoul_health.core import clock
from seoul_health.core.errors import ReasonNeeded

from .base import DeskView
from .drawing import draw
from .finding import find

EARLIEST = date(2021, 1, 1)


def person_context(
    view: DeskView, participant: Participant, complaint: Complaint | None = None
) -> dict[str, Any]:
    """Give what the right pane shows of one person; the caller writes the read down."""
    about = complaint.about_date if complaint else None
    yesterday = clock.today() - timedelta(days=1)
    return {
        "person": participant,
        "participation": participant.participations.select_related("round")
        .order_by("-starts_on")
        .first(),
        "loan": participant.loans.select_related("device").order_by("-pk").first(),
        "purse": Account.objects.filter(participant=participant).first(),
        "complaints": participant.complaints.select_related("category").order_by("-arrived_at")[:6],
        "contacts": participant.contacts.select_related("agent").order_by("-opened_at")[:4],
        "may_unmask": view.request.user.has_perm("participants.unmask_participant"),
        "today": clock.today(),
        **evidence_context(participant, about or yesterday),
    }


def evidence_context(participant: Participant, day: date) -> dict[str, Any]:
    told = evidence.panel(participant, day)
    return {"evidence": told, "drawing": draw(told), "day": day}


class FindView(DeskView):
    """POST /desk/find/ — find a person; what was typed stays out of the address."""

    def post(self, request: HttpRequest) -> HttpResponse:
        words = request.POST.get("q", "").strip()[:60]
        if len(words) < 2:
            return self.show("found.html", {"words": "", "people": [], "asked": False})
        found = find(words, by=self.staff)
        self.write_down(
            [person.number for person, _why in found.people], action="search", what="people"
        )
        guests = [one.receipt_no for one in found.complaints if one.participant is None]
        self.write_down(guests, action="search", what="guests")
        context = {
            "words": words,
            "people": found.people,
            "complaints": found.complaints,
            "is_cut": found.is_cut,
            "asked": True,
        }
        return self.show("found.html", context)


class PersonView(DeskView):
    """GET /desk/people/{number}/ — one person, masked."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        person = self.person(number)
        self.write_down([person.number], action="view", what="person")
        return self.show("person.html", person_context(self, person))


class UnmaskView(DeskView):
    """POST /desk/people/{number}/unmask/ — the person's data in full, for a stated reason."""

    permission = "participants.unmask_participant"

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        self.require("complaints.use_desk")
        person, reason = self.person(number), request.POST.get("reason", "").strip()
        if not reason:
            context = {"person": person, "may_unmask": True, "error": str(ReasonNeeded())}
            return self.show("identity.html", context, status=422)
        self.write_down([person.number], action="unmask", what="person", reason=reason)
        return self.show("identity.html", {"person": person, "is_unmasked": True})


class EvidenceView(DeskView):
    """GET /desk/people/{number}/evidence/?day=… — why a day earned what it earned."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        person = self.person(number)
        try:
            day = date.fromisoformat(request.GET.get("day", ""))
        except ValueError:
            return HttpResponse(_("Please choose a day."), status=400)
        if not EARLIEST <= day <= clock.today():
            return HttpResponse(_("Please choose a day."), status=400)
        self.write_down([person.number], action="view", what="evidence")
        context = {"person": person, "today": clock.today(), **evidence_context(person, day)}
        return self.show("evidence.html", context)

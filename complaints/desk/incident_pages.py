"""One incident: what was said, promised and linked, and what it has cost whom."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.errors import NoSuchComplaint
from complaints.models import Complaint, Incident, Promise, PromiseAlarm
from complaints.models.complaints import ComplaintQuerySet
from complaints.services import incidents, member_checks, promises, publishing, suggesting
from seoul_health.core import clock
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError

from .incident_base import IncidentPage
from .incident_forms import (
    AnswerForm,
    CheckForm,
    LinkForm,
    NoteForm,
    NoticeForm,
    PromiseForm,
    TellForm,
)

MOST_LINKED = 200
FORMS: dict[str, type[forms.Form]] = {
    "tell": TellForm,
    "note": NoteForm,
    "promise": PromiseForm,
    "notice": NoticeForm,
    "link": LinkForm,
    "answer": AnswerForm,
    "check": CheckForm,
}


def offer_next(form: forms.Form, incident: Incident) -> None:
    """Offer only the states an incident may go to."""
    field = cast(forms.ChoiceField, form.fields["status"])  # As TellForm declares it.
    goes_to = [status for status in Incident.Status if incident.may(status)]
    field.choices = [(each.value, each.label) for each in goes_to]


class IncidentView(IncidentPage):
    """GET /desk/incidents/{id}/ — everything about one incident."""

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        return self.page(self.incident(public_id))

    def page(
        self, incident: Incident, bound: dict[str, forms.Form] | None = None, *, status: int = 200
    ) -> HttpResponse:
        linked, fitting = incidents.linked(incident), suggesting.fitting(incident)
        theirs, fits = self.readable(linked), self.readable(fitting)
        numbers = [row.participant.number for row in [*theirs, *fits] if row.participant]
        self.write_down_new(numbers, what="incident")
        context = {
            "incident": incident,
            "updates": incident.updates.order_by("-at", "-pk"),
            "promises": incident.promises.order_by("due_at").prefetch_related("alarms"),
            "notices": incident.notices.order_by("-pk"),
            "linked": theirs,
            "linked_count": linked.count(),
            "unanswered_count": incidents.unanswered(incident, by=self.staff).count(),
            "fitting": fits,
            "fitting_count": fitting.visible_to(self.staff).count(),
            "checks": incident.checks.order_by("-at"),
            "runs": incident.make_goods.select_related("requested_by", "decided_by"),
            "forms": self.forms_of(incident) | (bound or {}),
        }
        return self.whole("incident.html", str(incident), context, status=status)

    def readable(self, rows: ComplaintQuerySet) -> list[Complaint]:
        """Give the first of those that this person may read; others count them only."""
        may = self.staff.has_perm("complaints.view_complaint")
        return list(rows.visible_to(self.staff)[:MOST_LINKED]) if may else []

    def forms_of(self, incident: Incident) -> dict[str, forms.Form]:
        made = {
            name: form(prefix=name, initial=self.initial(incident, name))
            for name, form in FORMS.items()
        }
        offer_next(made["tell"], incident)
        return made

    def initial(self, incident: Incident, name: str) -> dict[str, Any]:
        """Fill in what is probably meant."""
        if name == "check":
            first = clock.seoul_day(incident.started_at)
            last = clock.seoul_day(incident.resolved_at or clock.now())
            return {
                "first_day": first,
                "last_day": last,
                "app_version": incident.app_version,
                "without_award": True,
                "usual_walkers": True,
            }
        if name == "notice":
            return {"title": incident.title[:60], "tone": "warn", "starts_at": clock.now()}
        return {"status": incident.status} if name == "tell" else {}


class IncidentStep(IncidentView):
    """POST …/{step}/ — take one step; what was typed stays when it is refused."""

    name: str
    needs = IncidentPage.manage

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        return HttpResponseRedirect(self.address(self.incident(public_id)))

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        self.require(self.needs)
        incident = self.incident(public_id)
        form = FORMS[self.name](request.POST, prefix=self.name)
        status = 422
        if form.is_valid():
            try:
                return self.done(incident, self.act(incident, form.cleaned_data, form))
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = status_of(refusal)
        incident.refresh_from_db()
        if self.name == "tell":
            offer_next(form, incident)
        return self.page(incident, {self.name: form}, status=status)

    def act(self, incident: Incident, said: dict[str, Any], form: Any) -> str:
        """Take the step and say what was done."""
        raise NotImplementedError

    def done(self, incident: Incident, what: str) -> HttpResponse:
        messages.success(self.request, what)
        return HttpResponseRedirect(self.address(incident))

    def address(self, incident: Incident) -> str:
        return reverse("desk:incident", args=[incident.public_id])


class TellView(IncidentStep):
    name = "tell"

    def act(self, incident: Incident, said: dict[str, Any], form: Any) -> str:
        incidents.tell(incident, by=self.staff, **said)
        return _("Published; the status page shows it now.")


class NoteView(IncidentStep):
    name = "note"

    def act(self, incident: Incident, said: dict[str, Any], form: Any) -> str:
        incidents.note(incident, said["text"], by=self.staff)
        return _("The note is kept; only staff see it.")


class PromiseView(IncidentStep):
    name = "promise"

    def act(self, incident: Incident, said: dict[str, Any], form: Any) -> str:
        owner = incident.owner
        promises.promise(incident, said["text"], due_at=said["due_at"], owner=owner, by=self.staff)
        return _("Promised; it rings four hours and one hour before.")


class NoticeView(IncidentStep):
    name = "notice"

    def act(self, incident: Incident, said: dict[str, Any], form: Any) -> str:
        notice = publishing.write_notice(form.words, incident=incident, by=self.staff)
        publishing.publish(notice, by=self.staff)
        return _("Published in the app.")


class LinkView(IncidentStep):
    name = "link"

    def act(self, incident: Incident, said: dict[str, Any], form: Any) -> str:
        rows = Complaint.objects.visible_to(self.staff)
        complaint = rows.filter(receipt_no=said["receipt_no"].strip().upper()).first()
        if complaint is None:
            raise NoSuchComplaint
        incidents.link(incident, complaint, by=self.staff)
        return _("The complaint belongs to this incident now.")


class AnswerView(IncidentStep):
    name = "answer"

    def act(self, incident: Incident, said: dict[str, Any], form: Any) -> str:
        self.require("complaints.answer_complaint")
        jobs = incidents.answer_linked(incident, text=said["text"], by=self.staff)
        self.job = jobs[0]
        count = sum(job.count for job in jobs)
        return _("{count} complaints are being answered, each under its own number.").format(
            count=count
        )

    def done(self, incident: Incident, what: str) -> HttpResponse:
        messages.success(self.request, what)
        return HttpResponseRedirect(reverse("desk:bulk-step", args=[self.job.public_id]))


class CheckView(IncidentStep):
    name = "check"
    needs = IncidentPage.ask

    def act(self, incident: Incident, said: dict[str, Any], form: Any) -> str:
        self.made = member_checks.check_members(incident, form.terms, by=self.staff)
        return _("{people} people were found.").format(people=self.made.people)

    def done(self, incident: Incident, what: str) -> HttpResponse:
        messages.success(self.request, what)
        return HttpResponseRedirect(reverse("desk:member-check", args=[self.made.public_id]))


class ButtonView(IncidentPage):
    """A button without a form: do it, say so, and go back."""

    def press(self, incident: Incident, act: Any, what: str) -> HttpResponse:
        self.require(self.manage)
        try:
            act()
        except DomainError as refusal:
            messages.error(self.request, str(refusal))
        else:
            messages.success(self.request, what)
        return HttpResponseRedirect(reverse("desk:incident", args=[incident.public_id]))


class LinkAllView(ButtonView):
    """POST …/link-all/ — link everything that fits and belongs to no incident."""

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        incident = self.incident(public_id)
        rows = suggesting.fitting(incident).visible_to(self.staff)
        return self.press(
            incident,
            lambda: incidents.link_many(incident, rows, by=self.staff),
            _("Linked."),
        )


class UnlinkView(ButtonView):
    """POST …/unlink/{receipt number}/ — take a complaint off."""

    def post(self, request: HttpRequest, public_id: UUID, receipt_no: str) -> HttpResponse:
        incident = self.incident(public_id)
        complaint = get_object_or_404(
            Complaint.objects.visible_to(self.staff), receipt_no=receipt_no
        )
        return self.press(
            incident,
            lambda: incidents.unlink(incident, complaint, by=self.staff),
            _("Taken off."),
        )


class HandOverView(ButtonView):
    """POST …/mine/ — answer for an incident oneself from now on."""

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        incident = self.incident(public_id)
        return self.press(
            incident,
            lambda: incidents.hand_over(incident, to=self.staff, by=self.staff),
            _("You answer for this incident now."),
        )


class PromiseDoneView(ButtonView):
    """POST /desk/incidents/promises/{id}/done/ — what was promised is done."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        made = get_object_or_404(
            Promise.objects.filter(kind=Promise.Kind.OTHER).select_related("incident"), pk=pk
        )
        return self.press(made.incident, lambda: promises.settle(made, by=self.staff), _("Done."))


class AlarmView(ButtonView):
    """POST /desk/incidents/alarms/{id}/take/ — somebody has it; the bell stops."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        alarm = get_object_or_404(PromiseAlarm.objects.select_related("promise__incident"), pk=pk)
        return self.press(
            alarm.promise.incident,
            lambda: promises.take_on(alarm, by=self.staff),
            _("You have taken it on."),
        )

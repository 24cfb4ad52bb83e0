"""The board of incidents: what is open, what rings, what looks like one, and what waits."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.models import Incident, IncidentLink, MakeGoodRun, Notice, PromiseAlarm
from complaints.models.incidents import OPEN
from complaints.services import incidents, promises, publishing, suggesting
from complaints.services.public_status import HISTORY
from seoul_health.core import clock
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError

from .incident_base import IncidentPage
from .incident_forms import DismissForm, NoticeForm, OpenForm

MOST = 100
STATES = {"open": OPEN, "resolved": ["resolved"], "dropped": ["dropped"]}


class BoardOfIncidentsView(IncidentPage):
    """GET /desk/incidents/?state=… — everything at a glance."""

    def get(self, request: HttpRequest) -> HttpResponse:
        now = clock.now()
        state = request.GET.get("state", "open")
        state = state if state in STATES else "open"
        rows = Incident.objects.filter(status__in=STATES[state]).select_related("owner")
        listed = list(rows.prefetch_related("promises").order_by("-started_at", "-pk")[:MOST])
        links = IncidentLink.objects.live().filter(incident__in=listed).values_list("incident")
        counts = dict(links.annotate(count=Count("pk")))
        alarms = PromiseAlarm.objects.filter(seen_at=None, promise__done_at=None).select_related(
            "promise__incident", "promise__owner"
        )
        waiting = MakeGoodRun.objects.filter(status=MakeGoodRun.Status.REQUESTED)
        context = {
            "state": state,
            "listed": [line_of(row, counts.get(row.pk, 0)) for row in listed],
            "open_count": Incident.objects.open().count(),
            "alarms": alarms.order_by("promise__due_at", "-pk")[:MOST],
            "suggestions": suggesting.suggestions(now),
            "waiting": waiting.select_related("incident", "requested_by").order_by("pk"),
            "notices": Notice.objects.shown(now)[:MOST],
            "record": promises.record_since(now - HISTORY),
            "days": HISTORY.days,
        }
        return self.whole("incidents.html", _("Incidents"), context)


def line_of(row: Incident, complaints: int) -> dict[str, Any]:
    """Lay out one incident with its next promise and how many complain."""
    made = [each for each in row.promises.all() if each.status == each.Status.OPEN]
    return {
        "row": row,
        "next": min(made, key=lambda each: each.due_at, default=None),
        "missed": sum(each.status == each.Status.MISSED for each in row.promises.all()),
        "complaints": complaints,
    }


class OpenIncidentView(IncidentPage):
    """/desk/incidents/open/?category=…&version=… — open one, also from a suggestion."""

    permission = IncidentPage.manage

    def get(self, request: HttpRequest) -> HttpResponse:
        found = self.suggestion()
        return self.shown(OpenForm(initial=self.initial(found)), found)

    def post(self, request: HttpRequest) -> HttpResponse:
        found, form, status = self.suggestion(), OpenForm(request.POST), 422
        if form.is_valid():
            try:
                return self.opened(form, found)
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = status_of(refusal)
        return self.shown(form, found, status=status)

    def opened(self, form: OpenForm, found: suggesting.Suggestion | None) -> HttpResponse:
        """Open it with the complaints that made it look like one."""
        said = form.cleaned_data
        incident = incidents.open_incident(
            form.case,
            text=said["text"],
            next_at=said["next_at"],
            about=suggesting.complaints_of(found) if found else (),
            by=self.staff,
        )
        messages.success(self.request, _("Opened; the status page shows it now."))
        return HttpResponseRedirect(reverse("desk:incident", args=[incident.public_id]))

    def suggestion(self) -> suggesting.Suggestion | None:
        category = self.request.GET.get("category", "")
        return suggesting.find(category, self.request.GET.get("version", "")) if category else None

    def initial(self, found: suggesting.Suggestion | None) -> dict[str, Any]:
        if found is None:
            return {"started_at": clock.now()}
        return {
            "title": found.category.label,
            "category": found.category,
            "app_version": found.app_version,
            "started_at": found.first_at,
        }

    def shown(
        self, form: OpenForm, found: suggesting.Suggestion | None, *, status: int = 200
    ) -> HttpResponse:
        context = {"form": form, "found": found}
        return self.whole("incident_open.html", _("Open an incident"), context, status=status)


class DismissView(IncidentPage):
    """POST /desk/incidents/dismiss/ — a suggestion is no incident, and why."""

    permission = IncidentPage.manage

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DismissForm(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            suggesting.dismiss(said["category"], said["version"], why=said["why"], by=self.staff)
            messages.success(request, _("It is not suggested again for a day."))
        else:
            messages.error(request, _("Please say why it is none."))
        return HttpResponseRedirect(reverse("desk:incidents"))


class NoticesView(IncidentPage):
    """/desk/notices/ — pop-ups and banners of the app, with and without an incident."""

    permission = "complaints.view_notice"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(NoticeForm(initial={"starts_at": clock.now()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        self.require(self.manage)
        form = NoticeForm(request.POST)
        if not form.is_valid():
            return self.shown(form, status=422)
        publishing.write_notice(form.words, by=self.staff)
        messages.success(request, _("Written; nobody sees it before it is published."))
        return HttpResponseRedirect(reverse("desk:notices"))

    def shown(self, form: NoticeForm, *, status: int = 200) -> HttpResponse:
        rows = Notice.objects.select_related("incident").order_by("-pk")[:MOST]
        context = {"rows": rows, "form": form}
        return self.whole("notices.html", _("Notices in the app"), context, status=status)


class NoticeStepView(IncidentPage):
    """POST /desk/notices/{id}/publish|withdraw/ — show a notice, or take it down."""

    permission = IncidentPage.manage

    def post(self, request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
        notice = get_object_or_404(Notice, public_id=public_id)
        act = {"publish": publishing.publish, "withdraw": publishing.withdraw}[step]
        try:
            act(notice, by=self.staff)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Done."))
        return HttpResponseRedirect(reverse("desk:notices"))

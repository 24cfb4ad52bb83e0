"""What the pages of incidents share."""

from typing import Any, TypeVar
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Manager, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render

from complaints.models import CheckedMember, Incident, MakeGoodItem
from participants.models import Participant
from seoul_health.core import clock
from seoul_health.core.desk import DeskPage

Row = TypeVar("Row", CheckedMember, MakeGoodItem)


class IncidentPage(DeskPage):
    """A page of incidents: read by those who may, acted on by who leads, asks or approves."""

    desk = "desk"
    home = "desk:incidents"
    permission = "complaints.view_incident"
    manage, ask, decide = (
        "complaints.manage_incident",
        "complaints.request_makegoodrun",
        "complaints.decide_makegoodrun",
    )

    def require(self, permission: str) -> None:
        if not self.request.user.has_perm(permission):
            raise PermissionDenied

    def incident(self, public_id: UUID) -> Incident:
        rows = Incident.objects.select_related("category", "owner", "opened_by")
        found = rows.filter(public_id=public_id).first()
        if found is None:
            raise Http404
        return found

    def of_own_people(self, rows: Manager[Row]) -> QuerySet[Row]:
        """Keep the rows of people this person may see."""
        people = Participant.objects.visible_to(self.staff)
        return rows.filter(participant__in=people).select_related("participant")

    def whole(
        self, template: str, title: str, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        frame = {
            **admin.site.each_context(self.request),
            "title": title,
            "as_of": clock.now(),
            "may_manage": self.request.user.has_perm(self.manage),
            "may_ask": self.request.user.has_perm(self.ask),
            "may_decide": self.request.user.has_perm(self.decide),
        }
        return render(self.request, f"desk/{template}", frame | context, status=status)

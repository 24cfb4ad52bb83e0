"""What the parts of the complaint desk share."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from complaints.models import Complaint
from participants.models import Participant
from seoul_health.core.desk import DeskPage

from .agents import here


@method_decorator(transaction.atomic, name="dispatch")
class DeskView(DeskPage):
    """A part of the complaint desk: for agents only."""

    desk = "desk"
    home = "desk:home"
    permission = "complaints.use_desk"
    # Asking for it shows that somebody is at the desk.
    is_work = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if self.is_work and request.user.is_authenticated:
            here(self.staff)
        return response

    def require(self, permission: str) -> None:
        if not self.request.user.has_perm(permission):
            raise PermissionDenied

    def complaint(self, receipt_no: str) -> Complaint:
        rows = Complaint.objects.visible_to(self.staff).select_related(
            "category", "participant", "handler", "loan"
        )
        found = rows.filter(receipt_no=receipt_no).first()
        if found is None:
            raise Http404
        return found

    def person(self, number: str) -> Participant:
        rows = Participant.objects.visible_to(self.staff).select_related("profile")
        found = rows.filter(number=number).first()
        if found is None:
            raise Http404
        return found

    def page(self, context: dict[str, Any]) -> HttpResponse:
        frame = admin.site.each_context(self.request)
        frame["is_sidebar_narrow"] = self.request.COOKIES.get("sidebar") != "wide"
        frame["search_url"] = ""
        return render(
            self.request, "desk/page.html", {**frame, "title": _("Complaint desk"), **context}
        )

    def whole(
        self, template: str, title: str, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        """Answer a page of its own beside the three panes."""
        frame = {**admin.site.each_context(self.request), "title": title}
        return render(self.request, f"desk/{template}", frame | context, status=status)

"""What the pages of the review desk share."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpResponse
from django.shortcuts import render

from participants.models import Application
from seoul_health.core.desk import DeskPage

RELATED = ("participant__profile", "round", "lane", "quota", "reason_code", "assisted_by")


class StaffView(DeskPage):
    """A page of the review desk."""

    desk = "review"
    home = "review:home"
    permission = "participants.review_application"

    def application(self, receipt_no: str) -> Application:
        rows = Application.objects.visible_to(self.staff).select_related(*RELATED)
        found = rows.filter(receipt_no=receipt_no).first()
        if found is None:
            raise Http404
        return found

    def page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        frame = admin.site.each_context(self.request)
        return render(self.request, f"review/{template}", {**frame, **context}, status=status)

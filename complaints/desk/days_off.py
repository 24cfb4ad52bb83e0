"""Days off that were declared, and every due time they moved."""

from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import ClockEvent, Complaint, Holiday, HolidayChange
from complaints.services import days_off
from seoul_health.core import clock
from seoul_health.core.clock import KST
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError
from seoul_health.core.spreadsheets import write_csv

from .cases import subject_of
from .frame import FramedPage

PER_PAGE = 50
MOST_LINES = 20_000


class DayOffForm(forms.Form):
    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    change = forms.ChoiceField(label=gettext_lazy("Change"), choices=HolidayChange.Change)
    name = forms.CharField(label=gettext_lazy("Name of the day"), max_length=60)
    reason = forms.CharField(
        label=gettext_lazy("Reason, such as the public notice"), max_length=300
    )


class DaysOffView(FramedPage):
    """GET /desk/days-off/ — the corrections of the calendar. POST — look ahead, or declare."""

    permission = "complaints.view_holidaychange"
    template = "days_off.html"
    title = gettext_lazy("Holidays and due times")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.board(DayOffForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        self.require("complaints.add_holidaychange")
        form = DayOffForm(request.POST)
        if not form.is_valid():
            return self.board(form, status=422)
        if "preview" in request.POST:
            return self.board(form, reach=self.reach(form.cleaned_data["day"]))
        try:
            declared = days_off.declare(**form.cleaned_data, by=self.staff)
        except DomainError as refusal:
            return self.board(form, status=status_of(refusal), error=str(refusal))
        return HttpResponseRedirect(reverse("desk:day-off", args=[declared.pk]))

    def reach(self, day: date) -> int:
        """Count the open complaints whose period the day falls into."""
        return days_off.touched_by(day).count()

    def board(self, form: DayOffForm, *, status: int = 200, **more: Any) -> HttpResponse:
        context = {
            "form": form,
            "corrections": Holiday.objects.order_by("-day")[:PER_PAGE],
            "changes": HolidayChange.objects.select_related("declared_by")[:PER_PAGE],
            "as_of": clock.now(),
            **more,
        }
        return self.framed(context, status=status)


class DayOffView(FramedPage):
    """GET /desk/days-off/{pk}/ — what one declared day changed, complaint by complaint."""

    permission = "complaints.view_holidaychange"
    template = "day_off.html"
    title = gettext_lazy("What a holiday changed")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        change = get_object_or_404(HolidayChange.objects.select_related("declared_by"), pk=pk)
        page = Paginator(self.events(change), PER_PAGE).get_page(request.GET.get("page"))
        self.write_down_new([subject_of(event.complaint) for event in page], what="day-off")
        return self.framed({"change": change, "page": page, "as_of": clock.now()})

    def events(self, change: HolidayChange) -> Any:
        seen = Complaint.objects.visible_to(self.staff)
        rows = ClockEvent.objects.filter(holiday_change=change, complaint__in=seen)
        return rows.select_related(
            "complaint__participant", "complaint__category", "complaint__handler"
        ).order_by("due_after", "pk")


class DayOffFile(DayOffView):
    """GET /desk/days-off/{pk}/changes.csv — the same list."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        change = get_object_or_404(HolidayChange, pk=pk)
        events = list(self.events(change)[:MOST_LINES])
        subjects = [subject_of(event.complaint) for event in events]
        self.write_down(subjects, action="export", what="day-off")
        rows = [
            [
                event.complaint.receipt_no,
                event.complaint.category.label,
                f"{event.due_before.astimezone(KST):%Y-%m-%d %H:%M}",
                f"{event.due_after.astimezone(KST):%Y-%m-%d %H:%M}",
            ]
            for event in events
        ]
        header = [_("Receipt number"), _("Category"), _("Due before"), _("Due after")]
        response = HttpResponse(write_csv(header, rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="due-times-{change.day}.csv"'
        return response

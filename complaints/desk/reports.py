"""What became of the complaints of a period: figures, charts, and the rows behind each of them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Category, Channel, Complaint
from complaints.services import reports
from complaints.services.reports import OUTCOMES, Axis, Cohort, Figure, Line, Period
from seoul_health.core import clock
from seoul_health.core.charts import Datum, Series, bar_chart, stacked_bar_chart
from seoul_health.core.clock import KST
from seoul_health.core.spreadsheets import write_csv, write_xlsx

from .cases import subject_of
from .frame import FramedPage
from .words import span_words

LONGEST = 366
MOST_BARS = 10
MOST_DAYS = 31
PER_PAGE = 50
MOST_ROWS = 50_000
TONES = {
    Figure.IN_TIME: "ok",
    Figure.LATE: "warn",
    Figure.OVERDUE: "danger",
    Figure.OPEN: "info",
    Figure.OTHERWISE: "neutral",
}
COUNTED = [figure for figure in Figure if figure != Figure.RATED]
TYPES = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (
        write_xlsx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


class Day(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"})


class PeriodForm(forms.Form):
    """Days of receipt and what they are told apart by; without any, this month so far."""

    first = Day(label=gettext_lazy("First day"), required=False)
    last = Day(label=gettext_lazy("Last day"), required=False)
    by = forms.ChoiceField(label=gettext_lazy("By"), choices=Axis.choices, required=False)
    key = forms.CharField(max_length=60, required=False)
    figure = forms.ChoiceField(choices=Figure.choices, required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        today = clock.today()
        last = said.get("last") or today
        first = said.get("first") or last.replace(day=1)
        if first > last:
            self.add_error("first", _("The first day comes after the last."))
        elif last - first >= timedelta(days=LONGEST):
            self.add_error("last", _("Please choose a year at most."))
        return said | {"first": first, "last": last}


class ReportPage(FramedPage):
    """A page about the complaints of a period that this person may see."""

    permission = "complaints.supervise_desk"

    form: PeriodForm
    asked: dict[str, Any]
    period: Period
    axis: Axis

    def read(self, request: HttpRequest) -> int:
        """Take in what was asked; what is not right is answered for this month, with 422."""
        self.form = PeriodForm(request.GET or None)
        is_right = not self.form.is_bound or self.form.is_valid()
        self.asked = self.form.cleaned_data if self.form.is_bound and is_right else {}
        today = clock.today()
        self.period = Period(
            self.asked.get("first") or today.replace(day=1), self.asked.get("last") or today
        )
        self.axis = Axis(self.asked.get("by") or Axis.CATEGORY)
        return 200 if is_right else 422

    def cohort(self) -> Cohort:
        return reports.received_in(self.period, Complaint.objects.visible_to(self.staff))

    def address(self, **more: str) -> str:
        """Give the period and the axis as they stand in an address."""
        said = {
            "first": self.period.first.isoformat(),
            "last": self.period.last.isoformat(),
            "by": str(self.axis),
        }
        return urlencode(said | more)


class ReportView(ReportPage):
    """GET /desk/reports/?first=…&last=…&by=category|channel|team|district."""

    template = "report.html"
    title = gettext_lazy("Reports on complaints")

    def get(self, request: HttpRequest) -> HttpResponse:
        status = self.read(request)
        cohort = self.cohort()
        lines = reports.figures(cohort, self.axis)
        names = names_of(self.axis)
        context = {
            "form": PeriodForm(initial={"first": self.period.first, "last": self.period.last}),
            "errors": [text for texts in self.form.errors.values() for text in texts],
            "axes": Axis.choices,
            "axis": self.axis,
            "counted": COUNTED,
            "lines": [self.shown(line, said(names, line.key), line.key) for line in lines],
            "total": self.shown(reports.whole(lines, reports.wait_of_all(cohort)), _("All")),
            "here": self.address(),
            "period": self.period,
            "outcome_chart": self.outcomes(lines, names),
            "day_chart": self.days(cohort),
            "as_of": clock.now(),
        }
        return self.framed(context, status=status)

    def shown(self, line: Line, name: str, key: str | None = None) -> dict[str, Any]:
        """Give a line's figures with the address of their rows, and its shares as words."""
        return {
            "name": name,
            "cells": [
                (figure, getattr(line, figure), self.rows_of(figure, key)) for figure in COUNTED
            ],
            "in_time": "–" if line.percent_in_time is None else f"{line.percent_in_time:.1f}%",
            "wait": "–" if line.wait is None else span_words(line.wait),
            "rated": (line.rated, self.rows_of(Figure.RATED, key)),
            "satisfaction": "–" if line.satisfaction is None else f"{line.satisfaction:.2f}",
        }

    def outcomes(self, lines: Sequence[Line], names: Mapping[str, str | Promise]) -> str:
        """Draw what became of the complaints of the busiest groups."""
        shown = lines[:MOST_BARS]
        series = [
            Series(
                str(figure.label),
                tuple(getattr(line, figure) for line in shown),
                tuple(self.rows_of(figure, line.key) for line in shown),
            )
            for figure in OUTCOMES
        ]
        labels = [said(names, line.key) for line in shown]
        return stacked_bar_chart(labels, series, title=_("What became of them"))

    def days(self, cohort: Cohort) -> str:
        """Draw what was received on each day, or in each week or month of a long period."""
        counted: dict[date, int] = {}
        for day, count in reports.by_day(cohort).items():
            start = self.start_of_bar(day)
            counted[start] = counted.get(start, 0) + count
        starts = sorted({self.start_of_bar(day) for day in days_of(self.period)})
        bars = [
            Datum(
                f"{start:%Y-%m}" if self.period.days > 7 * MOST_DAYS else f"{start:%m-%d}",
                counted.get(start, 0),
                self.rows_of(Figure.RECEIVED, first=max(start, self.period.first), last=end),
            )
            for start, end in zip(starts, ends_of(starts, self.period.last), strict=True)
        ]
        return bar_chart(bars, title=_("Received"))

    def start_of_bar(self, day: date) -> date:
        if self.period.days <= MOST_DAYS:
            return day
        if self.period.days <= 7 * MOST_DAYS:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1)

    def rows_of(self, figure: Figure, key: str | None = None, **days: date) -> str:
        more = {"figure": str(figure)} | {name: day.isoformat() for name, day in days.items()}
        if key is not None:
            more["key"] = key
        return f"{reverse('desk:report-rows')}?{self.address(**more)}"


def days_of(period: Period) -> list[date]:
    return [period.first + timedelta(days=number) for number in range(period.days)]


def ends_of(starts: Sequence[date], last: date) -> list[date]:
    """Give the last day of each bar: the day before the next begins."""
    return [*(start - timedelta(days=1) for start in starts[1:]), last]


class RowsView(ReportPage):
    """GET /desk/reports/rows/?…&figure=late&key=… — the complaints that a figure counts."""

    template = "report_rows.html"
    title = gettext_lazy("Complaints of a report")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.listed(status=self.read(request))

    def listed(self, *, error: str = "", status: int = 200) -> HttpResponse:
        page = Paginator(self.rows(), PER_PAGE).get_page(self.request.GET.get("page"))
        names = names_of(self.axis)
        self.write_down_new([subject_of(row) for row in page], what="report")
        key = self.key
        context = {
            "page": page,
            "error": error or next(iter(self.form.errors.values()), [""])[0],
            "figure_name": self.figure.label,
            "group_name": "" if key is None else said(names, key),
            "axis_name": self.axis.label,
            "rows": [(row, Figure(row.outcome).label, TONES[Figure(row.outcome)]) for row in page],
            "period": self.period,
            "report": f"{reverse('desk:reports')}?{self.address()}",
            "here": self.address(**self.narrowing()),
            "as_of": clock.now(),
        }
        return self.framed(context, status=status)

    @property
    def figure(self) -> Figure:
        return Figure(self.asked.get("figure") or Figure.RECEIVED)

    @property
    def key(self) -> str | None:
        """The group; an empty key is a group too: those without a district, say."""
        return self.asked.get("key", "") if "key" in self.request.GET else None

    def narrowing(self) -> dict[str, str]:
        key = self.key
        return {"figure": str(self.figure)} | ({} if key is None else {"key": key})

    def rows(self) -> Cohort:
        found = reports.narrowed(self.cohort(), self.figure)
        if self.key is not None:
            found = reports.of_group(found, self.axis, self.key)
        return found.select_related("category", "participant", "handler").order_by(
            "received_at", "pk"
        )


class RowsFile(RowsView):
    """GET /desk/reports/rows.csv and rows.xlsx — a row for each complaint; no name, no text."""

    kind = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.read(request) != 200:
            return self.listed(status=422)
        rows = list(self.rows()[: MOST_ROWS + 1])
        if len(rows) > MOST_ROWS:
            error = _("These are more than {count} rows. Please choose a shorter period.")
            return self.listed(error=error.format(count=f"{MOST_ROWS:,}"), status=422)
        self.write_down([subject_of(row) for row in rows], action="export", what="report")
        header = [
            _("Receipt number"),
            _("Kind"),
            _("Category"),
            _("Channel"),
            _("Department"),
            _("District"),
            _("Received at"),
            _("First answer"),
            _("Due time of the first answer"),
            _("What became of it"),
            _("Status"),
            _("Times reopened"),
            _("Satisfaction"),
        ]
        write, content_type = TYPES[self.kind]
        content = write(header, [told(row) for row in rows])
        response = HttpResponse(content, content_type=content_type)
        name = f"complaints-{self.period.first}-{self.period.last}.{self.kind}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def told(row: Any) -> list[Any]:
    return [
        row.receipt_no,
        row.get_kind_display(),
        row.category.label,
        row.get_channel_display(),
        row.handler.department if row.handler else "",
        row.participant.district if row.participant else "",
        *(
            moment and f"{moment.astimezone(KST):%Y-%m-%d %H:%M}"
            for moment in (row.received_at, row.first_answer, row.first_due)
        ),
        Figure(row.outcome).label,
        row.get_status_display(),
        row.reopen_count,
        row.satisfaction,
    ]


def names_of(axis: Axis) -> Mapping[str, str | Promise]:
    """Give the words for the groups of an axis; departments and districts are words already."""
    match axis:
        case Axis.CATEGORY:
            return {one.code: one.label for one in Category.objects.all()}
        case Axis.CHANNEL:
            return dict(Channel.choices)
    return {}


def said(names: Mapping[str, str | Promise], key: str) -> str:
    return str(names.get(key, key)) or _("Not known")

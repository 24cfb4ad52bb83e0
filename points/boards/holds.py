"""The queue of doubtful days: what made them doubtful, what the citizen says, and the decision."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.models import AwardReview, Hold, HoldAppeal, Signal
from points.rules.signals import sentence
from points.services import hold_figures
from seoul_health.core import clock
from seoul_health.core.audit import subject_of
from seoul_health.core.charts import Series, line_chart
from seoul_health.core.models import AuditEvent
from seoul_health.core.spreadsheets import write_csv

from .base import Board

PER_PAGE = 50
MOST_LINES = 5_000
CHARTS = 3
VIEWS = {
    "open": gettext_lazy("To be decided"),
    "appealed": gettext_lazy("With an objection"),
    "confirmed": gettext_lazy("Confirmed"),
    "released": gettext_lazy("Released from hold"),
}
TONES = {Hold.Status.OPEN: "warn", Hold.Status.CONFIRMED: "danger", Hold.Status.RELEASED: "ok"}
RELATED = ("participant__profile", "raised_by", "decided_by", "appeal")


class WhyForm(forms.Form):
    """Why a person decided as they did; the citizen reads it."""

    why = forms.CharField(
        label=gettext_lazy("Reason the citizen will read"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HoldBoard(Board):
    """GET /staff/points/holds/?view=…&signal=…&page=… — the queue, the oldest promise first."""

    permission = "points.view_hold"
    template = "points/holds.html"
    title = gettext_lazy("Holds on points")

    def get(self, request: HttpRequest) -> HttpResponse:
        view, signal = self.wanted()
        pages = Paginator(self.rows(view, signal), PER_PAGE)
        page = pages.get_page(request.GET.get("page"))
        numbers = [hold.participant.number for hold in page]
        self.write_down(numbers, action="list", what=f"holds:{view}")
        context = {
            "view": view,
            "views": VIEWS,
            "signal": signal,
            "signals": Signal.choices,
            "page": page,
            "rows": list(shown(page)),
            "counts": hold_figures.open_by_signal(self.staff),
            "labels": dict(Signal.choices),
            "overdue": hold_figures.overdue(self.staff),
            "appeals": HoldAppeal.objects.visible_to(self.staff).waiting().count(),
            "as_of": clock.now(),
            "today": clock.today(),
        }
        return self.show(context)

    def wanted(self) -> tuple[str, str]:
        """Read which part of the queue is asked for; unknown words ask for everything open."""
        view, signal = self.request.GET.get("view", ""), self.request.GET.get("signal", "")
        return view if view in VIEWS else "open", signal if signal in Signal.values else ""

    def rows(self, view: str, signal: str) -> QuerySet[Hold]:
        holds = Hold.objects.visible_to(self.staff).select_related(*RELATED)
        if signal:
            holds = holds.filter(signal=signal)
        if view == "appealed":
            waiting = holds.filter(appeal__status=HoldAppeal.Status.RECEIVED)
            return waiting.order_by("appeal__promised_on", "pk")
        if view == "open":
            return holds.open().order_by("promised_on", "-score", "pk")
        return holds.filter(status=view).order_by("-decided_at", "pk")


def shown(page: "Page[Hold]") -> Iterator[dict[str, Any]]:
    """Give each row of the queue with its words."""
    for hold in page:
        yield {
            "hold": hold,
            "tone": TONES[Hold.Status(hold.status)],
            "appeal": getattr(hold, "appeal", None),
            "says": explained(hold, hold.last_day),
        }


def explained(hold: Hold, day: date) -> str:
    return sentence(hold.signal, hold.evidence.get(str(day), {}))


class HoldFile(HoldBoard):
    """GET /staff/points/holds/holds.csv — the same rows, by participant number."""

    def get(self, request: HttpRequest) -> HttpResponse:
        view, signal = self.wanted()
        holds = list(self.rows(view, signal)[:MOST_LINES])
        numbers = [hold.participant.number for hold in holds]
        self.write_down(numbers, action="export", what=f"holds:{view}")
        header = [
            _("Participant"), _("Signal"), _("First day"), _("Last day"), _("Score"), _("Status"),
            _("Raised at"), _("Decision promised by"), _("Explanation"),
        ]  # fmt: skip
        lines = (
            [
                hold.participant.number,
                hold.get_signal_display(),
                hold.first_day,
                hold.last_day,
                hold.score,
                hold.get_status_display(),
                f"{hold.raised_at.astimezone(clock.KST):%Y-%m-%d %H:%M}",
                hold.promised_on,
                explained(hold, hold.last_day),
            ]
            for hold in holds
        )
        answer = HttpResponse(write_csv(header, lines), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="holds-{clock.today():%Y%m%d}.csv"'
        return answer


class HoldPage(Board):
    """GET /staff/points/holds/{id}/ — the numbers, the hours, the citizen's words, the story."""

    permission = "points.view_hold"
    template = "points/hold.html"
    title = gettext_lazy("Hold on points")

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        return self.page(self.find(public_id), WhyForm())

    def find(self, public_id: UUID) -> Hold:
        holds = Hold.objects.visible_to(self.staff).select_related(*RELATED)
        return get_object_or_404(holds, public_id=public_id)

    def page(self, hold: Hold, form: WhyForm, *, status: int = 200) -> HttpResponse:
        number = hold.participant.number
        self.write_down([number], action="view", what=f"hold:{hold.pk}")
        appeal = getattr(hold, "appeal", None)
        waits = appeal is not None and appeal.status == HoldAppeal.Status.RECEIVED
        reviews = AwardReview.objects.filter(
            participant=hold.participant, award__period__range=(hold.first_day, hold.last_day)
        )
        context = {
            "hold": hold,
            "tone": TONES[Hold.Status(hold.status)],
            "appeal": appeal,
            "appeal_waits": waits,
            "is_behind": self.staff.pk in {hold.raised_by_id, hold.decided_by_id},
            "may_decide": hold.status == Hold.Status.OPEN or waits,
            "days": list(day_rows(hold)),
            "charts": list(day_charts(hold)),
            "usual_days": hold_figures.USUAL_DAYS.days,
            "reviews": reviews.select_related("award", "clawback").order_by("award__period"),
            "timeline": AuditEvent.objects.filter(subject=subject_of(hold)).order_by("-at")[:20],
            "form": form,
            "as_of": clock.now(),
        }
        return self.show(context, status=status)


def day_rows(hold: Hold) -> Iterator[dict[str, Any]]:
    """Give each day of a hold with its numbers and what it was awarded."""
    days = hold.days()
    awards = {
        award.period: award
        for award in hold.participant.awards.filter(item="walking_day", period__in=days)
    }
    for day in days:
        numbers = hold.evidence.get(str(day), {})
        yield {
            "day": day,
            "score": numbers.get("score", hold.score),
            "says": sentence(hold.signal, numbers) if numbers else hold.evidence.get("note", "–"),
            "award": awards.get(day),
        }


def day_charts(hold: Hold) -> Iterator[dict[str, Any]]:
    """Draw the latest days of a hold by hour, beside what is usual for this person."""
    usual = hold_figures.usual_hours(hold.participant, hold.first_day)
    labels = [str(hour) for hour in range(len(usual.hours))]
    for day in [one for one in hold.days() if one <= clock.today()][-CHARTS:]:
        hours = hold_figures.hours_of(hold.participant, day)
        series = [Series(_("This day"), tuple(hours)), Series(_("Usual"), usual.hours)]
        yield {
            "day": day,
            "steps": sum(hours),
            "usual": sum(usual.hours),
            "days": usual.days,
            "svg": line_chart(labels, series, title=_("Steps by hour")),
        }

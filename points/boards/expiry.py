"""Expiry as people run it: what expires when, who has been told, runs, and more time for many."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participants.models import Participant, RecruitmentRound
from participants.rules.districts import DISTRICTS
from participants.services.audiences import EVERYBODY, TAKING_PART, Audience
from points.models import Account, ExpiryAnnouncement, ExpiryExtension, ExpiryForecast, ExpiryRun
from points.rules.expiry import STEPS
from points.services.announcing import Expiring, expiring_of
from points.services.expiry import start_run
from points.services.extensions import approve_extension, decline_extension, request_extension
from points.services.forecasts import preview
from points.services.partner_health import dark_since
from points.services.validity import read_validity
from seoul_health.core import clock
from seoul_health.core.charts import Datum, bar_chart
from seoul_health.core.errors import DomainError
from seoul_health.core.spreadsheets import write_csv
from seoul_health.core.tasks import enqueue

from .base import Board

SHOWN = 13
LATEST = 10
PAGE, LOOKED_AT = 50, 2_000


class ExtensionForm(forms.Form):
    """Whose points, until when, why."""

    districts = forms.MultipleChoiceField(
        label=gettext_lazy("Districts"),
        choices=[(name, name) for name in DISTRICTS],
        required=False,
        help_text=gettext_lazy("Choose none for the whole city."),
    )
    round = forms.ModelChoiceField(
        label=gettext_lazy("Taking part in round"),
        queryset=RecruitmentRound.objects.order_by("-starts_on", "pk"),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("Everybody, whether they take part or not"),
    )
    until = forms.DateField(
        label=gettext_lazy("Nothing expires before"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    @property
    def audience(self) -> Audience:
        given = self.cleaned_data
        audience: dict[str, str | list[str]] = {"of": EVERYBODY}
        if given["round"]:
            audience = {"of": TAKING_PART, "round": given["round"].code}
        if given["districts"]:
            audience["districts"] = given["districts"]
        return audience


class ExpiryBoard(Board):
    """GET /staff/points/expiry/?on=… — what expires when, who was told, runs and extensions."""

    permission = "points.view_expiryrun"
    template = "points/expiry.html"
    title = gettext_lazy("Expiry of points")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(ExtensionForm())

    def page(self, form: ExtensionForm, *, status: int = 200) -> HttpResponse:
        forecast = ExpiryForecast.objects.order_by("-pk").first()
        runs = ExpiryRun.objects.order_by("-pk")
        extensions = ExpiryExtension.objects.select_related("requested_by", "decided_by")
        today = clock.today()
        on = parse_day(self.request.GET.get("on", "")) or today + timedelta(days=30)
        context = {
            "form": form,
            "today": today,
            "dark_since": dark_since(),
            "forecast": forecast,
            "found": preview(forecast, on) if forecast else None,
            "on": on,
            "chart": month_chart(forecast),
            "months": list(month_rows(forecast)),
            "steps": STEPS,
            "runs": runs[:LATEST],
            "running": runs.running().exists(),
            "extensions": [
                (row, whom(row.audience)) for row in extensions.order_by("-pk")[:LATEST]
            ],
        }
        return self.show(context, status=status)


def parse_day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def month_chart(forecast: ExpiryForecast | None) -> str:
    rows = forecast.months[:SHOWN] if forecast else []
    data = [
        Datum(row["month"][2:7].replace("-", "."), row["points"], month_url(row["month"]))
        for row in rows
    ]
    return bar_chart(data, title=_("Points that expire, by month"), unit="P")


def month_url(month: str) -> str:
    return reverse("boards:expiry-month", args=[month[:7]])


def month_rows(forecast: ExpiryForecast | None) -> Iterator[dict[str, Any]]:
    """Give each month with what expires in it, and when its people were told."""
    rows = forecast.months[:SHOWN] if forecast else []
    months = [date.fromisoformat(row["month"]) for row in rows]
    told = {
        (one.month, one.days_ahead): one
        for one in ExpiryAnnouncement.objects.filter(month__in=months)
    }
    for row, month in zip(rows, months, strict=True):
        steps = [
            {"told": told.get((month, step)), "on": month - timedelta(days=step)} for step in STEPS
        ]
        yield {**row, "starts_on": month, "url": month_url(row["month"]), "steps": steps}


def whom(audience: Audience) -> str:
    """Say in words whose points an extension covers."""
    parts = []
    if round_ := audience.get("round"):
        parts.append(_("taking part in {round}").format(round=round_))
    if districts := audience.get("districts"):
        parts.append(", ".join(districts))
    return " · ".join(parts) or _("Everybody")


class ForecastFile(Board):
    """GET /staff/points/expiry/days.csv — people and points of every day to come."""

    permission = "points.view_expiryrun"

    def get(self, request: HttpRequest) -> HttpResponse:
        forecast = ExpiryForecast.objects.order_by("-pk").first()
        if forecast is None:
            raise Http404
        counted = forecast.at.astimezone(clock.KST)
        rows = (
            [row["on"], row["people"], row["points"], f"{counted:%Y-%m-%d %H:%M}"]
            for row in forecast.days
        )
        header = [_("Expiry day"), _("People"), _("Points"), _("Counted at")]
        answer = HttpResponse(write_csv(header, rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="expiry-{counted:%Y%m%d}.csv"'
        return answer


class MonthView(Board):
    """GET /staff/points/expiry/2026-12/?after=… — whose points expire in a month, by number."""

    permission = "points.view_expiryrun"
    template = "points/expiry_month.html"
    title = gettext_lazy("Points that expire in a month")

    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        first = parse_day(f"{month}-01")
        after = request.GET.get("after", "0")
        if first is None or not after.isdecimal() or len(after) > 18:
            raise Http404
        people, reached = self.people(first, int(after))
        numbers = dict(
            Participant.objects.filter(pk__in=[one.participant for one in people]).values_list(
                "pk", "number"
            )
        )
        self.write_down(sorted(numbers.values()), action="list", what=f"expiry:{month}")
        rows = [(numbers[one.participant], one) for one in people]
        context = {"month": first, "rows": rows, "reached": reached, "as_of": clock.now()}
        return self.show(context)

    def people(self, first: date, after: int) -> tuple[list[Expiring], int]:
        """Look through purses by number until a page is full; give where the next one starts."""
        last = clock.add_months(first, 1) - timedelta(days=1)
        purses = Account.objects.purses().visible_to(self.staff).filter(balance__gt=0)
        validity, found = read_validity(), list[Expiring]()
        while len(found) < PAGE:
            numbers = list(
                purses.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:LOOKED_AT]
            )
            if not numbers:
                return found, 0
            found += expiring_of(numbers, validity, first, last)
            after = numbers[-1]
        if len(found) > PAGE:
            after = found[PAGE - 1].purse
        return found[:PAGE], after


class Order(ExpiryBoard):
    """POST — something a person has done about expiry; back to the board with what became of it."""

    done: str | Promise = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("boards:expiry"))

    def post(self, request: HttpRequest, **named: int) -> HttpResponse:
        try:
            self.act(**named)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(self.done))
        return HttpResponseRedirect(reverse("boards:expiry"))

    def act(self, **named: int) -> None:
        raise NotImplementedError


class RunOrder(Order):
    permission = "points.run_expiry"
    done = gettext_lazy("The run has been started; it goes through all purses.")

    def act(self, **named: int) -> None:
        start_run(by=self.staff)
        enqueue("points.resume_expiry")


class CountOrder(Order):
    permission = "points.run_expiry"
    done = gettext_lazy("The count has been asked for. Please load this page again in a moment.")

    def act(self, **named: int) -> None:
        enqueue("points.count_expiry")


class AnnounceOrder(Order):
    permission = "points.run_expiry"
    done = gettext_lazy("Everybody who is due to be told is being told now.")

    def act(self, **named: int) -> None:
        enqueue("points.announce_expiry")


class ExtensionOrder(Order):
    permission = "points.add_expiryextension"

    def post(self, request: HttpRequest, **named: int) -> HttpResponse:
        form = ExtensionForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=400)
        given = form.cleaned_data
        try:
            request_extension(
                form.audience, until=given["until"], reason=given["reason"], by=self.staff
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return self.page(form, status=422)
        messages.success(request, _("The extension waits for somebody else to approve it."))
        return HttpResponseRedirect(reverse("boards:expiry"))


class ApproveOrder(Order):
    permission = "points.approve_expiryextension"
    done = gettext_lazy("The extension is in force; everybody it reaches is told.")

    def act(self, **named: int) -> None:
        approve_extension(get_object_or_404(ExpiryExtension, pk=named["pk"]), by=self.staff)


class DeclineOrder(Order):
    permission = "points.approve_expiryextension"
    done = gettext_lazy("The extension has been declined.")

    def act(self, **named: int) -> None:
        why = self.request.POST.get("why", "")[:200]
        decline_extension(
            get_object_or_404(ExpiryExtension, pk=named["pk"]), why=why, by=self.staff
        )

"""The counter of a health zone: a person, what was measured, and what became of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from devices.models import Instrument, Reading, RiskAlert, Site
from devices.rules.measures import MEASURES
from devices.rules.reading_words import INSTRUMENTS
from devices.rules.thresholds import limits_for
from devices.services import readings
from devices.services.alerts import limits_on, open_for
from devices.services.examining import Item, Told
from devices.services.waiting import age_of
from participants.models import Consent, Participant
from participants.services.consents import has_given
from seoul_health.core import clock, trends
from seoul_health.core.access import log_read

from .base import Station

COUNTER_KINDS = (
    "systolic", "diastolic", "pulse", "weight", "height", "waist", "body_fat",
    "glucose_fasting", "glucose", "grip",
)  # fmt: skip
MOMENT = "%Y-%m-%dT%H:%M"
BACK = timedelta(days=730)
LAST_FILES = 20


class CounterForm(forms.Form):
    """Everything one visit measures; what is left empty was not measured."""

    number = forms.CharField(max_length=16)
    measured_at = forms.CharField(max_length=16, required=False)
    sex = forms.ChoiceField(choices=[("", "–"), ("m", _("Man")), ("f", _("Woman"))], required=False)

    def __init__(self, data: Any, *, site: Site, instruments: Sequence[Instrument]) -> None:
        super().__init__(data)
        self.site, self.instruments = site, instruments
        for kind in COUNTER_KINDS:
            units = list(MEASURES[kind].factors())
            self.fields[f"{kind}_value"] = forms.CharField(max_length=8, required=False)
            self.fields[f"{kind}_unit"] = forms.ChoiceField(
                choices=[(unit, unit) for unit in units], required=False
            )
            self.fields[f"{kind}_instrument"] = forms.CharField(max_length=32, required=False)

    def lines(self) -> list[dict[str, Any]]:
        """Give a line for each kind: its fields, and the instruments that measure it."""
        labels = dict(Reading.Kind.choices)
        return [
            {
                "kind": kind,
                "label": labels[kind],
                "units": list(MEASURES[kind].factors()),
                "value": self.data.get(f"{kind}_value", ""),
                "unit": self.data.get(f"{kind}_unit", ""),
                "chosen": self.data.get(f"{kind}_instrument", ""),
                "instruments": [
                    one for one in self.instruments if kind in INSTRUMENTS.get(one.kind, ())
                ],
            }
            for kind in COUNTER_KINDS
        ]

    def told(self) -> list[Told]:
        values = self.cleaned_data
        at = moment_of(values["measured_at"])
        return [
            Told(
                number=values["number"].strip(),
                kind=kind,
                value=values[f"{kind}_value"],
                measured_at=at,
                unit=values[f"{kind}_unit"],
                instrument=values[f"{kind}_instrument"],
                sex=values["sex"],
            )
            for kind in COUNTER_KINDS
            if values[f"{kind}_value"].strip()
        ]


def moment_of(text: str) -> datetime | None:
    """Read what a datetime field sends, as Seoul time; empty means now."""
    if not text:
        return clock.now().replace(microsecond=0)
    try:
        return datetime.strptime(text, MOMENT).replace(tzinfo=clock.KST)
    except ValueError:
        return None


class ZoneView(Station):
    """/staff/devices/zone/ — enter what was measured."""

    permission = "devices.enter_reading"
    template = "devices/zone.html"
    title = _("Health zone")

    def get(self, request: HttpRequest) -> HttpResponse:
        site = self.site(request.GET.get("site", ""))
        number = request.GET.get("number", "").strip()[:16]
        person = Participant.objects.filter(number=number).first() if number else None
        form = CounterForm({"number": number}, site=site, instruments=instruments_of(site))
        return self.page(site, form, person=person, unknown=bool(number and not person))

    def post(self, request: HttpRequest) -> HttpResponse:
        site = self.site(request.POST.get("site", ""))
        form = CounterForm(request.POST, site=site, instruments=instruments_of(site))
        if not form.is_valid():
            raise BadRequest
        told = form.told()
        items = readings.record(told, site=site, channel=Reading.Channel.COUNTER, by=self.staff)
        number = form.cleaned_data["number"].strip()
        person = Participant.objects.filter(number=number).first()
        if told and all(item.outcome != "rejected" for item in items):
            form = CounterForm({"number": number}, site=site, instruments=form.instruments)
        return self.page(site, form, person=person, unknown=not person, items=items)

    def site(self, code: str) -> Site:
        """Give the site asked for, by default the user's own or the first with instruments."""
        rows = Site.objects.visible_to(self.staff).filter(instruments__isnull=False).distinct()
        ordered = rows.order_by("name", "pk")
        found = ordered.filter(code=code).first() if code else ordered.first()
        if found is None:
            raise Http404
        return found

    def page(
        self,
        site: Site,
        form: CounterForm,
        *,
        person: Participant | None,
        unknown: bool,
        items: Sequence[Item] = (),
    ) -> HttpResponse:
        if person is not None:
            log_read(
                self.request, [person.number], by=self.staff, action="view", what="devices:zone"
            )
        return self.show(
            {
                "site": site,
                "sites": Site.objects.visible_to(self.staff)
                .filter(instruments__isnull=False)
                .distinct()
                .order_by("name", "pk"),
                "form": form,
                "lines": form.lines(),
                "number": form.data.get("number", ""),
                "measured_at": f"{clock.now().astimezone(clock.KST):{MOMENT}}",
                "person": person,
                "agreed": person is None or has_given(person, Consent.Purpose.HEALTH),
                "alerts": open_for(person) if person else [],
                "last": last_of(person) if person else [],
                "unknown": unknown,
                "items": [(dict(Reading.Kind.choices)[item.told.kind], item) for item in items],
                "overdue": overdue(form.instruments),
            }
        )


def instruments_of(site: Site) -> list[Instrument]:
    rows = Instrument.objects.in_use().filter(site=site).prefetch_related("calibrations")
    return list(rows.order_by("kind", "serial"))


def overdue(instruments: Iterable[Instrument]) -> list[Instrument]:
    """Give the instruments whose readings would be marked today."""
    today = clock.today()
    return [
        one
        for one in instruments
        if not any(row.done_on <= today <= row.valid_until for row in one.calibrations.all())
    ]


def last_of(person: Participant) -> list[Reading]:
    """Give the newest reading of each kind."""
    rows = Reading.objects.standing().filter(participant=person)
    return list(rows.order_by("kind", "-measured_at", "-pk").distinct("kind"))


class TrendView(Station):
    """GET /staff/devices/zone/people/{number}/ — a person's readings over two years."""

    permission = "devices.view_reading"
    template = "devices/trend.html"
    title = _("Readings of a person")

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        person = self.person(number)
        log_read(request, [person.number], by=self.staff, action="view", what="devices:trend")
        since = clock.now() - BACK
        rows = list(
            Reading.objects.of(person).filter(measured_at__gte=since).select_related("site")
        )
        alerts = RiskAlert.objects.filter(participant=person).select_related("threshold", "reading")
        return self.show(
            {
                "person": person,
                "age": age_of(person, clock.today()),
                "charts": charts_of(person, rows),
                "rows": rows[::-1],
                "alerts": alerts.order_by("-pk")[:20],
                "since": clock.seoul_day(since),
                "as_of": clock.now(),
            }
        )

    def person(self, number: str) -> Participant:
        """Find somebody who has been measured or is to be called at one's own place."""
        person = get_object_or_404(Participant.objects.select_related("profile"), number=number)
        here = Reading.objects.visible_to(self.staff).filter(participant=person).exists()
        if not here and not (
            RiskAlert.objects.visible_to(self.staff).filter(participant=person).exists()
        ):
            raise Http404
        return person


def charts_of(person: Participant, rows: Sequence[Reading]) -> list[dict[str, Any]]:
    """Draw every kind that was measured, over the bands that hold for this person today."""
    limits = limits_on(clock.today())
    age = age_of(person, clock.today())
    drawn = []
    for kind, label in Reading.Kind.choices:
        own = [row for row in rows if row.kind == kind]
        if not own:
            continue
        bands = [
            trends.Limit(float(limit.value), limit.level, is_floor=limit.side == "below")
            for limit in limits_for(limits, kind, age=age, sex=own[-1].sex)
        ]
        points = [
            trends.Point(
                row.measured_at.astimezone(clock.KST),
                float(row.value),
                f"{row.measured_at.astimezone(clock.KST):%Y-%m-%d %H:%M} {row.value} {row.unit}",
                is_doubtful=row.is_overdue,
            )
            for row in own
        ]
        drawn.append(
            {"label": label, "unit": own[-1].unit, "count": len(own),
             "chart": trends.trend(points, bands, title=str(label))}
        )  # fmt: skip
    return drawn

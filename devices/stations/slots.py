"""The day of a site: who comes when, who came, and what is still free."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.errors import UnknownNumber
from devices.models import Reservation, Resource, Site, Slot, Waiting
from devices.services import reservations, slots, waiting
from participants.models import Participant
from seoul_health.core import clock
from seoul_health.core.access import log_read
from seoul_health.core.errors import DomainError, IllegalMove
from seoul_health.core.masking import mask_name

from .base import Station

EXPECTED = (
    Reservation.Status.BOOKED,
    Reservation.Status.CHECKED_IN,
    Reservation.Status.NO_SHOW,
    Reservation.Status.EXCUSED,
)
EARLIEST, FARTHEST = timedelta(days=400), timedelta(days=120)


@dataclass(slots=True)
class Line:
    """One time of the day, with a cell for every resource."""

    starts_at: datetime
    cells: list[Slot | None] = field(default_factory=list)


class WhyForm(forms.Form):
    why = forms.CharField(label=gettext_lazy("Reason"), min_length=2, max_length=100)


class SlotsView(Station):
    """GET /staff/devices/slots/?site=…&day=… — the calendar of a site on one day."""

    permission = "devices.manage_reservation"
    template = "devices/slots.html"
    title = gettext_lazy("Reservations of the day")

    def get(self, request: HttpRequest) -> HttpResponse:
        sites = list(sites_of(self))
        site, day = chosen(request, sites), asked_day(request)
        lines, resources = calendar(site, day) if site else ([], [])
        found = [slot for line in lines for slot in line.cells if slot]
        seen = {row.participant.number for slot in found for row in expected(slot)}
        log_read(request, seen, by=self.staff, action="list", what="devices:slots")
        return self.show(
            {
                "sites": sites,
                "site": site,
                "day": day,
                "today": clock.today(),
                "previous": day - timedelta(days=1),
                "next": day + timedelta(days=1),
                "resources": resources,
                "lines": lines,
                "tally": tally(found),
                "now": clock.now(),
            }
        )


def sites_of(page: Station) -> Iterable[Site]:
    rows = Site.objects.visible_to(page.staff).filter(resources__is_active=True).distinct()
    return rows.order_by("name", "pk")


def chosen(request: HttpRequest, sites: list[Site]) -> Site | None:
    code = request.GET.get("site", "")
    if not code:
        return sites[0] if sites else None
    found = next((site for site in sites if site.code == code), None)
    if found is None:
        raise Http404
    return found


def asked_day(request: HttpRequest) -> date:
    text = request.GET.get("day", "")
    if not text:
        return clock.today()
    try:
        day = date.fromisoformat(text)
    except ValueError as fault:
        raise BadRequest from fault
    if not clock.today() - EARLIEST <= day <= clock.today() + FARTHEST:
        raise BadRequest
    return day


def calendar(site: Site, day: date) -> tuple[list[Line], list[Resource]]:
    """Lay a day out: a line for every time, a column for every resource."""
    resources = list(site.resources.active().order_by("name", "pk"))
    people = Reservation.objects.filter(status__in=EXPECTED).order_by("place", "pk")
    rows = (
        Slot.objects.filter(resource__in=resources)
        .between(clock.day_starts(day), clock.day_ends(day))
        .select_related("resource", "plan")
        .prefetch_related(
            Prefetch("reservations", people.select_related("participant__profile"), "expected"),
            Prefetch("waiters", Waiting.objects.live().in_order(), "in_line"),
        )
    )
    places = {resource.pk: number for number, resource in enumerate(resources)}
    lines: dict[datetime, Line] = {}
    for slot in rows:
        line = lines.setdefault(slot.starts_at, Line(slot.starts_at, [None] * len(resources)))
        line.cells[places[slot.resource_id]] = slot
    return list(lines.values()), resources


def expected(slot: Slot) -> list[Reservation]:
    return list(getattr(slot, "expected", []))


def tally(found: Iterable[Slot]) -> dict[str, int]:
    """Count the day: places, people expected, come, missing, waiting."""
    standing = [slot for slot in found if slot.closed_at is None]
    statuses = [row.status for slot in standing for row in expected(slot)]
    return {
        "places": sum(slot.capacity for slot in standing),
        "free": sum(slot.free for slot in standing),
        "booked": statuses.count(Reservation.Status.BOOKED),
        "came": statuses.count(Reservation.Status.CHECKED_IN),
        "missed": statuses.count(Reservation.Status.NO_SHOW),
        "waiting": sum(slot.waiting for slot in standing),
    }


class Act(Station):
    """A button of the calendar: one service, then the calendar again."""

    permission = "devices.manage_reservation"
    template = "devices/slots.html"
    title = gettext_lazy("Reservations of the day")

    def done(self, slot: Slot, act: Callable[[], object], words: str) -> HttpResponse:
        try:
            act()
        except IllegalMove:
            messages.error(self.request, _("This has changed meanwhile; nothing was done."))
        except DomainError as refusal:
            messages.error(self.request, str(refusal))
        else:
            messages.success(self.request, words)
        day = clock.seoul_day(slot.starts_at).isoformat()
        query = urlencode({"site": slot.resource.site.code, "day": day})
        return HttpResponseRedirect(f"{reverse('stations:slots')}?{query}")

    def slot(self, public_id: UUID) -> Slot:
        rows = Slot.objects.visible_to(self.staff).select_related("resource__site", "plan")
        return get_object_or_404(rows, public_id=public_id)

    def reservation(self, public_id: UUID) -> Reservation:
        rows = Reservation.objects.visible_to(self.staff)
        whole = rows.select_related("slot__resource__site", "participant__profile")
        return get_object_or_404(whole, public_id=public_id)


class CheckInView(Act):
    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        row = self.reservation(public_id)
        words = _("{name} has come.").format(name=called(row.participant))
        return self.done(row.slot, lambda: reservations.check_in(row, by=self.staff), words)


class CancelView(Act):
    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        row = self.reservation(public_id)
        words = _("The reservation of {name} is cancelled.").format(name=called(row.participant))
        why = "at the counter"
        return self.done(row.slot, lambda: reservations.cancel(row, by=self.staff, why=why), words)


class BookView(Act):
    """Reserve at the counter for somebody; a full time is waited for."""

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        slot, number = self.slot(public_id), request.POST.get("number", "").strip()
        rows = Participant.objects.filter(number=number, withdrawn_at=None)
        person = rows.select_related("profile").first()
        if person is None:
            return self.done(slot, partial(refuse_number, number[:20]), "")
        log_read(request, [number], by=self.staff, action="view", what="devices:slots")
        if slot.free:
            words = _("Reserved for {name}.").format(name=called(person))
            return self.done(slot, lambda: reservations.book(person, slot, by=self.staff), words)
        words = _("{name} waits for this time.").format(name=called(person))
        return self.done(slot, lambda: waiting.wait(person, slot, by=self.staff), words)


def refuse_number(number: str) -> None:
    raise UnknownNumber(number=number)


class CloseView(Act):
    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        slot, asked = self.slot(public_id), WhyForm(request.POST)
        why = asked.cleaned_data["why"] if asked.is_valid() else ""
        words = _("This time is closed; everybody with a place is told.")
        return self.done(slot, lambda: slots.close_slot(slot, why=why, by=self.staff), words)


class ReopenView(Act):
    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        slot = self.slot(public_id)
        words = _("This time is open again.")
        return self.done(slot, lambda: slots.reopen_slot(slot, by=self.staff), words)


def called(person: Participant) -> str:
    """Name somebody as every screen may: masked name and number."""
    profile = getattr(person, "profile", None)
    return f"{mask_name(profile.name) if profile else ''} {person.number}".strip()

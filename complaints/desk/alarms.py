"""Calls for help: they ring on every screen, are taken by one person, and keep their log."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from complaints.models import Alarm, AlarmEntry, AlarmPhoto, Position
from complaints.rules.positions import Drawing, Fix, draw, read_fix
from complaints.services import alarms
from devices.models import Site
from devices.rules.distance import metres_between
from seoul_health.core import clock
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError

from .frame import FramedPage

PER_PAGE = 50
MOST_SPOTS = 500
FRAME_WIDTH, FRAME_HEIGHT = 640, 360
NEAR = 2000


class AlarmPage(FramedPage):
    """A page of the calls for help."""

    permission = "complaints.answer_alarm"

    def alarm(self, public_id: UUID) -> Alarm:
        rows = Alarm.objects.visible_to(self.staff)
        rows = rows.select_related("participant__profile", "trip", "taken_by")
        found = rows.filter(public_id=public_id).first()
        if found is None:
            raise Http404
        return found


class BellView(AlarmPage):
    """GET /desk/alarms/ringing.json — how many ring now; every staff page asks it."""

    is_work = False

    def get(self, request: HttpRequest) -> HttpResponse:
        ringing = Alarm.objects.visible_to(self.staff).ringing()
        first = list(ringing.values_list("raised_at", "level"))
        now = clock.now()
        return JsonResponse(
            {
                "ringing": len(first),
                "seconds": int((now - first[0][0]).total_seconds()) if first else 0,
                "level": max((level for _at, level in first), default=0),
            }
        )


class AlarmBoard(AlarmPage):
    """GET /desk/alarms/?outcome=…&page=… — what rings, what is worked on, and what has ended."""

    template = "alarms.html"
    title = gettext_lazy("Calls for help")

    def get(self, request: HttpRequest) -> HttpResponse:
        now, rows = clock.now(), Alarm.objects.visible_to(self.staff)
        rows = rows.select_related("participant__profile", "taken_by")
        ringing = list(rows.ringing())
        loud = [one.pk for one in ringing]
        taken = list(rows.live().exclude(pk__in=loud).order_by("raised_at", "pk"))
        closed = rows.filter(status=Alarm.Status.CLOSED)
        outcome = request.GET.get("outcome", "")
        if outcome in Alarm.Outcome.values:
            closed = closed.filter(outcome=outcome)
        page = Paginator(closed.order_by("-raised_at", "-pk"), PER_PAGE).get_page(
            request.GET.get("page")
        )
        shown = [*ringing, *taken, *page]
        self.write_down_new([one.participant.number for one in shown], what="alarms")
        context = {
            "ringing": [row_of(one) for one in ringing],
            "taken": [row_of(one) for one in taken],
            "closed": [row_of(one) for one in page],
            "page": page,
            "outcome": outcome,
            "outcomes": Alarm.Outcome.choices,
            "as_of": now,
        }
        return self.framed(context)


def row_of(alarm: Alarm) -> dict[str, Any]:
    return {"alarm": alarm, "seconds": alarms.seconds_to_take(alarm, clock.now())}


class AlarmView(AlarmPage):
    """GET /desk/alarms/{id}/ — who calls, from where, and everything that was done."""

    template = "alarm.html"
    title = gettext_lazy("Call for help")

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        return self.told(self.alarm(public_id))

    def told(self, alarm: Alarm, *, status: int = 200, **more: Any) -> HttpResponse:
        # Whoever has taken a call must ring back at once; taking it is the reason, and is kept.
        is_open = alarm.is_live and alarm.taken_by_id == self.staff.pk
        number = alarm.participant.number
        if is_open:
            why = f"alarm {alarm.pk}"
            self.write_down([number], action="unmask", what="alarm", reason=why)
        else:
            self.write_down([number], action="view", what="alarm")
        drawing = track_of(alarm)
        context = {
            **row_of(alarm),
            "person": alarm.participant,
            "is_unmasked": is_open,
            "drawing": drawing,
            "near": nearest(drawing.last.fix) if drawing else None,
            "entries": alarm.entries.order_by("pk"),
            "photos": alarm.photos.order_by("pk"),
            "outcomes": Alarm.Outcome.choices,
            "as_of": clock.now(),
            **more,
        }
        return self.framed(context, status=status)


def track_of(alarm: Alarm) -> Drawing | None:
    """Lay out where the caller was, on the way and since the call, oldest first."""
    rows = Position.objects.filter(alarm=alarm)
    if alarm.trip_id is not None:
        rows = rows | Position.objects.filter(trip=alarm.trip_id)
    last = list(rows.order_by("-at")[:MOST_SPOTS])
    fixes = [read_fix(row.at, row.point) for row in reversed(last)]
    return draw(fixes, width=FRAME_WIDTH, height=FRAME_HEIGHT)


def nearest(fix: Fix) -> dict[str, Any] | None:
    """Say a position in words: how far it is from a place that people know."""
    places = Site.objects.within(fix.lat, fix.lng, NEAR).values("name", "address", "lat", "lng")
    by_distance = sorted(
        (round(metres_between(fix.lat, fix.lng, float(one["lat"]), float(one["lng"]))), one["name"])
        for one in places
    )
    if not by_distance:
        return None
    metres, name = by_distance[0]
    return {"metres": metres, "name": name}


class AlarmStep(AlarmView):
    """POST /desk/alarms/{id}/{step}/ — one step; a refusal shows the page with what is wrong."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
        alarm = self.alarm(public_id)
        try:
            self.act(alarm, step)
        except DomainError as refusal:
            fresh = self.alarm(public_id)
            return self.told(fresh, status=status_of(refusal), error=str(refusal), opened=step)
        return HttpResponseRedirect(reverse("desk:alarm", args=[alarm.public_id]))

    def act(self, alarm: Alarm, step: str) -> None:
        asked, me = self.request.POST, self.staff
        text = asked.get("text", "").replace("\0", "")
        if step == "take":
            alarms.take(alarm, by=me)
        elif step == "take-over":
            alarms.take_over(alarm, why=text, by=me)
        elif step == "note":
            alarms.note(alarm, text, by=me)
        elif step == "called":
            alarms.note(alarm, text, by=me, kind=AlarmEntry.Kind.CALLED)
        elif step == "hand-over":
            organisation = asked.get("organisation", "").replace("\0", "")
            number = asked.get("number", "").replace("\0", "")
            alarms.hand_over(alarm, organisation=organisation, number=number, text=text, by=me)
        elif step == "close":
            alarms.close(alarm, outcome=asked.get("outcome", ""), text=text, by=me)
        else:
            raise Http404


class AlarmPhotoView(AlarmPage):
    """GET /desk/alarms/{id}/photos/{id}/ — a picture the caller sent."""

    def get(self, request: HttpRequest, public_id: UUID, photo: UUID) -> HttpResponse:
        alarm = self.alarm(public_id)
        found = AlarmPhoto.objects.filter(alarm=alarm, public_id=photo).first()
        if found is None:
            raise Http404
        self.write_down([alarm.participant.number], action="view", what="alarm-photo")
        with found.file.open("rb") as kept:
            answer = HttpResponse(kept.read(), content_type=found.media_type)
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return answer

import math
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.models import Alarm, Trip
from complaints.rules.positions import Fix, believable, in_reach
from complaints.services import alarms, trips
from participants.api.views import ParticipantView
from seoul_health.core import clock
from seoul_health.core.api.fields import PlainText, StrictBoolean, StrictDateTime, StrictInteger
from seoul_health.core.api.idempotency import idempotent
from seoul_health.core.clock import KST
from seoul_health.core.errors import NotFound
from seoul_health.core.files import no_orphans
from seoul_health.core.media import LARGEST

from .attachments import AttachmentRequest

MOST_POSITIONS = 200


class Degrees(serializers.FloatField):
    """A JSON number; text, true and what is no number are refused."""

    def to_internal_value(self, data: Any) -> float:
        if type(data) not in (int, float) or not math.isfinite(data):
            self.fail("invalid")
        return float(data)


class PointRequest(serializers.Serializer[Any]):
    """Where a phone is; without a moment it is now."""

    lat = Degrees()
    lng = Degrees()
    accuracy = StrictInteger(min_value=0, max_value=100_000, default=0)
    at = StrictDateTime(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not in_reach(attrs["lat"], attrs["lng"]):
            raise serializers.ValidationError({"lat": [_("This point is not in Korea.")]})
        now = clock.now()
        if not believable(attrs.setdefault("at", now), now):
            raise serializers.ValidationError(
                {"at": [_("A position is of the last day, and not of the future.")]}
            )
        return attrs


def fix_of(point: dict[str, Any]) -> Fix:
    return Fix(point["at"], point["lat"], point["lng"], point["accuracy"])


class AlarmRequest(serializers.Serializer[Any]):
    # Everything may be missing: whoever needs help has pressed one button.
    point = PointRequest(required=False)
    text = PlainText(max_length=500, required=False, allow_blank=True, default="")


class AlarmChange(AlarmRequest):
    is_safe = StrictBoolean(required=False, default=False)


class AlarmAnswer(serializers.ModelSerializer[Alarm]):
    """What the caller reads: whether it rings, and since when somebody is there."""

    id = serializers.UUIDField(source="public_id")
    raised_at = serializers.DateTimeField(default_timezone=KST)
    taken_at = serializers.DateTimeField(default_timezone=KST)
    closed_at = serializers.DateTimeField(default_timezone=KST)
    said = serializers.SerializerMethodField()

    class Meta:
        model = Alarm
        fields = ("id", "status", "raised_at", "taken_at", "closed_at", "said")

    def get_said(self, alarm: Alarm) -> str:
        return str(SAID[alarm.status])


SAID = {
    "ringing": _("Your call for help has arrived and is ringing. In danger, call 112."),
    "taken": _("Somebody has taken your call for help and looks after you."),
    "passed_on": _("Your call for help was handed over; help is on its way to you."),
    "closed": _("Your call for help has ended."),
}


class AlarmsView(ParticipantView):
    """POST /api/v1/me/alarms/ — call for help; pressed again it is the same call."""

    @extend_schema(request=AlarmRequest, responses={201: AlarmAnswer})
    @idempotent
    def post(self, request: Request) -> Response:
        asked = AlarmRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        terms = asked.validated_data
        fixes = [fix_of(terms["point"])] if "point" in terms else []
        alarm = alarms.raise_alarm(self.me, by=self.me, fixes=fixes, text=terms["text"])
        return Response(AlarmAnswer(alarm).data, status=status.HTTP_201_CREATED)


class OwnAlarmView(ParticipantView):
    """One call for help of whoever calls; somebody else's does not exist."""

    def find(self, public_id: UUID) -> Alarm:
        alarm = Alarm.objects.filter(participant=self.me, public_id=public_id).first()
        if alarm is None:
            raise NotFound
        return alarm


class AlarmView(OwnAlarmView):
    """…/alarms/{id}/ — whether somebody is there; further positions, words, “I am safe”."""

    @extend_schema(responses=AlarmAnswer)
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(AlarmAnswer(self.find(public_id)).data)

    @extend_schema(request=AlarmChange, responses=AlarmAnswer)
    @idempotent
    def patch(self, request: Request, public_id: UUID) -> Response:
        alarm = self.find(public_id)
        asked = AlarmChange(data=request.data)
        asked.is_valid(raise_exception=True)
        terms = asked.validated_data
        alarms.add_from_caller(
            alarm,
            by=self.me,
            fixes=[fix_of(terms["point"])] if "point" in terms else [],
            text=terms["text"],
            is_safe=terms["is_safe"],
        )
        return Response(AlarmAnswer(alarm).data)


class PhotoAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")


class AlarmPhotosView(OwnAlarmView):
    """POST …/photos/ — a picture of what happens: JPEG or PNG of at most 10 MB."""

    parser_classes = (MultiPartParser,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Leave no file behind when the answer fails after it was written."""
        with no_orphans():
            return super().dispatch(request, *args, **kwargs)

    @extend_schema(request={"multipart/form-data": AttachmentRequest}, responses={201: PhotoAnswer})
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        alarm = self.find(public_id)
        asked = AttachmentRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data["file"]
        photo = alarms.add_photo(alarm, sent.read(LARGEST + 1), sent.content_type or "", by=self.me)
        return Response(PhotoAnswer(photo).data, status=status.HTTP_201_CREATED)


class TripRequest(serializers.Serializer[Any]):
    destination = PlainText(max_length=100)
    minutes = StrictInteger(min_value=1, max_value=240)


class TripAnswer(serializers.ModelSerializer[Trip]):
    id = serializers.UUIDField(source="public_id")
    started_at = serializers.DateTimeField(default_timezone=KST)
    expected_at = serializers.DateTimeField(default_timezone=KST)
    arrived_at = serializers.DateTimeField(default_timezone=KST)

    class Meta:
        model = Trip
        fields = ("id", "status", "started_at", "expected_at", "arrived_at")


class TripsView(ParticipantView):
    """POST /api/v1/me/trips/ — have a way home watched."""

    @extend_schema(request=TripRequest, responses={201: TripAnswer})
    @idempotent
    def post(self, request: Request) -> Response:
        asked = TripRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        trip = trips.set_out(self.me, by=self.me, **asked.validated_data)
        return Response(TripAnswer(trip).data, status=status.HTTP_201_CREATED)


class OwnTripView(ParticipantView):
    """One way home of whoever calls; somebody else's does not exist."""

    def find(self, public_id: UUID) -> Trip:
        trip = Trip.objects.filter(participant=self.me, public_id=public_id).first()
        if trip is None:
            raise NotFound
        return trip


class TripView(OwnTripView):
    """GET …/trips/{id}/ — where a way home stands."""

    @extend_schema(responses=TripAnswer)
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(TripAnswer(self.find(public_id)).data)


class PositionsRequest(serializers.Serializer[Any]):
    positions = serializers.ListField(child=PointRequest(), min_length=1, max_length=MOST_POSITIONS)


class PositionsAnswer(serializers.Serializer[Any]):
    taken = serializers.IntegerField()


class PositionsView(OwnTripView):
    """POST …/trips/{id}/positions/ — where somebody was, also what waited without a network."""

    @extend_schema(request=PositionsRequest, responses={202: PositionsAnswer})
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        trip = self.find(public_id)
        asked = PositionsRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        fixes = [fix_of(point) for point in asked.validated_data["positions"]]
        trips.report(trip, fixes)
        return Response({"taken": len(fixes)}, status=status.HTTP_202_ACCEPTED)


class ArriveView(OwnTripView):
    """POST …/trips/{id}/arrive/ — safely there."""

    @extend_schema(request=None, responses=TripAnswer)
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        trip = self.find(public_id)
        trips.arrive(trip, by=self.me)
        return Response(TripAnswer(trip).data)

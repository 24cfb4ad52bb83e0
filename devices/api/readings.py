"""Readings: told by the instruments of a site, and shown to the person they are about."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.core.validators import RegexValidator
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.api.keys import HoldsSiteKey, KeyThrottle, SiteKeys
from devices.models import Reading, SiteKey, Threshold
from devices.rules.thresholds import Limit, limits_for
from devices.services import readings
from devices.services.alerts import limits_on
from devices.services.examining import Item, Told
from devices.services.waiting import age_of
from participants.api.views import ParticipantView
from seoul_health.core import clock
from seoul_health.core.api.fields import PlainText, StrictDate, StrictDateTime
from seoul_health.core.api.idempotency import idempotent
from seoul_health.core.api.pagination import NewestFirst
from seoul_health.core.errors import NotFound

MOST = 500


class Measured(serializers.Serializer[Any]):
    """One value as an instrument tells it."""

    participant = PlainText(max_length=16)
    kind = PlainText(max_length=16)
    value = serializers.CharField(
        max_length=8, validators=[RegexValidator(r"\A-?[0-9]{1,6}(\.[0-9]{1,3})?\Z")]
    )
    unit = PlainText(max_length=8)
    measured_at = StrictDateTime()
    instrument = PlainText(max_length=32, required=False, allow_blank=True, default="")
    sex = serializers.ChoiceField(choices=["", "m", "f"], required=False, default="")

    def to_internal_value(self, data: Any) -> Any:
        """Take a JSON number as well as its text; a float keeps the digits it was written with."""
        if isinstance(data, dict) and type(data.get("value")) in {int, float}:
            data = {**data, "value": f"{data['value']}"}
        return super().to_internal_value(data)


class ToldReadings(serializers.Serializer[Any]):
    readings = Measured(many=True, allow_empty=False, max_length=MOST)  # type: ignore[call-arg]


OUTCOMES = tuple((word, word) for word in ("accepted", "duplicate", "rejected"))


class ReadingOutcome(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    reason = serializers.CharField()
    message = serializers.CharField()
    suggested_unit = serializers.CharField()
    value = serializers.DecimalField(max_digits=6, decimal_places=1, allow_null=True)


class ReceivedReadings(serializers.Serializer[Any]):
    received_at = serializers.DateTimeField()
    items = ReadingOutcome(many=True)


class ReadingAnswer(serializers.ModelSerializer[Reading]):
    """One's own reading."""

    id = serializers.UUIDField(source="public_id")
    kind_label = serializers.CharField(source="get_kind_display")
    site_name = serializers.CharField(source="site.name")
    calibration_overdue = serializers.BooleanField(source="is_overdue")

    class Meta:
        model = Reading
        fields = (
            "id",
            "kind",
            "kind_label",
            "value",
            "unit",
            "measured_at",
            "site_name",
            "calibration_overdue",
        )


class Band(serializers.Serializer[Any]):
    kind = serializers.CharField()
    side = serializers.ChoiceField(choices=["from", "below"])
    value = serializers.DecimalField(max_digits=6, decimal_places=1)
    level = serializers.IntegerField()
    message = serializers.CharField()
    guideline = serializers.CharField()


class ReadingList(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ReadingAnswer(many=True)
    bands = Band(many=True)


class Span(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Reading.Kind.choices, required=False)

    def get_fields(self) -> dict[str, Any]:
        days = {"from": StrictDate(required=False), "to": StrictDate(required=False)}
        return {**super().get_fields(), **days}


class SiteReadingsView(APIView):
    """POST /api/v1/sites/{id}/readings/ — an instrument of the site tells what it measured."""

    authentication_classes = (SiteKeys,)
    permission_classes = (HoldsSiteKey,)
    throttle_classes = (KeyThrottle,)

    @extend_schema(request=ToldReadings, responses={202: ReceivedReadings})
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        key = cast(SiteKey, request.user)  # HoldsSiteKey lets nobody else in.
        if key.site.public_id != public_id:
            raise NotFound
        body = ToldReadings(data=request.data)
        body.is_valid(raise_exception=True)
        told = [told_of(one) for one in body.validated_data["readings"]]
        items = readings.record(told, site=key.site, channel=Reading.Channel.SITE, by=key)
        return Response(received(items), status=status.HTTP_202_ACCEPTED)


def told_of(one: dict[str, Any]) -> Told:
    return Told(
        number=one["participant"],
        kind=one["kind"],
        value=one["value"],
        measured_at=one["measured_at"],
        unit=one["unit"],
        instrument=one["instrument"],
        sex=one["sex"],
    )


def received(items: Iterable[Item]) -> dict[str, Any]:
    return {
        "received_at": clock.now(),
        "items": [
            {
                "index": index,
                "outcome": item.outcome,
                "reason": item.reason,
                "message": item.message,
                "suggested_unit": item.terms.get("meant", ""),
                "value": f"{item.value}" if item.outcome != "rejected" else None,
            }
            for index, item in enumerate(items)
        ],
    }


class ReadingsView(ParticipantView):
    """GET /api/v1/me/readings/ — my readings, and the bands they are judged by."""

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=Reading.Kind.values),
            OpenApiParameter("from", str, description="YYYY-MM-DD"),
            OpenApiParameter("to", str, description="YYYY-MM-DD"),
        ],
        responses=ReadingList,
    )
    def get(self, request: Request) -> Response:
        span = Span(data=request.query_params)
        span.is_valid(raise_exception=True)
        asked = span.validated_data
        rows = Reading.objects.of(self.me).select_related("site")
        if kind := asked.get("kind"):
            rows = rows.filter(kind=kind)
        if first := asked.get("from"):
            rows = rows.filter(measured_at__gte=clock.day_starts(first))
        if last := asked.get("to"):
            rows = rows.filter(measured_at__lt=clock.day_ends(last))
        pages = NewestFirst()
        page = pages.paginate_queryset(rows, request) or []
        answer = pages.get_paginated_response(ReadingAnswer(page, many=True).data)
        kinds = {kind} if kind else {row.kind for row in page}
        answer.data["bands"] = bands_for(self.me, kinds, clock.today())
        return answer


def bands_for(participant: Any, kinds: Iterable[str], day: date) -> list[dict[str, Any]]:
    """Give the thresholds that apply to somebody; those of one sex need the sex told with it."""
    limits = limits_on(day)
    age = age_of(participant, day)
    words = words_of(limits)
    return [
        {
            "kind": limit.kind,
            "side": limit.side,
            "value": f"{limit.value}",
            "level": limit.level,
            **words[limit.pk],
        }
        for kind in sorted(kinds)
        for limit in sorted(
            limits_for(limits, kind, age=age), key=lambda each: (each.side, each.value)
        )
    ]


def words_of(limits: Iterable[Limit]) -> dict[int, dict[str, str]]:
    rows = Threshold.objects.filter(pk__in=[limit.pk for limit in limits])
    return {
        pk: {"message": message, "guideline": source}
        for pk, message, source in rows.values_list("pk", "message", "source")
    }

"""Free times of a site, for anybody: from a cache that is at most two seconds old."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.core.cache import cache
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from devices.models import Site, Slot
from participants.api.views import GuestView
from seoul_health.core import clock
from seoul_health.core.api.fields import StrictDate
from seoul_health.core.errors import Malformed, NotFound

log = structlog.get_logger("slots")
SECONDS = 2
LONGEST = timedelta(days=31)
USUAL = timedelta(days=14)


class SlotAnswer(serializers.ModelSerializer[Slot]):
    """One time: where it stands, and from when it can be reserved."""

    id = serializers.UUIDField(source="public_id")
    resource = serializers.UUIDField(source="resource.public_id")
    name = serializers.CharField(source="resource.name")
    kind = serializers.CharField(source="resource.kind")
    state = serializers.SerializerMethodField()
    free = serializers.IntegerField()

    class Meta:
        model = Slot
        fields = (
            "id",
            "resource",
            "name",
            "kind",
            "starts_at",
            "ends_at",
            "opens_at",
            "state",
            "capacity",
            "free",
            "waiting",
        )

    def get_state(self, slot: Slot) -> str:
        return state_of(slot)


class SlotList(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    as_of = serializers.DateTimeField()
    results = SlotAnswer(many=True)


class Wanted(serializers.Serializer[Any]):
    """Days asked for; by default the next two weeks."""

    def get_fields(self) -> dict[str, Any]:
        return {"from": StrictDate(required=False), "to": StrictDate(required=False)}


def state_of(slot: Slot) -> str:
    """Say in one word what can be done with a time now."""
    now = clock.now()
    if slot.closed_at is not None:
        return "closed"
    if slot.starts_at <= now:
        return "over"
    if slot.opens_at > now:
        return "not_open_yet"
    return "free" if slot.free else "full"


class SlotsView(GuestView):
    """GET /api/v1/sites/{id}/slots/ — the times of a site and what is free."""

    @extend_schema(
        parameters=[
            OpenApiParameter("from", str, description="YYYY-MM-DD, by default today."),
            OpenApiParameter("to", str, description="YYYY-MM-DD, at most 31 days later."),
        ],
        responses=SlotList,
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        first, last = asked_days(request)
        response = Response(remembered(public_id, first, last))
        response["Cache-Control"] = f"public, max-age={SECONDS}"
        return response


def asked_days(request: Request) -> tuple[date, date]:
    wanted = Wanted(data=request.query_params)
    wanted.is_valid(raise_exception=True)
    first = wanted.validated_data.get("from") or clock.today()
    last = wanted.validated_data.get("to") or first + USUAL
    if not first <= last <= first + LONGEST:
        raise Malformed({"to": ["At most 31 days after “from”."]})
    return first, last


def remembered(public_id: UUID, first: date, last: date) -> dict[str, Any]:
    key = f"slots:{public_id}:{first}:{last}"
    try:
        known = cache.get(key)
        if known is None:
            known = counted(public_id, first, last)
            cache.set(key, known, SECONDS)
    except NotFound:
        raise
    except Exception as exc:
        # Whatever keeps the store away, the answer is only slower without it.
        log.warning("slots_store_away", error=type(exc).__name__)
        known = counted(public_id, first, last)
    return dict(known)


def counted(public_id: UUID, first: date, last: date) -> dict[str, Any]:
    site = Site.objects.public().filter(public_id=public_id).first()
    if site is None:
        raise NotFound
    rows = Slot.objects.filter(resource__site=site, resource__is_active=True)
    days = rows.between(clock.day_starts(first), clock.day_ends(last))
    told = {
        "next": None,
        "previous": None,
        "as_of": clock.now(),
        "results": days.select_related("resource"),
    }
    return dict(SlotList(told).data)

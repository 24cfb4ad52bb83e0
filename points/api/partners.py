"""Partners tell us what happened: signed, each event once, each item with its own outcome."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from participants.api.views import GuestView
from points.models import Activity, PartnerEvent
from points.services.partner_events import Answer, Partner, Told, partner_of, receive_event
from seoul_health.core import clock
from seoul_health.core.api.fields import PlainText, StrictDate, StrictDateTime, StrictInteger
from seoul_health.core.errors import Malformed, NotFound
from seoul_health.core.signatures import NotSigned, check_signature

MOST_EVENTS = 500
SIGNED = [
    OpenApiParameter(
        "X-Timestamp", str, OpenApiParameter.HEADER, required=True,
        description="Seconds since 1970, at most five minutes off.",
    ),
    OpenApiParameter(
        "X-Signature", str, OpenApiParameter.HEADER, required=True,
        description="HMAC-SHA256, in hexadecimal, of the timestamp, a dot and the raw body.",
    ),
]  # fmt: skip
NOT_SIGNED = {
    "signature_missing": _("X-Timestamp and X-Signature are required."),
    "signature_wrong": _("The signature does not fit the request."),
    "signature_stale": _("X-Timestamp is more than five minutes off."),
}


class Exact(serializers.Serializer[Any]):
    """Fields of an event; one that is not documented is refused."""

    id = PlainText(max_length=64)
    kind = serializers.ChoiceField(choices=PartnerEvent.Kind.choices)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({name: ["Unknown field."] for name in unknown})
        return attrs


class ActivityShape(Exact):
    member = PlainText(max_length=16)
    item = serializers.ChoiceField(choices=Activity.choices)
    date = StrictDate()


class ScanShape(Exact):
    tracking_no = PlainText(max_length=40)
    status = serializers.ChoiceField(choices=["in_transit", "delivered"])
    at = StrictDateTime()


class PayoutShape(Exact):
    reference = PlainText(max_length=40)
    status = serializers.ChoiceField(choices=["paid", "refused"])
    amount = StrictInteger(min_value=1)
    receipt_no = PlainText(max_length=64, required=False)
    paid_at = StrictDateTime(required=False)
    code = PlainText(max_length=60, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = ("receipt_no", "paid_at") if attrs["status"] == "paid" else ("code",)
        missing = [name for name in needed if not attrs.get(name)]
        if missing:
            raise serializers.ValidationError({name: ["Required."] for name in missing})
        return super().validate(attrs)


SHAPES: dict[str, type[Exact]] = {
    PartnerEvent.Kind.ACTIVITY: ActivityShape,
    PartnerEvent.Kind.SCAN: ScanShape,
    PartnerEvent.Kind.PAYOUT: PayoutShape,
}


class EventsRequest(serializers.Serializer[Any]):
    """Documentation only: each event is read by the shape of its kind."""

    events = serializers.ListField(
        child=serializers.DictField(),
        max_length=MOST_EVENTS,
        help_text="activity: id, kind, member, item, date · scan: id, kind, tracking_no, status, "
        "at · payout: id, kind, reference, status, amount, receipt_no and paid_at, or code.",
    )


class EventAnswer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    id = serializers.CharField(required=False)
    outcome = serializers.ChoiceField(choices=["accepted", "duplicate", "rejected"])
    reason = serializers.CharField()
    points = serializers.IntegerField(required=False)


class EventsAnswer(serializers.Serializer[Any]):
    items = EventAnswer(many=True)


class PartnerEventsView(GuestView):
    """POST /api/v1/partners/{code}/events/ — activities, scans and payout results, signed."""

    @extend_schema(parameters=SIGNED, request=EventsRequest, responses=EventsAnswer)
    def post(self, request: Request, code: str) -> Response:
        partner = partner_of(code)
        if partner is None:
            raise NotFound
        check_signed(request, partner)
        events = read_events(request.data)
        items = [{"index": index, **take(partner, event)} for index, event in enumerate(events)]
        return Response({"items": items})


def check_signed(request: Request, partner: Partner) -> None:
    try:
        check_signature(
            request._request.body,
            timestamp=request.headers.get("X-Timestamp", ""),
            signature=request.headers.get("X-Signature", ""),
            secret=partner.secret,
            now=clock.now(),
            window=settings.PARTNER_CLOCK_SECONDS,
        )
    except NotSigned as fault:
        raise AuthenticationFailed(NOT_SIGNED[fault.code], code=fault.code) from fault


def read_events(body: object) -> list[object]:
    events = body.get("events") if isinstance(body, dict) and set(body) == {"events"} else None
    if not isinstance(events, list) or not 0 < len(events) <= MOST_EVENTS:
        raise Malformed({"events": [f"A list of 1 to {MOST_EVENTS} events is needed."]})
    return events


def take(partner: Partner, event: object) -> dict[str, Any]:
    """Take in one event; one of the wrong shape leaves no trace."""
    shape = SHAPES.get(str(event.get("kind"))) if isinstance(event, dict) else None
    if shape is None:
        return {"outcome": "rejected", "reason": "invalid", "fields": {"kind": ["Unknown."]}}
    told = shape(data=event)
    if not told.is_valid():
        return {"outcome": "rejected", "reason": "invalid", "fields": told.errors}
    fields = dict(told.validated_data)
    event_id, kind = fields.pop("id"), fields.pop("kind")
    return {"id": event_id, **said(receive_event(partner, Told(event_id, kind, fields)))}


def said(answer: Answer) -> dict[str, Any]:
    outcome = "duplicate" if answer.is_repeat else str(answer.outcome)
    points = {} if answer.points is None else {"points": answer.points}
    return {"outcome": outcome, "reason": answer.reason, **points}

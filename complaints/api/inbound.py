"""Other complaint systems tell us of theirs and fetch our answers; every request is signed."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.models import InboundRecord
from complaints.rules.inbound import read_moment
from complaints.services import outbound
from complaints.services.inbound import Told, take_in
from participants.api.views import GuestView
from seoul_health.core import clock
from seoul_health.core.api.fields import PlainText, StrictInteger
from seoul_health.core.audit import System
from seoul_health.core.clock import KST
from seoul_health.core.errors import DomainError, Malformed, NotFound
from seoul_health.core.signatures import SHORTEST_SECRET, NotSigned, check_signature

MOST_RECORDS = 200
SIGNED = [
    OpenApiParameter(
        "X-Timestamp", str, OpenApiParameter.HEADER, required=True,
        description="Seconds since 1970, at most five minutes off.",
    ),
    OpenApiParameter(
        "X-Signature", str, OpenApiParameter.HEADER, required=True,
        description="HMAC-SHA256, in hexadecimal, of the timestamp, a dot and the raw body; "
        "of a GET, of its path with the query.",
    ),
]  # fmt: skip
NOT_SIGNED = {
    "signature_missing": _("X-Timestamp and X-Signature are required."),
    "signature_wrong": _("The signature does not fit the request."),
    "signature_stale": _("X-Timestamp is more than five minutes off."),
}


class LocalMoment(serializers.CharField):
    """A moment as other systems write it; one without a zone is Seoul time."""

    def to_internal_value(self, data: Any) -> Any:
        moment = read_moment(data) if isinstance(data, str) and len(data) <= 40 else None
        if moment is None:
            raise serializers.ValidationError(_("A date with a time is needed."))
        return moment


class RecordShape(serializers.Serializer[Any]):
    reference = PlainText(max_length=60)
    sequence = StrictInteger(min_value=0, required=False, default=0)
    kind = serializers.ChoiceField(choices=InboundRecord.Kind.choices)
    at = LocalMoment()
    category = PlainText(max_length=80, required=False, default="", allow_blank=True)
    title = PlainText(max_length=200, required=False, default="", allow_blank=True)
    text = PlainText(max_length=10_000, required=False, default="", allow_blank=True)
    name = PlainText(max_length=40, required=False, default="", allow_blank=True)
    phone = PlainText(max_length=20, required=False, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({name: ["Unknown field."] for name in unknown})
        if (attrs["kind"] == InboundRecord.Kind.FILED) != (attrs["sequence"] == 0):
            raise serializers.ValidationError(
                {"sequence": ["A filing has sequence 0, what follows has a higher one."]}
            )
        return attrs


class RecordsRequest(serializers.Serializer[Any]):
    """Documentation only: each record is read by itself."""

    records = serializers.ListField(
        child=serializers.DictField(),
        max_length=MOST_RECORDS,
        help_text="reference, sequence, kind (filed, added, withdrawn), at, category, title, text, "
        "name, phone. Times without a zone are Seoul time.",
    )


class RecordAnswer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    reference = serializers.CharField(required=False)
    outcome = serializers.ChoiceField(
        choices=["applied", "waiting", "too_late", "duplicate", "rejected"]
    )
    receipt_no = serializers.CharField(required=False)
    reason = serializers.CharField(required=False)
    fields_wrong = serializers.DictField(required=False)


class RecordsAnswer(serializers.Serializer[Any]):
    items = RecordAnswer(many=True)


class AnswerShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    reference = serializers.CharField()
    receipt_no = serializers.CharField(source="message.complaint.receipt_no")
    status = serializers.CharField(source="message.complaint.status")
    purpose = serializers.CharField(source="message.purpose")
    text = serializers.CharField(source="message.text")
    reason = serializers.CharField(source="message.reason")
    remedy = serializers.CharField(source="message.remedy")
    department = serializers.CharField(source="message.department")
    signed_by = serializers.CharField(source="message.signed_by")
    contact = serializers.CharField(source="message.contact")
    at = serializers.DateTimeField(source="message.at", default_timezone=KST)


class AnswersAnswer(serializers.Serializer[Any]):
    answers = AnswerShape(many=True)
    after = serializers.IntegerField(help_text="Ask again after this one.")


class SignedView(GuestView):
    """What another system may do, once it has proved who it is."""

    def check(self, source: str, body: bytes) -> None:
        secret = settings.COMPLAINT_FEEDS.get(source, "")
        if len(secret) < SHORTEST_SECRET:
            raise NotFound
        try:
            check_signature(
                body,
                timestamp=self.request.headers.get("X-Timestamp", ""),
                signature=self.request.headers.get("X-Signature", ""),
                secret=secret,
                now=clock.now(),
                window=settings.PARTNER_CLOCK_SECONDS,
            )
        except NotSigned as fault:
            raise AuthenticationFailed(NOT_SIGNED[fault.code], code=fault.code) from fault


class InboundView(SignedView):
    """POST /api/v1/complaint-feeds/{source}/records/ — what happened there, in any order."""

    @extend_schema(parameters=SIGNED, request=RecordsRequest, responses=RecordsAnswer)
    def post(self, request: Request, source: str) -> Response:
        self.check(source, request._request.body)
        records = read_records(request.data)
        items = [{"index": index, **take(source, one)} for index, one in enumerate(records)]
        return Response({"items": items})


def read_records(body: object) -> list[object]:
    records = body.get("records") if isinstance(body, dict) and set(body) == {"records"} else None
    if not isinstance(records, list) or not 0 < len(records) <= MOST_RECORDS:
        raise Malformed({"records": [f"A list of 1 to {MOST_RECORDS} records is needed."]})
    return records


def take(source: str, record: object) -> dict[str, Any]:
    """Take in one record; one of the wrong shape, or one that cannot be, leaves no trace."""
    if not isinstance(record, dict):
        return {"outcome": "rejected", "reason": "invalid"}
    shape = RecordShape(data=record)
    if not shape.is_valid():
        return {"outcome": "rejected", "reason": "invalid", "fields_wrong": shape.errors}
    values = dict(shape.validated_data)
    told = Told(occurred_at=values.pop("at"), **values)
    known = {"reference": told.reference}
    try:
        with transaction.atomic():
            taken = take_in(source, told, by=System(f"feed.{source}"))
    except DomainError as refusal:
        return known | {"outcome": "rejected", "reason": refusal.code}
    if taken.record.complaint:
        known["receipt_no"] = taken.record.complaint.receipt_no
    return known | {"outcome": "duplicate" if taken.is_repeat else str(taken.record.outcome)}


class OutboundView(SignedView):
    """GET /api/v1/complaint-feeds/{source}/answers/?after=… — our answers, oldest first."""

    @extend_schema(
        parameters=[*SIGNED, OpenApiParameter("after", int, description="The last one fetched.")],
        responses=AnswersAnswer,
    )
    def get(self, request: Request, source: str) -> Response:
        self.check(source, request._request.get_full_path().encode())
        after = request.query_params.get("after", "0")
        if not (after.isascii() and after.isdecimal() and len(after) < 16):
            raise Malformed({"after": ["A number is needed."]})
        rows = outbound.fetch(source, after=int(after))
        last = rows[-1].pk if rows else int(after)
        return Response({"answers": AnswerShape(rows, many=True).data, "after": last})

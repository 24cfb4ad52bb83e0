"""How the service is, and the notices of the app: public, small, and kept by caches for seconds."""

import hashlib
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from complaints.models import Component, Incident, Notice, Promise
from complaints.services import publishing
from complaints.services.public_status import STATES, read_status
from participants.api.views import GuestView
from seoul_health.core.errors import Malformed

CACHED = "public, max-age=10"

STATE_CHOICES = [(state, state) for state in STATES]


class PartRow(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=Component.choices)
    name = serializers.CharField(source="label")
    state = serializers.ChoiceField(choices=STATE_CHOICES)


class UpdateRow(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=Incident.Status.choices)
    text = serializers.CharField()


class PromiseRow(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Promise.Kind.choices)
    text = serializers.CharField(source="words")
    due_at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=Promise.Status.choices)
    done_at = serializers.DateTimeField(allow_null=True)


class IncidentRow(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField()
    scope = serializers.CharField()
    severity = serializers.CharField()
    status = serializers.ChoiceField(choices=Incident.Status.choices)
    components = serializers.ListField(child=serializers.CharField())
    started_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    updates = UpdateRow(many=True)
    promises = PromiseRow(many=True)


class RecordRow(serializers.Serializer[Any]):
    kept = serializers.IntegerField()
    missed = serializers.IntegerField()


class NoticeRow(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    placement = serializers.ChoiceField(choices=Notice.Placement.choices)
    tone = serializers.ChoiceField(choices=Notice.Tone.choices)
    title = serializers.CharField()
    text = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    incident = serializers.UUIDField(source="incident.public_id", allow_null=True, default=None)


class StatusAnswer(serializers.Serializer[Any]):
    """The state of every part, what is open, and the promises of ninety days."""

    state = serializers.ChoiceField(choices=STATE_CHOICES)
    components = PartRow(many=True, source="parts")
    open = IncidentRow(many=True)
    past = IncidentRow(many=True)
    promises = RecordRow(source="record")


class StatusView(GuestView):
    """GET /api/v1/status/ — how the service is, with an ETag."""

    @extend_schema(responses=StatusAnswer)
    def get(self, request: Request) -> Response:
        seen = read_status()
        answer = dict(StatusAnswer(seen).data)
        tag = f'"{hashlib.sha256(JSONRenderer().render(answer)).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": CACHED}
        if request.headers.get("If-None-Match") == tag:
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        # The moment is no part of the tag: nothing has changed as long as nothing was said.
        return Response({"as_of": seen.as_of, **answer}, headers=headers)


class NoticesView(GuestView):
    """GET /api/v1/notices/?placement=popup — what the app shows now."""

    @extend_schema(
        parameters=[OpenApiParameter("placement", enum=Notice.Placement.values)],
        responses=NoticeRow(many=True),
    )
    def get(self, request: Request) -> Response:
        placement = request.query_params.get("placement", "")
        if placement and placement not in Notice.Placement.values:
            raise Malformed({"placement": [_("Placement is popup or banner.")]})
        rows = NoticeRow(publishing.shown_now(placement), many=True).data
        return Response(rows, headers={"Cache-Control": CACHED})

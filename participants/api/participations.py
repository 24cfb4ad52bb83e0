from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from participants.models import Participation, RecruitmentRound
from participants.services.continuing import go_on
from seoul_health.core.api.fields import PlainText
from seoul_health.core.api.idempotency import idempotent
from seoul_health.core.api.pagination import NewestFirst
from seoul_health.core.errors import NotFound

from .applications import ApplicationPage
from .serializers import SLUG, ApplicationAnswer
from .views import ParticipantView


class ParticipationLine(serializers.ModelSerializer[Participation]):
    """One round somebody takes or took part in."""

    id = serializers.UUIDField(source="public_id")
    round = serializers.CharField(source="round.code")
    round_name = serializers.CharField(source="round.name")
    status_label = serializers.CharField(source="get_status_display")

    class Meta:
        model = Participation
        fields = (
            "id", "round", "round_name", "status", "status_label", "basis", "needs_watch",
            "starts_on", "ends_on", "suspended_until", "ended_at",
        )  # fmt: skip


class ParticipationsView(ParticipantView):
    """GET /api/v1/me/participations/ — every round I take or took part in, newest first."""

    @extend_schema(responses=ParticipationLine(many=True))
    def get(self, request: Request) -> Response:
        pages = NewestFirst()
        mine = Participation.objects.filter(participant=self.me).select_related("round")
        rows = pages.paginate_queryset(mine, request, view=self)
        return pages.get_paginated_response(ParticipationLine(rows, many=True).data)


class ContinueRequest(serializers.Serializer[Any]):
    round = PlainText(max_length=50, validators=[SLUG])


class ContinueView(ApplicationPage):
    """POST /api/v1/me/participation/continue/ — go on into the round that follows mine.

    Basis and watch go along, the rules are asked again. The seat comes with the next selection;
    it need not be accepted once more.
    """

    @extend_schema(request=ContinueRequest, responses={201: ApplicationAnswer})
    @idempotent
    def post(self, request: Request) -> Response:
        asked = ContinueRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        into = RecruitmentRound.objects.public().filter(code=asked.validated_data["round"]).first()
        if into is None:
            raise NotFound
        application = go_on(self.me, into=into, by=self.me)
        return self.answer(application.public_id, status.HTTP_201_CREATED)

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from complaints.models import FormGuide, Language
from complaints.services.guides import best_text
from seoul_health.core.clock import KST
from seoul_health.core.errors import NotFound


class GuideAnswer(serializers.Serializer[Any]):
    slug = serializers.CharField(source="guide.slug")
    owner = serializers.CharField(source="guide.owner")
    language = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    needed = serializers.CharField()
    steps = serializers.ListField(source="lines", child=serializers.CharField())
    released_at = serializers.DateTimeField(default_timezone=KST)


class GuideView(APIView):
    """GET /api/v1/guides/{slug}/?lang= — how to fill in one form; Korean where nothing else is."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        parameters=[OpenApiParameter("lang", OpenApiTypes.STR, enum=Language.values)],
        responses=GuideAnswer,
    )
    def get(self, request: Request, slug: str) -> Response:
        guide = FormGuide.objects.filter(slug=slug, is_retired=False).first()
        text = best_text(guide, request.query_params.get("lang", "ko")) if guide else None
        if text is None:
            raise NotFound
        return Response(GuideAnswer(text).data)

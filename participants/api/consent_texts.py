from django.utils.cache import patch_cache_control
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from participants.models import ConsentText
from participants.services.consent_texts import current_texts
from seoul_health.core import clock
from seoul_health.core.errors import NotFound

from .views import GuestView

SECONDS = 60


class ConsentTextAnswer(serializers.ModelSerializer[ConsentText]):
    """What a citizen reads before saying yes."""

    purpose_label = serializers.CharField(source="get_purpose_display")

    class Meta:
        model = ConsentText
        fields = (
            "purpose", "purpose_label", "version", "effective_from", "title", "text",
            "is_required",
        )  # fmt: skip


class ConsentTextsView(GuestView):
    """GET /api/v1/consent-texts/ — the words of each purpose that are in force today."""

    @extend_schema(responses=ConsentTextAnswer(many=True))
    def get(self, request: Request) -> Response:
        answer = Response(ConsentTextAnswer(current_texts(), many=True).data)
        patch_cache_control(answer, public=True, max_age=SECONDS)
        return answer


class ConsentTextView(GuestView):
    """GET /api/v1/consent-texts/{purpose}/{version}/ — one version, also an old one."""

    @extend_schema(responses=ConsentTextAnswer)
    def get(self, request: Request, purpose: str, version: str) -> Response:
        released = ConsentText.objects.in_force(clock.today())
        text = released.filter(purpose=purpose, version=version).first()
        if text is None:
            raise NotFound
        answer = Response(ConsentTextAnswer(text).data)
        patch_cache_control(answer, public=True, max_age=SECONDS)
        return answer

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from participants.models import Channel, Notification, Topic
from participants.services import opt_outs, wording
from seoul_health.core.api.fields import StrictBoolean
from seoul_health.core.api.idempotency import idempotent

from .views import ParticipantView

MAY_BE_NAMED = [*Topic.choices, (opt_outs.LEGAL, "legal")]


class NotificationAnswer(serializers.ModelSerializer[Notification]):
    """A message as it was sent: its words, its channel and when it left."""

    id = serializers.UUIDField(source="public_id")
    title = serializers.SerializerMethodField()
    body = serializers.SerializerMethodField()
    at = serializers.DateTimeField(source="sent_at")

    class Meta:
        model = Notification
        fields = ("id", "title", "body", "category", "legal", "channel", "at")

    def get_title(self, notice: Notification) -> str:
        return wording.title_of(notice)

    def get_body(self, notice: Notification) -> str:
        return wording.text_of(notice)


class NotificationsView(ParticipantView, generics.ListAPIView[Notification]):
    """GET /api/v1/me/notifications/ — what one has been told, newest first."""

    serializer_class = NotificationAnswer

    def get_queryset(self) -> QuerySet[Notification]:
        sent = Notification.objects.filter(participant=self.me, sent_at__isnull=False)
        return sent.select_related("template", "participant__profile")


class WishAnswer(serializers.Serializer[opt_outs.Wish]):
    category = serializers.ChoiceField(choices=Topic.choices)
    name = serializers.CharField()
    on = serializers.BooleanField()
    channels = serializers.DictField(child=serializers.BooleanField())


class SettingsAnswer(serializers.Serializer[Any]):
    """Every kind of message, on or off. Legal notices are not among them: they always come."""

    settings = serializers.SerializerMethodField()

    @extend_schema_field(WishAnswer(many=True))
    def get_settings(self, wishes: list[opt_outs.Wish]) -> list[dict[str, Any]]:
        return list(WishAnswer(wishes, many=True).data)  # type: ignore[arg-type]  # many


class WishChange(serializers.Serializer[Any]):
    """One kind of message, on or off; without a channel, on all of them."""

    category = serializers.ChoiceField(choices=MAY_BE_NAMED)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    on = StrictBoolean()


class SettingsView(ParticipantView):
    """GET /api/v1/me/notification-settings/ — what one is told of. PATCH — turn it on or off."""

    @extend_schema(responses=SettingsAnswer)
    def get(self, request: Request) -> Response:
        return Response(self.answer())

    @extend_schema(request=WishChange, responses=SettingsAnswer)
    @idempotent
    def patch(self, request: Request) -> Response:
        asked = WishChange(data=request.data)
        asked.is_valid(raise_exception=True)
        opt_outs.change(self.me, by=self.me, **asked.validated_data)
        return Response(self.answer())

    def answer(self) -> dict[str, Any]:
        return dict(SettingsAnswer(opt_outs.wishes_of(self.me)).data)

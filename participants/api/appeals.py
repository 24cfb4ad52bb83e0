from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from participants.services.appeals import file_appeal
from seoul_health.core.api.fields import PlainText
from seoul_health.core.api.idempotency import idempotent

from .applications import ApplicationPage
from .serializers import ApplicationAnswer


class AppealRequest(serializers.Serializer[Any]):
    """Why the citizen thinks that a rejection was wrong."""

    text = PlainText(max_length=2000)


class AppealView(ApplicationPage):
    """POST …/appeal/ — object to a rejection, once and in time."""

    @extend_schema(request=AppealRequest, responses={201: ApplicationAnswer})
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        application = self.find(public_id)
        asked = AppealRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        file_appeal(application, text=asked.validated_data["text"], by=self.me)
        return self.answer(public_id, status.HTTP_201_CREATED)

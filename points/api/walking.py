from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from devices.models import SyncReceipt
from participants.api.views import ParticipantView
from points.services.statements import days_of
from points.services.syncs import sync_steps
from seoul_health.core.api.idempotency import idempotent
from seoul_health.core.errors import NotFound

from .parsing import read_days, read_upload
from .shapes import (
    ReceiptAnswer,
    StepsAnswer,
    StepsRequest,
    WalkedDayAnswer,
    receipt_row,
    steps_answer,
    walked_row,
)

SPAN = [
    OpenApiParameter(name, OpenApiTypes.DATE, description="A Seoul day; at most 92 days.")
    for name in ("from", "to")
]


class StepsView(ParticipantView):
    """/api/v1/me/steps/ — send steps, and see what each day came to."""

    @extend_schema(request=StepsRequest, responses={202: StepsAnswer})
    @idempotent
    def post(self, request: Request) -> Response:
        synced = sync_steps(self.me, read_upload(request.data))
        return Response(steps_answer(synced), status=status.HTTP_202_ACCEPTED)

    @extend_schema(parameters=SPAN, responses=WalkedDayAnswer(many=True))
    def get(self, request: Request) -> Response:
        first, last = read_days(request)
        return Response([walked_row(told) for told in days_of(self.me, first, last)])


class ReceiptView(ParticipantView):
    """GET /api/v1/me/receipts/{receipt_no}/ — what arrived and what became of it."""

    @extend_schema(responses=ReceiptAnswer)
    def get(self, request: Request, receipt_no: str) -> Response:
        receipt = SyncReceipt.objects.filter(participant=self.me).numbered(receipt_no).first()
        if receipt is None:
            raise NotFound
        return Response(receipt_row(receipt))

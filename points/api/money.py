from dataclasses import asdict
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from participants.api.views import ParticipantView
from points.models import Account, Payout, Transfer
from points.services.payouts import request_payout
from points.services.statements import entries_of, summary_of
from seoul_health.core.api.idempotency import idempotent, key_of
from seoul_health.core.api.pagination import NewestFirst
from seoul_health.core.errors import NotFound

from .shapes import EntryAnswer, PayoutAnswer, PayoutRequest, PointsAnswer


class PointsView(ParticipantView):
    """GET /api/v1/me/points/ — what I have, may have paid out, and may still earn."""

    @extend_schema(responses=PointsAnswer)
    def get(self, request: Request) -> Response:
        summary = summary_of(self.me)
        expiring = [{"on": day, "amount": amount} for day, amount in summary.expiring]
        return Response({**asdict(summary), "expiring": expiring})


class EntriesView(ParticipantView):
    """GET /api/v1/me/points/entries/ — every movement, newest first, with the balance after it."""

    pagination_class = NewestFirst

    @extend_schema(responses=EntryAnswer(many=True))
    def get(self, request: Request) -> Response:
        purse = Account.objects.filter(participant=self.me).first()
        moved = Transfer.objects.of(purse) if purse else Transfer.objects.none()
        pages = NewestFirst()
        page = pages.paginate_queryset(moved, request, view=self) or []
        entries = entries_of(purse, page) if purse else []
        return pages.get_paginated_response([EntryAnswer(entry).data for entry in entries])


class PayoutsView(ParticipantView):
    """/api/v1/me/payouts/ — ask for points to be paid out, and see what became of it."""

    pagination_class = NewestFirst

    @extend_schema(request=PayoutRequest, responses={202: PayoutAnswer})
    @idempotent
    def post(self, request: Request) -> Response:
        asked = PayoutRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        payout = request_payout(self.me, key=key_of(request), **asked.validated_data)
        payout.refresh_from_db()
        return Response(PayoutAnswer(payout).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=PayoutAnswer(many=True))
    def get(self, request: Request) -> Response:
        pages = NewestFirst()
        mine = Payout.objects.filter(participant=self.me)
        page = pages.paginate_queryset(mine, request, view=self)
        return pages.get_paginated_response(PayoutAnswer(page, many=True).data)


class PayoutView(ParticipantView):
    """GET /api/v1/me/payouts/{id}/ — one payout."""

    @extend_schema(responses=PayoutAnswer)
    def get(self, request: Request, public_id: UUID) -> Response:
        payout = Payout.objects.filter(participant=self.me, public_id=public_id).first()
        if payout is None:
            raise NotFound
        return Response(PayoutAnswer(payout).data)

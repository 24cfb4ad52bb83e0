from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from participants.api.views import ParticipantView
from points.models import Account, Payout, Transfer
from points.services.account_statements import page_lines
from points.services.operators import is_linked, link_wallet, operator_for
from points.services.payouts import request_payout
from points.services.promises import outlook, waiting
from points.services.purses_at import purse_at
from points.services.statements import entries_of, summary_of
from seoul_health.core import clock
from seoul_health.core.api.idempotency import idempotent, key_of
from seoul_health.core.api.pagination import NewestFirst
from seoul_health.core.errors import NotFound

from .moments import AS_OF, UNTIL, read_moment
from .shapes import (
    EntryAnswer,
    PayoutAnswer,
    PayoutRequest,
    PointsAnswer,
    PointsThenAnswer,
    WalletAnswer,
)


class PointsView(ParticipantView):
    """GET /api/v1/me/points/ — what I have, may have paid out, and may still earn."""

    @extend_schema(
        parameters=[AS_OF],
        responses=PolymorphicProxySerializer(
            component_name="PointsNowOrThenAnswer",
            serializers=[PointsAnswer, PointsThenAnswer],
            resource_type_field_name=None,
        ),
    )
    def get(self, request: Request) -> Response:
        moment = read_moment(request, "as_of")
        if moment is not None:
            then = asdict(purse_at(self.me, moment))
            return Response({**then, "as_of": moment.astimezone(clock.KST)})
        summary = summary_of(self.me)
        expiring = [{"on": day, "amount": amount} for day, amount in summary.expiring]
        return Response({**asdict(summary), "expiring": expiring})


class EntriesView(ParticipantView):
    """GET /api/v1/me/points/entries/ — every movement, newest first, with the balance after it.

    The days on which the rule of earning changed stand between them, as lines of their own kind.
    """

    pagination_class = NewestFirst

    @extend_schema(parameters=[UNTIL], responses=EntryAnswer(many=True))
    def get(self, request: Request) -> Response:
        until = read_moment(request, "until")
        purse = Account.objects.filter(participant=self.me).first()
        moved = Transfer.objects.of(purse) if purse else Transfer.objects.none()
        if until is not None:
            moved = moved.filter(at__lte=until)
        pages = NewestFirst()
        page = pages.paginate_queryset(moved, request, view=self) or []
        entries = entries_of(purse, page, until=until) if purse else []
        newer = moved.filter(pk__gt=page[0].pk).order_by("pk").first() if page else None
        newest = newer.at if newer else until or clock.now()
        lines = page_lines(self.me, entries, newest=newest)
        return pages.get_paginated_response([EntryAnswer(line).data for line in lines])


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
        answer = PayoutAnswer(payout, context={"outlook": outlook()})
        return Response(answer.data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=PayoutAnswer(many=True))
    def get(self, request: Request) -> Response:
        pages = NewestFirst()
        mine = Payout.objects.filter(participant=self.me).select_related("operator")
        page = pages.paginate_queryset(mine, request, view=self)
        answers = PayoutAnswer(page, many=True, context={"outlook": outlook()})
        return pages.get_paginated_response(answers.data)


class PayoutView(ParticipantView):
    """GET /api/v1/me/payouts/{id}/ — one payout."""

    @extend_schema(responses=PayoutAnswer)
    def get(self, request: Request, public_id: UUID) -> Response:
        payout = Payout.objects.filter(participant=self.me, public_id=public_id).first()
        if payout is None:
            raise NotFound
        return Response(PayoutAnswer(payout, context={"outlook": outlook()}).data)


class WalletView(ParticipantView):
    """/api/v1/me/wallet/ — the wallet payouts go to; POST tells that I have opened it."""

    @extend_schema(responses=WalletAnswer)
    def get(self, request: Request) -> Response:
        return Response(self.wallet())

    @extend_schema(request=None, responses=WalletAnswer)
    @idempotent
    def post(self, request: Request) -> Response:
        link_wallet(self.me, operator_for(clock.now()))
        return Response(self.wallet())

    def wallet(self) -> dict[str, Any]:
        seen, operator = outlook(), operator_for(clock.now())
        return WalletAnswer(
            {
                "operator": operator.name,
                "needs_link": operator.needs_link,
                "is_linked": is_linked(self.me, operator),
                "is_answering": not seen.is_dark,
                "since": seen.dark_since,
                "resumes_at": seen.resumes_at,
                "message": waiting(seen),
            }
        ).data

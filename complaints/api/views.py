from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from complaints.models import Category, Channel, Complaint
from complaints.services import citizens, intake
from complaints.services.intake import About
from devices.models import Loan
from participants.api.views import ParticipantView
from participants.models import Participant
from points.models import Account, Transfer
from seoul_health.core.api.idempotency import idempotent
from seoul_health.core.api.pagination import NewestFirst
from seoul_health.core.errors import NotFound

from .serializers import (
    CategoryAnswer,
    ComplaintAnswer,
    ComplaintLine,
    ComplaintRequest,
    LookupRequest,
    MessageAnswer,
    MessageRequest,
    SatisfactionRequest,
    SlipAnswer,
    StateAnswer,
    WithdrawRequest,
)


class CategoriesView(APIView):
    """GET /api/v1/complaint-categories/ — what a complaint can be about."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=CategoryAnswer(many=True))
    def get(self, request: Request) -> Response:
        return Response(CategoryAnswer(Category.objects.offered(), many=True).data)


class ComplaintsView(ParticipantView):
    """The complaints of whoever calls."""

    @extend_schema(responses=ComplaintLine(many=True))
    def get(self, request: Request) -> Response:
        pages = NewestFirst()
        mine = Complaint.objects.of(self.me).select_related("category")
        rows = pages.paginate_queryset(mine, request, view=self)
        return pages.get_paginated_response(ComplaintLine(rows, many=True).data)

    @extend_schema(request=ComplaintRequest, responses={201: SlipAnswer})
    @idempotent
    def post(self, request: Request) -> Response:
        asked = ComplaintRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        terms = asked.validated_data
        slip = intake.file_complaint(
            self.me,
            category=terms["category"],
            title=terms["title"],
            text=terms["text"],
            channel=Channel.APP,
            by=self.me,
            about=subject_of(self.me, terms.get("about", {})),
        )
        return Response(SlipAnswer(slip).data, status=status.HTTP_201_CREATED)


def subject_of(me: Participant, about: dict[str, Any]) -> About:
    """Find what a complaint is about among what belongs to the caller."""
    return About(
        day=about.get("date"),
        loan=loan_of(me, about["loan"]) if "loan" in about else None,
        transfer=transfer_of(me, about["transfer"]) if "transfer" in about else None,
    )


def loan_of(me: Participant, public_id: UUID) -> Loan:
    loan = Loan.objects.filter(participant=me, public_id=public_id).first()
    if loan is None:
        raise NotFound
    return loan


def transfer_of(me: Participant, key: str) -> Transfer:
    purse = Account.objects.filter(participant=me).first()
    moved = Transfer.objects.of(purse).select_related("source", "target") if purse else None
    transfer = moved.filter(key=key).first() if moved is not None else None
    if transfer is None:
        raise NotFound
    return transfer


class OwnComplaintView(ParticipantView):
    """One complaint of whoever calls; somebody else's does not exist."""

    def find(self, receipt_no: str) -> Complaint:
        rows = Complaint.objects.of(self.me)
        complaint = rows.select_related("category", "handler", "loan", "transfer")
        found = complaint.filter(receipt_no=receipt_no).first()
        if found is None:
            raise NotFound
        return found


class ComplaintView(OwnComplaintView):
    """GET /api/v1/me/complaints/{receipt_no}/ — where a complaint stands, and why then."""

    @extend_schema(responses=ComplaintAnswer)
    def get(self, request: Request, receipt_no: str) -> Response:
        return Response(ComplaintAnswer(self.find(receipt_no)).data)


class MessagesView(OwnComplaintView):
    """POST …/messages/ — add to a complaint; a supplement lets the clock run again."""

    @extend_schema(request=MessageRequest, responses={201: MessageAnswer})
    @idempotent
    def post(self, request: Request, receipt_no: str) -> Response:
        complaint = self.find(receipt_no)
        asked = MessageRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        said = citizens.write(complaint, asked.validated_data["text"], by=self.me)
        said.refresh_from_db()
        return Response(MessageAnswer(said).data, status=status.HTTP_201_CREATED)


class WithdrawView(OwnComplaintView):
    """POST …/withdraw/ — take a complaint back."""

    @extend_schema(request=WithdrawRequest, responses=StateAnswer)
    @idempotent
    def post(self, request: Request, receipt_no: str) -> Response:
        complaint = self.find(receipt_no)
        asked = WithdrawRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        citizens.withdraw(complaint, by=self.me, why=asked.validated_data["reason"])
        return Response(StateAnswer(complaint).data)


class SatisfactionView(OwnComplaintView):
    """POST …/satisfaction/ — rate the answer, or ask for a further one."""

    @extend_schema(request=SatisfactionRequest, responses=StateAnswer)
    @idempotent
    def post(self, request: Request, receipt_no: str) -> Response:
        complaint = self.find(receipt_no)
        asked = SatisfactionRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        terms = asked.validated_data
        rate = citizens.rate_and_reopen if terms["reopen"] else citizens.rate
        rate(complaint, terms["score"], comment=terms["comment"], by=self.me)
        return Response(StateAnswer(complaint).data)


class LookupView(APIView):
    """POST /api/v1/complaints/lookup/ — look a complaint up with its number and secret."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "guest"

    @extend_schema(request=LookupRequest, responses=ComplaintAnswer)
    def post(self, request: Request) -> Response:
        asked = LookupRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        number = asked.validated_data["receipt_no"].strip().upper()
        rows = Complaint.objects.select_related("category", "handler", "loan", "transfer")
        complaint = rows.filter(receipt_no=number).first()
        if not intake.fits(complaint, asked.validated_data["secret"]) or complaint is None:
            raise NotFound
        return Response(ComplaintAnswer(complaint).data)

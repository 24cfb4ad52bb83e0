from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from participants.models import Application
from participants.services import applications, participations
from participants.services.announced import announced, lane_of, quota_of
from participants.services.evidence import attach
from seoul_health.core.api.idempotency import idempotent
from seoul_health.core.api.pagination import NewestFirst
from seoul_health.core.errors import NotFound
from seoul_health.core.files import no_orphans
from seoul_health.core.media import LARGEST

from .serializers import (
    ApplicationAnswer,
    ApplicationChange,
    ApplicationLine,
    ApplicationRequest,
    EvidenceAnswer,
    EvidenceRequest,
    LeaveRequest,
)
from .views import ParticipantView

RELATED = ("round", "lane__round", "quota", "rule", "reason_code", "participant__profile")


class ApplicationPage(ParticipantView):
    """What the endpoints of one's own applications share; others' do not exist."""

    def find(self, public_id: UUID) -> Application:
        mine = Application.objects.filter(participant=self.me).select_related(*RELATED)
        found = mine.prefetch_related("evidence").filter(public_id=public_id).first()
        if found is None:
            raise NotFound
        return found

    def answer(self, public_id: UUID, code: int = status.HTTP_200_OK) -> Response:
        return Response(ApplicationAnswer(self.find(public_id)).data, status=code)


class ApplyView(ApplicationPage):
    """POST /api/v1/rounds/{code}/applications/ — apply, as a draft or at once."""

    @extend_schema(request=ApplicationRequest, responses={201: ApplicationAnswer})
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        round_ = announced(code)
        asked = ApplicationRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        terms = asked.validated_data
        lane = lane_of(round_, terms["lane"])
        application = applications.apply(
            self.me,
            lane=lane,
            quota=quota_of(lane, terms.get("quota")),
            basis=terms["basis"],
            consents=terms["consents"],
            submit=terms["submit"],
        )
        return Response(ApplicationAnswer(application).data, status=status.HTTP_201_CREATED)


class ApplicationsView(ParticipantView):
    """GET /api/v1/me/applications/ — everything I applied to, newest first."""

    @extend_schema(responses=ApplicationLine(many=True))
    def get(self, request: Request) -> Response:
        pages = NewestFirst()
        mine = Application.objects.filter(participant=self.me).select_related(*RELATED)
        rows = pages.paginate_queryset(mine, request, view=self)
        return pages.get_paginated_response(ApplicationLine(rows, many=True).data)


class ApplicationView(ApplicationPage):
    """One application: where it stands, and who acts next."""

    @extend_schema(responses=ApplicationAnswer)
    def get(self, request: Request, public_id: UUID) -> Response:
        return self.answer(public_id)

    @extend_schema(request=ApplicationChange, responses=ApplicationAnswer)
    @idempotent
    def patch(self, request: Request, public_id: UUID) -> Response:
        application = self.find(public_id)
        asked = ApplicationChange(data=request.data)
        asked.is_valid(raise_exception=True)
        applications.edit(application, **changed(application, asked.validated_data))
        return self.answer(public_id)


def changed(application: Application, terms: dict[str, Any]) -> dict[str, Any]:
    """Fill what was not sent from the draft; seats of another lane are not carried over."""
    lane = lane_of(application.round, terms.get("lane", application.lane.kind))
    kept = application.quota if lane == application.lane else None
    quota = quota_of(lane, terms["quota"]) if "quota" in terms else kept
    return {"lane": lane, "quota": quota, "basis": terms.get("basis", application.basis)}


class SubmitView(ApplicationPage):
    """POST …/submit/ — hand a draft in."""

    @extend_schema(request=None, responses=ApplicationAnswer)
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        applications.submit(self.find(public_id), by=self.me)
        return self.answer(public_id)


class WithdrawView(ApplicationPage):
    """POST …/withdraw/ — take an application back."""

    @extend_schema(request=LeaveRequest, responses=ApplicationAnswer)
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        application = self.find(public_id)
        asked = LeaveRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        applications.withdraw(application, by=self.me, why=asked.validated_data["reason"])
        return self.answer(public_id)


class EvidenceView(ApplicationPage):
    """POST …/evidence/ — attach a paper: JPEG, PNG or PDF of at most 10 MB."""

    parser_classes = (MultiPartParser,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Leave no file behind when the answer, or its commit, fails after it was written."""
        with no_orphans():
            return super().dispatch(request, *args, **kwargs)

    @extend_schema(
        request={"multipart/form-data": EvidenceRequest}, responses={201: EvidenceAnswer}
    )
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        application = self.find(public_id)
        asked = EvidenceRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data["file"]
        document = attach(
            application,
            kind=asked.validated_data["kind"],
            content=sent.read(LARGEST + 1),
            claimed_type=sent.content_type or "",
            by=self.me,
        )
        document.refresh_from_db()
        return Response(EvidenceAnswer(document).data, status=status.HTTP_201_CREATED)


class AcceptOfferView(ApplicationPage):
    """POST …/accept-offer/ — take the seat and start taking part."""

    @extend_schema(request=None, responses=ApplicationAnswer)
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        participations.confirm(self.find(public_id), by=self.me)
        return self.answer(public_id)


class DeclineOfferView(ApplicationPage):
    """POST …/decline-offer/ — leave the seat to the next in line."""

    @extend_schema(request=None, responses=ApplicationAnswer)
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        participations.decline(self.find(public_id), by=self.me)
        return self.answer(public_id)

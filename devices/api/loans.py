from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from devices.models import Loan, LoanReport, LoanTerms, Shipment
from devices.services import loans
from participants.api.views import ParticipantView
from seoul_health.core import clock
from seoul_health.core.api.fields import PlainText
from seoul_health.core.api.idempotency import idempotent
from seoul_health.core.errors import NotFound


class ParcelAnswer(serializers.ModelSerializer[Shipment]):
    class Meta:
        model = Shipment
        fields = (
            "direction",
            "status",
            "carrier",
            "tracking_no",
            "planned_at",
            "delivered_at",
        )


class LoanAnswer(serializers.ModelSerializer[Loan]):
    """The citizen's own loan; ids are opaque."""

    id = serializers.UUIDField(source="public_id")
    status_label = serializers.CharField(source="get_status_display")
    serial = serializers.CharField(source="device.serial")
    model = serializers.CharField(source="device.lot.model.name")
    days_left = serializers.SerializerMethodField()
    parcels = ParcelAnswer(source="shipments", many=True)

    class Meta:
        model = Loan
        fields = (
            "id",
            "status",
            "status_label",
            "serial",
            "model",
            "due_on",
            "days_left",
            "reserved_at",
            "accepted_at",
            "accepted_terms",
            "recalled_at",
            "returned_at",
            "parcels",
        )

    def get_days_left(self, loan: Loan) -> int:
        return (loan.due_on - clock.today()).days


class Acceptance(serializers.Serializer[Any]):
    """The version of the terms the citizen has read and agrees to."""

    terms = PlainText(max_length=12, validators=[RegexValidator(r"\A[A-Za-z0-9.\-]+\Z")])


class Report(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=LoanReport.Kind.choices)
    text = PlainText(max_length=1000)


class LoanPage(ParticipantView):
    """What the endpoints of one's own loan share."""

    def loan(self) -> Loan:
        rows = Loan.objects.current().filter(participant=self.me)
        whole = rows.select_related("device__lot__model", "participant")
        loan = whole.prefetch_related("shipments").order_by("-pk").first()
        if loan is None:
            raise NotFound
        return loan

    def answer(self) -> Response:
        return Response(LoanAnswer(self.loan()).data)


class LoanView(LoanPage):
    """GET /api/v1/me/loan/ — the watch I have, or that is on its way."""

    @extend_schema(responses=LoanAnswer)
    def get(self, request: Request) -> Response:
        return self.answer()


class TermsAnswer(serializers.ModelSerializer[LoanTerms]):
    """What a borrower agrees to, word for word."""

    class Meta:
        model = LoanTerms
        fields = ("version", "effective_from", "title", "text")


class TermsView(ParticipantView):
    """GET /api/v1/me/loan/terms/ — the terms in force, or those I agreed to (?version=…)."""

    @extend_schema(
        responses=TermsAnswer, parameters=[OpenApiParameter("version", str, required=False)]
    )
    def get(self, request: Request) -> Response:
        rows = LoanTerms.objects.in_force(clock.today())
        if version := request.query_params.get("version", "")[:12]:
            rows = rows.filter(version=version.replace("\0", ""))
        found = rows.first()
        if found is None:
            raise NotFound
        return Response(TermsAnswer(found).data)


class AcceptView(LoanPage):
    """POST /api/v1/me/loan/accept/ — I have the watch and agree to the terms."""

    @extend_schema(request=Acceptance, responses=LoanAnswer)
    @idempotent
    def post(self, request: Request) -> Response:
        asked = Acceptance(data=request.data)
        asked.is_valid(raise_exception=True)
        loans.accept(self.loan(), by=self.me, **asked.validated_data)
        return self.answer()


class ReturnView(LoanPage):
    """POST /api/v1/me/loan/return/ — please fetch the watch."""

    @extend_schema(request=None, responses=LoanAnswer)
    @idempotent
    def post(self, request: Request) -> Response:
        loans.start_return(self.loan(), by=self.me)
        return self.answer()


class ReportView(LoanPage):
    """POST /api/v1/me/loan/report/ — the watch is lost, damaged or faulty."""

    @extend_schema(request=Report, responses=LoanAnswer)
    @idempotent
    def post(self, request: Request) -> Response:
        told = Report(data=request.data)
        told.is_valid(raise_exception=True)
        loans.report(self.loan(), by=self.me, **told.validated_data)
        return self.answer()

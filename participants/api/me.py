from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from participants.models import Consent, Participant, Participation
from participants.rules.districts import DISTRICTS
from participants.rules.phones import tidy_phone
from participants.services import consents
from participants.services.profiles import change_contact, leave
from seoul_health.core.api.fields import PlainText, StrictBoolean
from seoul_health.core.api.idempotency import idempotent

from .serializers import ConsentRequest, LeaveRequest
from .views import ParticipantView


class PhoneField(PlainText):
    default_error_messages = {"phone": _("Please enter a Korean phone number: 010-1234-5678.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def to_internal_value(self, data: object) -> str:
        number = tidy_phone(super().to_internal_value(data))
        if number is None:
            self.fail("phone")
        return number


class ParticipationAnswer(serializers.ModelSerializer[Participation]):
    id = serializers.UUIDField(source="public_id")
    round = serializers.CharField(source="round.code")

    class Meta:
        model = Participation
        fields = ("id", "round", "status", "basis", "needs_watch", "starts_on", "ends_on")


class MeAnswer(serializers.Serializer[Participant]):
    """One's own data, unmasked: it is theirs."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.CharField()
    verified = serializers.BooleanField(source="is_verified")
    is_resident = serializers.BooleanField(allow_null=True)
    name = serializers.CharField(source="profile.name")
    phone = serializers.CharField(source="profile.phone")
    birth_date = serializers.DateField(source="profile.birth_date")
    address = serializers.CharField(source="profile.address")
    district = serializers.CharField()
    joined_at = serializers.DateTimeField()
    participation = serializers.SerializerMethodField()

    @extend_schema_field(ParticipationAnswer(allow_null=True))
    def get_participation(self, me: Participant) -> dict[str, Any] | None:
        live = Participation.objects.live().filter(participant=me).select_related("round").first()
        return ParticipationAnswer(live).data if live else None


class ContactChange(serializers.Serializer[Any]):
    phone = PhoneField(required=False)
    address = PlainText(max_length=200, required=False)
    district = serializers.ChoiceField(choices=DISTRICTS, required=False)


class MeView(ParticipantView):
    """GET /api/v1/me/ — what is kept about oneself. PATCH — change phone, address or district."""

    @extend_schema(responses=MeAnswer)
    def get(self, request: Request) -> Response:
        return Response(self.answer())

    @extend_schema(request=ContactChange, responses=MeAnswer)
    @idempotent
    def patch(self, request: Request) -> Response:
        asked = ContactChange(data=request.data)
        asked.is_valid(raise_exception=True)
        change_contact(self.me, by=self.me, **asked.validated_data)
        return Response(self.answer())

    def answer(self) -> dict[str, Any]:
        me = Participant.objects.select_related("profile").get(pk=self.me.pk)
        return dict(MeAnswer(me).data)


class ConsentAnswer(serializers.ModelSerializer[Consent]):
    class Meta:
        model = Consent
        fields = ("purpose", "version", "given_at", "withdrawn_at")


class ConsentChange(ConsentRequest):
    """A yes, or with `given: false` the end of every earlier one to this purpose."""

    given = StrictBoolean(required=False, default=True)


class ConsentsView(ParticipantView, generics.ListAPIView[Consent]):
    """GET /api/v1/me/consents/ — every yes, with its end. POST — say yes, or take it back.

    Consent to the service and to health data stays while somebody takes part; they leave first.
    """

    serializer_class = ConsentAnswer

    def get_queryset(self) -> QuerySet[Consent]:
        return Consent.objects.filter(participant=self.me)

    @extend_schema(request=ConsentChange, responses={201: ConsentAnswer(many=True)})
    @idempotent
    def post(self, request: Request) -> Response:
        asked = ConsentChange(data=request.data)
        asked.is_valid(raise_exception=True)
        purpose, version = asked.validated_data["purpose"], asked.validated_data["version"]
        if asked.validated_data["given"]:
            consents.give(self.me, purpose=purpose, version=version, by=self.me)
        else:
            consents.withdraw(self.me, purpose=purpose, by=self.me)
        rows = self.get_queryset().order_by("-pk")
        return Response(ConsentAnswer(rows, many=True).data, status=status.HTTP_201_CREATED)


class LeftAnswer(serializers.Serializer[Participant]):
    withdrawn_at = serializers.DateTimeField()


class LeaveView(ParticipantView):
    """POST /api/v1/me/withdrawal/ — leave the programme."""

    @extend_schema(request=LeaveRequest, responses=LeftAnswer)
    @idempotent
    def post(self, request: Request) -> Response:
        asked = LeaveRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        left = leave(self.me, by=self.me, why=asked.validated_data["reason"])
        return Response(LeftAnswer(left).data)

from typing import Any, cast

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from participants.errors import AssertionRefused
from participants.gateways.identity import HttpIdentity
from participants.models import AppToken
from participants.services import tokens
from participants.services.identity import Session, sign_in
from participants.services.tokens import TokenRefused
from seoul_health.core.api.fields import PlainText

from .views import GuestView, ParticipantView


class SignInRequest(serializers.Serializer[Any]):
    """What the app got from the identity provider, and what it calls its device."""

    provider = serializers.ChoiceField(choices=[*settings.IDENTITY_PROVIDERS])
    assertion = PlainText(max_length=4000)
    device = PlainText(max_length=60, required=False, default="", allow_blank=True)


class PersonAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    verified = serializers.BooleanField(source="is_verified")


class PairAnswer(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class SessionAnswer(serializers.Serializer[Session]):
    access = serializers.CharField(source="pair.access")
    refresh = serializers.CharField(source="pair.refresh")
    participant = PersonAnswer()


class RefreshRequest(serializers.Serializer[Any]):
    refresh = PlainText(max_length=200)


def unauthenticated(refusal: AssertionRefused | TokenRefused) -> AuthenticationFailed:
    return AuthenticationFailed(str(refusal), refusal.code)


class VerifyView(GuestView):
    """POST /api/v1/auth/verify/ — sign in with what the identity provider vouches for."""

    throttle_scope = "sign_in"

    @extend_schema(request=SignInRequest, responses=SessionAnswer)
    def post(self, request: Request) -> Response:
        asked = SignInRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        terms = asked.validated_data
        provider = HttpIdentity.named(terms["provider"])
        try:
            session = sign_in(terms["assertion"], provider=provider, device=terms["device"])
        except AssertionRefused as refusal:
            raise unauthenticated(refusal) from refusal
        return Response(SessionAnswer(session).data)


class RefreshView(GuestView):
    """POST /api/v1/auth/refresh/ — trade a refresh key for a new pair, once."""

    throttle_scope = "sign_in"

    @extend_schema(request=RefreshRequest, responses=PairAnswer)
    def post(self, request: Request) -> Response:
        asked = RefreshRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            pair = tokens.refresh(asked.validated_data["refresh"])
        except TokenRefused as refusal:
            raise unauthenticated(refusal) from refusal
        return Response(PairAnswer(pair).data)


class LogoutView(ParticipantView):
    """POST /api/v1/auth/logout/ — end the keys of the device that asks."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        token = cast(AppToken, request.auth)  # Only ParticipantTokens lets anybody in here.
        tokens.revoke_family(token.family)
        return Response(status=status.HTTP_204_NO_CONTENT)

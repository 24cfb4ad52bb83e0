"""Bearer tokens of the mobile app."""

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from participants.models import AppToken, Participant
from seoul_health.core import clock, crypto

LONGEST_HEADER = 4096


class BadToken(AuthenticationFailed):
    default_detail = _("Please sign in again.")


class ParticipantTokens(BaseAuthentication):
    """Know a participant by an access token; one query, and never a word about why not."""

    def authenticate(self, request: Request) -> tuple[Participant, AppToken] | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _space, secret = header.partition(" ")
        if scheme.lower() != "bearer" or not secret or len(header) > LONGEST_HEADER:
            raise BadToken
        token = (
            AppToken.objects.usable(clock.now())
            .filter(digest=crypto.digest(secret), kind=AppToken.Kind.ACCESS)
            .select_related("participant")
            .first()
        )
        if token is None or token.participant.withdrawn_at is not None:
            raise BadToken
        return token.participant, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

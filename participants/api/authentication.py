"""Bearer tokens of the mobile app."""

from rest_framework.authentication import BaseAuthentication


class ParticipantTokens(BaseAuthentication):
    def authenticate(self, request):
        return None

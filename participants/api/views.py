from typing import cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from participants.models import Participant


class SignedIn(BasePermission):
    """Only the mobile app's participants; staff have screens of their own."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, Participant)


class ParticipantView(APIView):
    """An endpoint for one signed-in participant, who is `self.me`."""

    permission_classes = (SignedIn,)

    @property
    def me(self) -> Participant:
        return cast(Participant, self.request.user)  # SignedIn lets nobody else in.


class GuestView(APIView):
    """An endpoint before sign-in: no token is looked at, refusals are still 401."""

    authentication_classes = ()
    permission_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"

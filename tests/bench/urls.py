from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from participants.api.views import ParticipantView
from seoul_health.urls import urlpatterns as site


class EmptyView(ParticipantView):
    """The baseline: the same authentication, throttle, parser and renderer, and no work."""

    def post(self, request: Request) -> Response:
        return Response({}, status=202)


urlpatterns = [path("api/v1/bench/empty/", EmptyView.as_view()), *site]

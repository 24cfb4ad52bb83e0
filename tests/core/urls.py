from django.contrib import admin
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.models import DeviceModel
from seoul_health.core import views
from seoul_health.core.api.idempotency import idempotent
from seoul_health.core.errors import DomainError

handler404 = "seoul_health.core.views.not_found"
handler500 = "seoul_health.core.views.server_error"


class ToyView(APIView):
    permission_classes = ()
    throttle_scope = "guest"

    @idempotent
    def post(self, request: Request) -> Response:
        made = DeviceModel.objects.create(code=request.data["code"], name="toy", maker="toy")
        if request.data.get("refuse"):
            raise DomainError
        return Response({"id": made.pk, "name": "김걷기"}, status=201)


class BrokenView(APIView):
    permission_classes = ()

    def get(self, request: Request) -> Response:
        raise RuntimeError("a secret name: 김비밀")


urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/toys/", ToyView.as_view()),
    path("api/v1/broken/", BrokenView.as_view()),
    path("healthz", views.healthz),
]

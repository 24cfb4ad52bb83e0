from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from seoul_health.core import views
from seoul_health.operations.api import HomeView

handler400 = "seoul_health.core.views.bad_request"
handler403 = "seoul_health.core.views.forbidden"
handler404 = "seoul_health.core.views.not_found"
handler500 = "seoul_health.core.views.server_error"

api: list[URLPattern | URLResolver] = [
    path("", include("participants.api.urls")),
    path("", include("devices.api.urls")),
    path("", include("points.api.urls")),
    path("", include("complaints.api.urls")),
    path("me/home/", HomeView.as_view(), name="me-home"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("desk/", include("complaints.desk.urls")),
    path("review/", include("participants.review.urls")),
    path("stock/", include("devices.scan.urls")),
    path("staff/devices/", include("devices.stations.urls")),
    path("staff/points/", include("points.boards.urls")),
    path("api/v1/", include(api)),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("", include("participants.public.urls")),
    path("", include("devices.public.urls")),
    path("", include("complaints.public.incident_urls")),
    path("", include("complaints.public.urls")),
    path("", include("seoul_health.operations.urls")),
]

from django.urls import URLPattern, path

from . import service

app_name = "service"
urlpatterns: list[URLPattern] = [
    path("status/", service.status, name="status"),
    path("status/<uuid:public_id>/", service.incident, name="incident"),
]

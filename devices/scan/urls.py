from django.urls import URLPattern, path

from devices.scan import views

app_name = "scan"
urlpatterns: list[URLPattern] = [
    path("scan/", views.station, name="station"),
    path("scan/in/", views.take_in, name="take_in"),
    path("scan/undo/", views.undo, name="undo"),
]

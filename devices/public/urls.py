from django.urls import URLPattern, path

from devices.public import views

app_name = "sites"
urlpatterns: list[URLPattern] = [path("sites/", views.sites, name="map")]

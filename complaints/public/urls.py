from django.urls import URLPattern, path

from . import views

app_name = "voices"

urlpatterns: list[URLPattern] = [
    path("complaints/", views.LookUpView.as_view(), name="look-up"),
    path("complaints/new/", views.WriteView.as_view(), name="write"),
]

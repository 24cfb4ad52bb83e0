from django.urls import URLPattern, path

from . import guides, views

app_name = "voices"

urlpatterns: list[URLPattern] = [
    path("complaints/", views.LookUpView.as_view(), name="look-up"),
    path("complaints/new/", views.WriteView.as_view(), name="write"),
    path("guides/", guides.guide_list, name="guides"),
    path("guides/<slug:slug>/", guides.guide_page, name="guide"),
    path("guides/<slug:slug>/qr.svg", guides.qr_code, name="guide-qr"),
    path("g/<str:code>", guides.short_link, name="short"),
    path("api/v1/guides/<slug:slug>/qr.svg", guides.qr_code, name="guide-qr-api"),
]

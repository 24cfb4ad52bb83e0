from django.urls import URLPattern, path

from . import rounds, status

app_name = "public"

urlpatterns: list[URLPattern] = [
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/<slug:code>/", rounds.one_round, name="round"),
    path("apply/", rounds.how_to_apply, name="apply"),
    path("status/", status.StatusView.as_view(), name="status"),
    path("robots.txt", rounds.robots, name="robots"),
    path("sitemap.xml", rounds.sitemap, name="sitemap"),
]

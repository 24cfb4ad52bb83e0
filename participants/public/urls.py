from django.urls import URLPattern, path

from . import draws, offers, rounds, status

app_name = "public"

urlpatterns: list[URLPattern] = [
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/<slug:code>/", rounds.one_round, name="round"),
    path("draws/", draws.draws, name="draws"),
    path("draws/verify_draw.py", draws.checker, name="draw-checker"),
    path("draws/<slug:code>/", draws.DrawPage.as_view(), name="draw"),
    path("apply/", rounds.how_to_apply, name="apply"),
    path("apply/status/", status.StatusView.as_view(), name="status"),
    path("offers/<str:token>/", offers.OfferView.as_view(), name="offer"),
    path("robots.txt", rounds.robots, name="robots"),
    path("sitemap.xml", rounds.sitemap, name="sitemap"),
]

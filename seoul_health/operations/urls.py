from django.urls import URLPattern, path

from . import headcounts, people, rounds, views

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("people/headcounts/", headcounts.HeadcountsView.as_view(), name="headcounts"),
    path("people/<str:number>/", people.person_page, name="person"),
    path("staff/rounds/<slug:code>/", rounds.dashboard, name="round-dashboard"),
]

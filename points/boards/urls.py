from django.urls import URLPattern, path

from . import days, expiry, moments

app_name = "boards"
urlpatterns: list[URLPattern] = [
    path("days/<str:number>/", days.DayView.as_view(), name="day"),
    path("at/", moments.MomentView.as_view(), name="moment"),
    path("expiry/", expiry.ExpiryBoard.as_view(), name="expiry"),
    path("expiry/days.csv", expiry.ForecastFile.as_view(), name="expiry-days"),
    path("expiry/run/", expiry.RunOrder.as_view(), name="expiry-run"),
    path("expiry/count/", expiry.CountOrder.as_view(), name="expiry-count"),
    path("expiry/announce/", expiry.AnnounceOrder.as_view(), name="expiry-announce"),
    path("expiry/extensions/", expiry.ExtensionOrder.as_view(), name="expiry-extend"),
    path(
        "expiry/extensions/<int:pk>/approve/",
        expiry.ApproveOrder.as_view(),
        name="expiry-approve",
    ),
    path(
        "expiry/extensions/<int:pk>/decline/",
        expiry.DeclineOrder.as_view(),
        name="expiry-decline",
    ),
    path("expiry/<str:month>/", expiry.MonthView.as_view(), name="expiry-month"),
]

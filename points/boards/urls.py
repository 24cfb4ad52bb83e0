from django.urls import URLPattern, path

from . import days, expiry, holds, moments

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
    path("holds/", holds.HoldBoard.as_view(), name="holds"),
    path("holds/holds.csv", holds.HoldFile.as_view(), name="holds-file"),
    path("holds/raise/", holds.RaiseView.as_view(), name="hold-raise"),
    path("holds/<uuid:public_id>/", holds.HoldPage.as_view(), name="hold"),
    path("holds/<uuid:public_id>/release/", holds.Release.as_view(), name="hold-release"),
    path("holds/<uuid:public_id>/confirm/", holds.Confirm.as_view(), name="hold-confirm"),
    path("holds/<uuid:public_id>/uphold/", holds.Uphold.as_view(), name="hold-uphold"),
    path("holds/<uuid:public_id>/dismiss/", holds.Dismiss.as_view(), name="hold-dismiss"),
]

from django.urls import URLPattern, path

from . import days, expiry, holds, moments, payouts, reconciliations, settlements

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
    path("payouts/", payouts.PayoutBoard.as_view(), name="payouts"),
    path(
        "payouts/operators/<slug:code>/<slug:verb>/",
        payouts.OperatorAct.as_view(),
        name="operator-act",
    ),
    path("payouts/changes/", payouts.ChangeAsked.as_view(), name="change-asked"),
    path(
        "payouts/changes/<int:pk>/<slug:verb>/",
        payouts.ChangeDecided.as_view(),
        name="change-decided",
    ),
    path("reconciliation/", reconciliations.ReconciliationBoard.as_view(), name="reconciliation"),
    path(
        "reconciliation/differences.csv",
        reconciliations.DifferenceFile.as_view(),
        name="differences-file",
    ),
    path(
        "reconciliation/differences/<int:pk>/<slug:verb>/",
        reconciliations.DifferenceAct.as_view(),
        name="difference-act",
    ),
    path("settlement/", settlements.SettlementBoard.as_view(), name="settlement"),
    path("settlement/runs/", settlements.Runs.as_view(), name="settlement-runs"),
    path("settlement/<int:pk>/", settlements.RunPage.as_view(), name="settlement-run"),
    path("settlement/<int:pk>/resume/", settlements.Resume.as_view(), name="settlement-resume"),
    path("holds/", holds.HoldBoard.as_view(), name="holds"),
    path("holds/holds.csv", holds.HoldFile.as_view(), name="holds-file"),
    path("holds/raise/", holds.RaiseView.as_view(), name="hold-raise"),
    path("holds/<uuid:public_id>/", holds.HoldPage.as_view(), name="hold"),
    path("holds/<uuid:public_id>/release/", holds.Release.as_view(), name="hold-release"),
    path("holds/<uuid:public_id>/confirm/", holds.Confirm.as_view(), name="hold-confirm"),
    path("holds/<uuid:public_id>/uphold/", holds.Uphold.as_view(), name="hold-uphold"),
    path("holds/<uuid:public_id>/dismiss/", holds.Dismiss.as_view(), name="hold-dismiss"),
]

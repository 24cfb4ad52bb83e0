from django.urls import URLPattern, path

from devices.api import loans, readings, reservations, sites, slots

urlpatterns: list[URLPattern] = [
    path("sites/", sites.SitesView.as_view(), name="sites"),
    path("sites/<uuid:site>/stock/", sites.SiteStockView.as_view(), name="site-stock"),
    path("stock/", sites.StockView.as_view(), name="stock"),
    path("stock/near/", sites.StockNearView.as_view(), name="stock-near"),
    path("stock/by-address/", sites.StockByAddressView.as_view(), name="stock-by-address"),
    path("me/loan/", loans.LoanView.as_view(), name="loan"),
    path("me/loan/terms/", loans.TermsView.as_view(), name="loan-terms"),
    path("me/loan/accept/", loans.AcceptView.as_view(), name="loan-accept"),
    path("me/loan/return/", loans.ReturnView.as_view(), name="loan-return"),
    path("me/loan/report/", loans.ReportView.as_view(), name="loan-report"),
    path("sites/<uuid:public_id>/slots/", slots.SlotsView.as_view(), name="site-slots"),
    path("me/reservations/", reservations.ReservationsView.as_view(), name="reservations"),
    path(
        "me/reservations/<uuid:public_id>/",
        reservations.ReservationView.as_view(),
        name="reservation",
    ),
    path("me/waiting-lists/", reservations.WaitingsView.as_view(), name="waiting-lists"),
    path(
        "me/waiting-lists/<uuid:public_id>/",
        reservations.WaitingView.as_view(),
        name="waiting-list",
    ),
    path(
        "sites/<uuid:public_id>/readings/",
        readings.SiteReadingsView.as_view(),
        name="site-readings",
    ),
    path("me/readings/", readings.ReadingsView.as_view(), name="readings"),
]

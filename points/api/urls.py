from django.urls import path

from . import campaigns, holds, money, partners, statements, walking

urlpatterns = [
    path(
        "partners/<slug:code>/events/",
        partners.PartnerEventsView.as_view(),
        name="partner-events",
    ),
    path("me/steps/", walking.StepsView.as_view(), name="steps"),
    path("me/receipts/<slug:receipt_no>/", walking.ReceiptView.as_view(), name="receipt"),
    path("me/campaigns/", campaigns.CampaignsView.as_view(), name="campaigns"),
    path("me/points/", money.PointsView.as_view(), name="points"),
    path("me/points/entries/", money.EntriesView.as_view(), name="entries"),
    path("me/points/statement/", statements.StatementView.as_view(), name="statement"),
    path("me/points/statement.pdf", statements.StatementFileView.as_view(), name="statement-file"),
    path("me/payouts/", money.PayoutsView.as_view(), name="payouts"),
    path("me/payouts/<uuid:public_id>/", money.PayoutView.as_view(), name="payout"),
    path("me/wallet/", money.WalletView.as_view(), name="wallet"),
    path("me/holds/", holds.HoldsView.as_view(), name="holds"),
    path("me/holds/<uuid:public_id>/", holds.HoldView.as_view(), name="hold"),
    path("me/holds/<uuid:public_id>/appeal/", holds.HoldAppealView.as_view(), name="hold-appeal"),
    path("me/clawbacks/", holds.ClawbacksView.as_view(), name="clawbacks"),
    path("me/clawbacks/<uuid:public_id>/", holds.ClawbackView.as_view(), name="clawback"),
    path(
        "me/clawbacks/<uuid:public_id>/objection/",
        holds.ObjectionView.as_view(),
        name="clawback-objection",
    ),
]

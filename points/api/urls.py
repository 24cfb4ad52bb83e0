from django.urls import path

from . import money, statements, walking

urlpatterns = [
    path("me/steps/", walking.StepsView.as_view(), name="steps"),
    path("me/receipts/<slug:receipt_no>/", walking.ReceiptView.as_view(), name="receipt"),
    path("me/points/", money.PointsView.as_view(), name="points"),
    path("me/points/entries/", money.EntriesView.as_view(), name="entries"),
    path("me/points/statement/", statements.StatementView.as_view(), name="statement"),
    path("me/points/statement.pdf", statements.StatementFileView.as_view(), name="statement-file"),
    path("me/payouts/", money.PayoutsView.as_view(), name="payouts"),
    path("me/payouts/<uuid:public_id>/", money.PayoutView.as_view(), name="payout"),
]

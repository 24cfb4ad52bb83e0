from django.urls import URLPattern, path

from . import history, knowledge, macros, proofs, pulse, reports

case = "complaints/<str:receipt_no>/"
person = "people/<str:number>/"

urlpatterns: list[URLPattern] = [
    path("pulse/", pulse.PulseView.as_view(), name="pulse"),
    path(f"{case}macros/", macros.MacrosView.as_view(), name="macros"),
    path(f"{case}macros/<int:pk>/", macros.MacroView.as_view(), name="macro"),
    path(f"{case}macros/<int:pk>/run/", macros.MacroRunView.as_view(), name="run-macro"),
    path(f"{case}suggest/", knowledge.SuggestView.as_view(), name="suggest"),
    path("contacts/<uuid:public_id>/alike/", knowledge.AlikeView.as_view(), name="alike"),
    path(f"{person}history/", history.HistoryView.as_view(), name="history"),
    path(f"{person}watch/", proofs.WatchView.as_view(), name="proof-watch"),
    path(f"{person}payout/", proofs.PayoutView.as_view(), name="proof-payout"),
    path("reports/", reports.ReportView.as_view(), name="reports"),
    path("reports/rows/", reports.RowsView.as_view(), name="report-rows"),
    path("reports/rows.csv", reports.RowsFile.as_view(kind="csv"), name="report-csv"),
    path("reports/rows.xlsx", reports.RowsFile.as_view(kind="xlsx"), name="report-xlsx"),
]

"""The register: lots, deliveries, labels, stocktakes."""

from django.urls import URLPattern, path

from devices.stations import labels, lots, manifests, receiving, stocktake

urlpatterns: list[URLPattern] = [
    path("lots/", lots.LotsView.as_view(), name="lots"),
    path("manifests/", manifests.ManifestsView.as_view(), name="manifests"),
    path("manifests/example.csv", manifests.ExampleView.as_view(), name="manifest-example"),
    path("manifests/<int:pk>/", manifests.ManifestView.as_view(), name="manifest"),
    path("manifests/<int:pk>/faults.csv", manifests.FaultsView.as_view(), name="manifest-faults"),
    path("receiving/", receiving.ArrivingView.as_view(), name="arriving"),
    path("receiving/<int:pk>/", receiving.ReceivingView.as_view(), name="receiving"),
    path("receiving/<int:pk>/scan/", receiving.scan, name="receiving-scan"),
    path("receiving/<int:pk>/undo/", receiving.undo, name="receiving-undo"),
    path(
        "receiving/<int:pk>/questions/<int:scan_pk>/",
        receiving.QuestionView.as_view(),
        name="receiving-question",
    ),
    path("receiving/<int:pk>/missing.csv", receiving.MissingView.as_view(), name="missing"),
    path("receiving/<int:pk>/receipt.pdf", receiving.ReceiptView.as_view(), name="receipt"),
    path("labels/", labels.LabelsView.as_view(), name="labels"),
    path("stocktakes/", stocktake.StocktakesView.as_view(), name="stocktakes"),
    path("stocktakes/<int:pk>/", stocktake.StocktakeView.as_view(), name="stocktake"),
    path("stocktakes/<int:pk>/scan/", stocktake.scan, name="stocktake-scan"),
    path("stocktakes/<int:pk>/undo/", stocktake.undo, name="stocktake-undo"),
    path(
        "stocktakes/<int:pk>/differences/",
        stocktake.DifferencesView.as_view(),
        name="differences",
    ),
    path(
        "stocktakes/<int:pk>/differences.csv",
        stocktake.DifferencesFileView.as_view(),
        name="differences-file",
    ),
]

"""Addresses of the pages of lending and shipping."""

from django.urls import path

from . import allocation, courier, silent

urlpatterns = [
    path("allocations/", allocation.AllocationsView.as_view(), name="allocations"),
    path("allocations/<int:pk>/undo/", allocation.AllocationUndo.as_view(), name="allocation-undo"),
    path("shipping/", courier.ShippingView.as_view(), name="shipping"),
    path("shipping/rows.csv", courier.ShippingFile.as_view(), name="shipping-file"),
    path("shipping/lists/<int:pk>/", courier.ParcelListView.as_view(), name="parcel-list"),
    path("shipping/files/", courier.CourierFilesView.as_view(), name="courier-files"),
    path("shipping/files/<int:pk>/", courier.CourierFileView.as_view(), name="courier-file"),
    path("silent/", silent.SilentView.as_view(), name="silent"),
    path("silent/rows.csv", silent.SilentFile.as_view(), name="silent-file"),
]

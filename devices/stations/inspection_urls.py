"""Addresses of what happens to watches after they came back."""

from django.urls import path

from . import disposals, inspection, passport, repairs

urlpatterns = [
    path("inspections/", inspection.InspectionsView.as_view(), name="inspections"),
    path("inspections/inspections.csv", inspection.InspectionsFile.as_view(),
         name="inspections-file"),
    path("inspections/find/", inspection.FindView.as_view(), name="inspect-find"),
    path("inspections/shelve/", inspection.ShelveView.as_view(), name="shelve-ready"),
    path("inspections/<slug:serial>/", inspection.InspectView.as_view(), name="inspect"),
    path("passports/<slug:serial>/", passport.PassportView.as_view(), name="passport"),
    path("passports/<slug:serial>/passport.pdf", passport.PassportSheet.as_view(),
         name="passport-sheet"),
    path("wipes/<int:pk>/certificate.pdf", passport.WipeCertificate.as_view(),
         name="wipe-certificate"),
    path("papers/<uuid:public_id>/<int:page>/", passport.PaperView.as_view(), name="paper"),
    path("repairs/", repairs.RepairsView.as_view(), name="repairs"),
    path("repairs/repairs.csv", repairs.RepairsFile.as_view(), name="repairs-file"),
    path("repairs/<int:pk>/", repairs.RepairView.as_view(), name="repair"),
    path("repairs/<int:pk>/<slug:verb>/", repairs.RepairAct.as_view(), name="repair-act"),
    path("disposals/", disposals.DisposalsView.as_view(), name="disposals"),
    path("disposals/<int:pk>/", disposals.DisposalView.as_view(), name="disposal"),
    path("disposals/<int:pk>/certificate.pdf", disposals.CertificateView.as_view(),
         name="disposal-certificate"),
    path("disposals/<int:pk>/serials.csv", disposals.SerialsFile.as_view(),
         name="disposal-serials"),
    path("disposals/<int:pk>/units/<int:unit>/out/", disposals.TakeOutView.as_view(),
         name="disposal-take-out"),
    path("disposals/<int:pk>/<slug:verb>/", disposals.DisposalAct.as_view(), name="disposal-act"),
]  # fmt: skip

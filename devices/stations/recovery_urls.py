"""Addresses of the pages of recovery."""

from django.urls import path

from . import calls, campaigns, cases, measures

urlpatterns = [
    path("calls/", calls.CallsView.as_view(), name="calls"),
    path("calls/<int:pk>/", calls.CallView.as_view(), name="call"),
    path("calls/<int:pk>/phone/", calls.RevealView.as_view(), name="call-phone"),
    path("calls/<int:pk>/<slug:verb>/", calls.CallAct.as_view(), name="call-act"),
    path("campaigns/", campaigns.CampaignsView.as_view(), name="campaigns"),
    path("campaigns/<slug:code>/", campaigns.CampaignView.as_view(), name="campaign"),
    path(
        "campaigns/<slug:code>/<slug:verb>/", campaigns.CampaignAct.as_view(), name="campaign-act"
    ),
    path("cases/", cases.CasesView.as_view(), name="cases"),
    path("cases/<int:pk>/", cases.CaseView.as_view(), name="case"),
    path("cases/<int:pk>/letter.pdf", cases.CaseLetter.as_view(), name="case-letter"),
    path("cases/<int:pk>/<slug:verb>/", cases.CaseAct.as_view(), name="case-act"),
    path("measures/", measures.MeasuresView.as_view(), name="measures"),
    path("measures/recovery.csv", measures.MeasuresFile.as_view(), name="measures-file"),
    path("measures/council-pack.zip", measures.CouncilPack.as_view(), name="council-pack"),
]

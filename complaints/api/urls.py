from django.urls import URLPattern, path

from . import alarms, attachments, guides, inbound, status, views

urlpatterns: list[URLPattern] = [
    path("status/", status.StatusView.as_view(), name="service-status"),
    path("notices/", status.NoticesView.as_view(), name="notices"),
    path("complaint-categories/", views.CategoriesView.as_view(), name="complaint-categories"),
    path(
        "complaint-feeds/<slug:source>/records/", inbound.InboundView.as_view(), name="feed-records"
    ),
    path(
        "complaint-feeds/<slug:source>/answers/",
        inbound.OutboundView.as_view(),
        name="feed-answers",
    ),
    path("complaints/lookup/", views.LookupView.as_view(), name="complaint-lookup"),
    path("me/complaints/", views.ComplaintsView.as_view(), name="complaints"),
    path("me/complaints/<str:receipt_no>/", views.ComplaintView.as_view(), name="complaint"),
    path(
        "me/complaints/<str:receipt_no>/messages/",
        views.MessagesView.as_view(),
        name="complaint-messages",
    ),
    path(
        "me/complaints/<str:receipt_no>/withdraw/",
        views.WithdrawView.as_view(),
        name="complaint-withdraw",
    ),
    path(
        "me/complaints/<str:receipt_no>/satisfaction/",
        views.SatisfactionView.as_view(),
        name="complaint-satisfaction",
    ),
    path(
        "me/complaints/<str:receipt_no>/attachments/",
        attachments.AttachmentsView.as_view(),
        name="complaint-attachments",
    ),
    path(
        "me/complaints/<str:receipt_no>/attachments/<uuid:public_id>/",
        attachments.AttachmentView.as_view(),
        name="complaint-attachment",
    ),
    path("guides/<slug:slug>/", guides.GuideView.as_view(), name="guide"),
    path("me/alarms/", alarms.AlarmsView.as_view(), name="alarms"),
    path("me/alarms/<uuid:public_id>/", alarms.AlarmView.as_view(), name="alarm"),
    path(
        "me/alarms/<uuid:public_id>/photos/",
        alarms.AlarmPhotosView.as_view(),
        name="alarm-photos",
    ),
    path("me/trips/", alarms.TripsView.as_view(), name="trips"),
    path("me/trips/<uuid:public_id>/", alarms.TripView.as_view(), name="trip"),
    path(
        "me/trips/<uuid:public_id>/positions/",
        alarms.PositionsView.as_view(),
        name="trip-positions",
    ),
    path("me/trips/<uuid:public_id>/arrive/", alarms.ArriveView.as_view(), name="trip-arrive"),
]

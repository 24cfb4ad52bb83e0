from django.urls import path

from . import (
    appeals,
    applications,
    auth,
    consent_texts,
    draws,
    me,
    notifications,
    participations,
    rounds,
)

OWN = "me/applications/<uuid:public_id>/"

urlpatterns = [
    path("auth/verify/", auth.VerifyView.as_view(), name="auth-verify"),
    path("auth/refresh/", auth.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout/", auth.LogoutView.as_view(), name="auth-logout"),
    path("rounds/", rounds.RoundsView.as_view(), name="rounds"),
    path("rounds/<slug:code>/", rounds.RoundView.as_view(), name="round"),
    path("rounds/<slug:code>/draw/", draws.DrawView.as_view(), name="draw"),
    path("rounds/<slug:code>/draw/file/", draws.DrawFileView.as_view(), name="draw-file"),
    path("rounds/<slug:code>/draw/results/", draws.DrawResultsView.as_view(), name="draw-results"),
    path("rounds/<slug:code>/applications/", applications.ApplyView.as_view(), name="apply"),
    path("me/", me.MeView.as_view(), name="me"),
    path("me/consents/", me.ConsentsView.as_view(), name="consents"),
    path("consent-texts/", consent_texts.ConsentTextsView.as_view(), name="consent-texts"),
    path(
        "consent-texts/<slug:purpose>/<str:version>/",
        consent_texts.ConsentTextView.as_view(),
        name="consent-text",
    ),
    path("me/participations/", participations.ParticipationsView.as_view(), name="participations"),
    path("me/participation/continue/", participations.ContinueView.as_view(), name="continue"),
    path("me/notifications/", notifications.NotificationsView.as_view(), name="notifications"),
    path(
        "me/notification-settings/",
        notifications.SettingsView.as_view(),
        name="notification-settings",
    ),
    path("me/withdrawal/", me.LeaveView.as_view(), name="leave"),
    path("me/applications/", applications.ApplicationsView.as_view(), name="applications"),
    path(OWN, applications.ApplicationView.as_view(), name="application"),
    path(f"{OWN}submit/", applications.SubmitView.as_view(), name="application-submit"),
    path(f"{OWN}withdraw/", applications.WithdrawView.as_view(), name="application-withdraw"),
    path(f"{OWN}evidence/", applications.EvidenceView.as_view(), name="application-evidence"),
    path(f"{OWN}appeal/", appeals.AppealView.as_view(), name="application-appeal"),
    path(f"{OWN}accept-offer/", applications.AcceptOfferView.as_view(), name="accept-offer"),
    path(f"{OWN}decline-offer/", applications.DeclineOfferView.as_view(), name="decline-offer"),
]

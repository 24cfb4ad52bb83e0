from django.urls import path

from . import auth, me, rounds

urlpatterns = [
    path("auth/verify/", auth.VerifyView.as_view(), name="auth-verify"),
    path("auth/refresh/", auth.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout/", auth.LogoutView.as_view(), name="auth-logout"),
    path("rounds/", rounds.RoundsView.as_view(), name="rounds"),
    path("rounds/<slug:code>/", rounds.RoundView.as_view(), name="round"),
    path("me/", me.MeView.as_view(), name="me"),
    path("me/consents/", me.ConsentsView.as_view(), name="consents"),
]

from django.urls import path

from . import auth

urlpatterns = [
    path("auth/verify/", auth.VerifyView.as_view(), name="auth-verify"),
    path("auth/refresh/", auth.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout/", auth.LogoutView.as_view(), name="auth-logout"),
]

from django.urls import URLPattern, path

from devices.api import loans

urlpatterns: list[URLPattern] = [
    path("me/loan/", loans.LoanView.as_view(), name="loan"),
    path("me/loan/accept/", loans.AcceptView.as_view(), name="loan-accept"),
    path("me/loan/return/", loans.ReturnView.as_view(), name="loan-return"),
    path("me/loan/report/", loans.ReportView.as_view(), name="loan-report"),
]

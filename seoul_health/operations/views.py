from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.db.models import Max, Min, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from complaints.models import Complaint
from devices.models import Device, Shipment
from participants.models import Application, Participant, RecruitmentRound
from points.models import Payout
from seoul_health.core.models import StaffUser

# What staff type into the search field, by how it begins: the rows, their permission, their page.
EXACT = (
    (Application, "participants.view_application", "receipt_no"),
    (Participant, "participants.view_participant", "number"),
    (Complaint, "complaints.view_complaint", "receipt_no"),
    (Device, "devices.view_device", "serial"),
    (Shipment, "devices.view_shipment", "tracking_no"),
    (Payout, "points.view_payout", "reference"),
)


def home(request: HttpRequest) -> HttpResponse:
    """The public page: what the programme is and which rounds are open."""
    rounds = (
        RecruitmentRound.objects.filter(
            status__in=[RecruitmentRound.Status.ANNOUNCED, RecruitmentRound.Status.OPEN]
        )
        .annotate(
            opens_at=Min("lanes__opens_at"),
            closes_at=Max("lanes__closes_at"),
            seats=Sum("lanes__quotas__seats"),
        )
        .order_by("starts_on", "pk")
    )
    return render(request, "public/home.html", {"rounds": rounds})


@staff_member_required(login_url="admin:login")  # type: ignore[untyped-decorator]
def search(request: HttpRequest) -> HttpResponse:
    """Go straight to the row a number names; otherwise look for a person."""
    text, user = request.GET.get("q", "").strip()[:60], request.user
    assert isinstance(user, StaffUser), "only staff reach this page"
    for model, permission, field in EXACT:
        if text and user.has_perm(permission):
            row = seen_by(user, model).filter(**{field: text.upper()}).first()
            if row is not None:
                return redirect(page_of(row))
    if user.has_perm("participants.view_participant") and text:
        page = reverse("admin:participants_participant_changelist")
        return redirect(f"{page}?{urlencode({'q': text})}")
    context = {**admin.site.each_context(request), "text": text}
    return render(request, "admin/search.html", context)


def seen_by(user: StaffUser, model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.all()
    visible_to = getattr(rows, "visible_to", None)
    return visible_to(user) if visible_to else rows


def page_of(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])

"""The page of headcounts: people and participations side by side, never added up."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from participants.services.headcounts import Headcount, Participations, count_heads, scope_of
from seoul_health.core import audit
from seoul_health.core.admin.base import staff_of
from seoul_health.core.spreadsheets import write_csv, write_xlsx

KEPT_SECONDS = 120
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason for the download"), min_length=5, max_length=200
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("File"), choices=[("xlsx", "XLSX"), ("csv", "CSV (UTF-8)")]
    )


def counted(request: HttpRequest) -> Headcount:
    """Count at most every two minutes for each district; the page says as of when."""
    district = scope_of(staff_of(request))
    key = f"headcounts:{district}"
    found: Headcount | None = cache.get(key)
    if found is None:
        found = count_heads(district=district)
        cache.set(key, found, KEPT_SECONDS)
    return found


@method_decorator(staff_member_required(login_url="admin:login"), name="dispatch")
class HeadcountsView(View):
    """GET — the figures. POST — the same as a file, for a reason."""

    def get(self, request: HttpRequest) -> HttpResponse:
        self.require("participants.view_participation")
        return self.page(ExportForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        self.require("participants.view_participation")
        self.require("participants.export_participation")
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=400)
        staff, reason = staff_of(request), form.cleaned_data["reason"]
        audit.record("exported", staff, by=staff, what="headcounts", reason=reason)
        return as_file(counted(request), form.cleaned_data["kind"])

    def require(self, permission: str) -> None:
        if not self.request.user.has_perm(permission):
            raise PermissionDenied

    def page(self, form: forms.Form, *, status: int = 200) -> HttpResponse:
        context = {
            **admin.site.each_context(self.request),
            "title": _("Headcounts"),
            "heads": counted(self.request),
            "district": scope_of(staff_of(self.request)),
            "form": form,
        }
        response = render(self.request, "operations/headcounts.html", context, status=status)
        response["Cache-Control"] = "no-store"
        return response


def as_file(heads: Headcount, kind: str) -> HttpResponse:
    rows = list(lines_of(heads))
    header = [
        _("Group"), _("Of"), _("Figure"), _("Unit"), _("Count"), _("As of"),
    ]  # fmt: skip
    content = write_xlsx(header, rows) if kind == "xlsx" else write_csv(header, rows)
    response = HttpResponse(
        content, content_type=XLSX if kind == "xlsx" else "text/csv; charset=utf-8"
    )
    name = f"headcounts-{stamp(heads.as_of)}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def lines_of(heads: Headcount) -> Iterator[list[object]]:
    """Write every figure of the page as one line: what, of which group, its unit, how many."""
    as_of = heads.as_of.isoformat(timespec="seconds")
    for row in (heads.people, *heads.districts):
        place = row.district or (_("All") if row is heads.people else _("No district"))
        for figure, count in people_figures(row):
            yield [_("District"), place, figure, _("people"), count, as_of]
    for group, one in groups_of(heads):
        for figure, count in participation_figures(one):
            yield [group, one.label or _("All"), figure, _("participations"), count, as_of]
    for one, people in heads.bases:
        yield [_("Basis"), one.label, _("Took part"), _("people"), people, as_of]


def groups_of(heads: Headcount) -> Iterator[tuple[str, Participations]]:
    yield _("Round"), heads.total
    for one in heads.rounds:
        yield _("Round"), one
    for one, _people in heads.bases:
        yield _("Basis"), one


def people_figures(row: Any) -> list[tuple[str, int]]:
    return [
        (_("Known"), row.known),
        (_("Verified"), row.verified),
        (_("Not verified"), row.unverified),
        (_("Left the programme"), row.left),
        (_("Took part"), row.took_part),
        (_("Taking part now"), row.live),
        (_("Took part more than once"), row.repeat),
    ]


def participation_figures(row: Participations) -> list[tuple[str, int]]:
    return [
        (_("All"), row.total),
        (_("Verified"), row.verified),
        (_("Not verified"), row.unverified),
        (_("Active"), row.active),
        (_("Suspended"), row.suspended),
        (_("Completed"), row.completed),
        (_("Withdrawn"), row.withdrawn),
        (_("Not the first round"), row.again),
    ]

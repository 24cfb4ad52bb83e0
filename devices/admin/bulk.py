"""Verbs on the rows that were ticked, and the order of verbs on one row."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django_stubs_ext import StrOrPromise

from seoul_health.core.admin.base import BigListAdmin, apply_each, staff_of

M = TypeVar("M", bound=Model)
Action = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


def bulk_action(
    label: StrOrPromise,
    *,
    permission: str,
    service: Callable[..., object],
    form: type[forms.Form] | None = None,
) -> Action:
    """Make one service a button for many rows; `form` asks once for what all of them need."""

    def act(
        site: BigListAdmin[Any], request: HttpRequest, rows: QuerySet[Any]
    ) -> HttpResponse | None:
        asked = form(request.POST if "apply" in request.POST else None) if form else None
        if asked is not None and not asked.is_valid():
            return ask(site, request, rows, asked, label)
        values = asked.cleaned_data if asked else {}
        by = staff_of(request)
        apply_each(site, request, rows, lambda row: service(row, by=by, **values))
        return None

    return admin.action(description=label, permissions=[permission])(act)


def ask(
    site: BigListAdmin[Any],
    request: HttpRequest,
    rows: QuerySet[Any],
    asked: forms.Form,
    label: StrOrPromise,
) -> HttpResponse:
    context = {
        **site.admin_site.each_context(request),
        "title": label,
        "opts": site.opts,
        "rows": list(rows.order_by("pk")),
        "action": request.POST.get("action", ""),
        "form": asked,
    }
    return TemplateResponse(request, "devices/bulk_ask.html", context)


class StagedButtons(BigListAdmin[M]):
    """Show the verbs that make sense where a row stands, the next step first."""

    stages: ClassVar[Mapping[str, Collection[str]]]

    def buttons(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        offered = {button["name"]: button for button in super().buttons(request, row)}
        return [
            offered[name]
            for name, statuses in self.stages.items()
            if name in offered and row.status in statuses
        ]

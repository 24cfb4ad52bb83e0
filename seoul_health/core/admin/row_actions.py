from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from seoul_health.core import audit
from seoul_health.core.errors import DomainError
from seoul_health.core.models import AuditEvent

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class RowAction:
    """A verb on one row: who may, when it makes sense, what it asks, what it does."""

    name: str
    label: str | Promise
    permission: str
    run: Callable[..., object]
    to: str = ""
    form: type[forms.Form] | None = None
    confirm: str | Promise = ""
    danger: bool = False

    def offered_for(self, row: Model) -> bool:
        may = getattr(row, "may", None)
        return not self.to or may is None or bool(may(self.to))


def row_action(
    label: str | Promise,
    *,
    permission: str,
    to: str = "",
    form: type[forms.Form] | None = None,
    confirm: str | Promise = "",
    danger: bool = False,
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Make an admin method a button on the row's page; it calls one service.

    `to` hides the button while NEXT does not lead there. `form` asks for values first and
    passes them on as keywords.
    """

    def mark(method: Callable[..., object]) -> Callable[..., object]:
        method.row_action = RowAction(  # type: ignore[attr-defined]
            name=method.__name__,
            label=label,
            permission=permission,
            run=method,
            to=to,
            form=form,
            confirm=confirm,
            danger=danger,
        )
        return method

    return mark


class RowActions(admin.ModelAdmin[M]):
    """An admin whose detail page has verbs as buttons and the row's story as a timeline."""

    def row_actions(self) -> list[RowAction]:
        members = (getattr(type(self), name, None) for name in dir(type(self)))
        marks = (getattr(member, "row_action", None) for member in members)
        return [mark for mark in marks if isinstance(mark, RowAction)]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        view = self.admin_site.admin_view(self.act)
        return [path("<int:pk>/act/<slug:verb>/", view, name=name), *super().get_urls()]

    def act(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Run one verb on one row: ask for its values, call the service, show the refusal."""
        action = next((a for a in self.row_actions() if a.name == verb), None)
        row = self.get_queryset(request).filter(pk=pk).first()
        if action is None or row is None:
            raise Http404
        if not request.user.has_perm(action.permission):
            raise PermissionDenied
        asked = action.form(request.POST or None) if action.form else None
        if request.method != "POST" or (asked and not asked.is_valid()):
            return self.ask(request, row, action, asked)
        self.perform(request, row, action, asked.cleaned_data if asked else {})
        return HttpResponseRedirect(self.page_of(row))

    def ask(
        self, request: HttpRequest, row: M, action: RowAction, asked: forms.Form | None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": action.label,
            "opts": self.opts,
            "original": row,
            "action": action,
            "form": asked,
            "back": self.page_of(row),
        }
        return TemplateResponse(request, "admin/row_action.html", context)

    def perform(
        self, request: HttpRequest, row: M, action: RowAction, values: dict[str, Any]
    ) -> None:
        try:
            with transaction.atomic():
                action.run(self, request, row, **values)
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            done = _("Done: {verb}.").format(verb=action.label)
            self.message_user(request, done, messages.SUCCESS)

    def page_of(self, row: M) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[row.pk])

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        extra: dict[str, Any] = dict(extra_context or {})
        if row is not None:
            extra["row_actions"] = self.buttons(request, row)
            extra["timeline"] = self.timeline(row)
            extra |= self.page_context(request, row)
            self.write_down(request, [row], "view")
        return super().change_view(request, object_id, form_url, extra)

    def page_context(self, request: HttpRequest, row: M) -> dict[str, Any]:
        """Give what else the row's page shows."""
        return {}

    def write_down(self, request: HttpRequest, rows: Any, action: str) -> None:
        """Log the read; see BigListAdmin."""

    def buttons(self, request: HttpRequest, row: M) -> list[dict[str, Any]]:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_act"
        return [
            {
                "name": action.name,
                "label": action.label,
                "url": reverse(name, args=[row.pk, action.name]),
                "method": "get" if action.form else "post",
                "confirm": action.confirm,
                "danger": action.danger,
            }
            for action in self.row_actions()
            if request.user.has_perm(action.permission) and action.offered_for(row)
        ]

    def timeline(self, row: M) -> list[AuditEvent]:
        events = AuditEvent.objects.filter(subject=audit.subject_of(row))
        return list(events.order_by("-at", "-pk")[:50])

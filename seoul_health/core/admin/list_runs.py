from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import DomainError

M = TypeVar("M", bound=Model)


class DayForm(forms.Form):
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))


class ListRun(admin.ModelAdmin[M]):
    """A list with one button above it: it asks, confirms and starts a run."""

    run_label: str | Promise
    run_permission: str
    run_confirm: str | Promise = ""
    run_started: ClassVar[str | Promise] = _("Started. The newest row shows how far it is.")
    run_form: type[forms.Form] | None = DayForm

    def start_run(self, request: HttpRequest, **values: Any) -> None:
        raise NotImplementedError

    @property
    def run_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_run"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.run_view)
        return [path("run/", view, name=self.run_name), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = dict(extra_context or {})
        if request.user.has_perm(self.run_permission):
            url = reverse(f"admin:{self.run_name}")
            extra["list_run"] = {"label": self.run_label, "url": url}
        return super().changelist_view(request, extra)

    def run_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(self.run_permission):
            raise PermissionDenied
        asked = self.run_form(request.POST or None) if self.run_form else None
        if request.method != "POST" or (asked and not asked.is_valid()):
            return TemplateResponse(request, "admin/row_action.html", self.asking(request, asked))
        try:
            with transaction.atomic():
                self.start_run(request, **(asked.cleaned_data if asked else {}))
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, str(self.run_started), messages.SUCCESS)
        return HttpResponseRedirect(self.back())

    def asking(self, request: HttpRequest, asked: forms.Form | None) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": self.run_label,
            "opts": self.opts,
            "original": self.opts.verbose_name_plural,
            "action": {"label": self.run_label, "confirm": self.run_confirm},
            "form": asked,
            "back": self.back(),
        }

    def back(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

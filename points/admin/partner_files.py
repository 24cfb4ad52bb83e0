"""The partner's file by hand: chosen, tried, looked at, then compared."""

import io
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from points.models import Operator, Reconciliation
from points.services.operators import in_force
from points.services.partner_files import import_file, preview_file
from seoul_health.core.admin.base import staff_of
from seoul_health.core.admin.exchange import PrivateStorage
from seoul_health.core.admin.list_runs import DayForm
from seoul_health.core.errors import DomainError
from seoul_health.core.spreadsheets import UnreadableFile

PERMISSION = "points.run_reconciliation"


class OperatorForm(DayForm):
    operator = forms.ModelChoiceField(
        label=_("Wallet operator"),
        queryset=Operator.objects.order_by("-starts_at"),
        to_field_name="code",
        initial=in_force,
    )


class UploadForm(OperatorForm):
    file = forms.FileField(label=_("The partner's file (CSV, UTF-8 or CP949)"))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.MAX_UPLOAD_BYTES:
            raise forms.ValidationError(_("The file is too large for the browser."))
        return file


class ApplyForm(OperatorForm):
    kept = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].widget = self.fields["operator"].widget = forms.HiddenInput()


class PartnerFiles(admin.ModelAdmin[Reconciliation]):
    """Adds the upload of a file, with a preview, to the list of reconciliations."""

    def get_urls(self) -> list[URLPattern]:
        name = "points_reconciliation"
        views = (("upload", self.upload_view), ("apply", self.apply_view))
        return [
            path(f"{verb}/", self.admin_site.admin_view(view), name=f"{name}_{verb}")
            for verb, view in views
        ] + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = dict(extra_context or {})
        if request.user.has_perm(PERMISSION):
            url = reverse("admin:points_reconciliation_upload")
            extra["list_upload"] = {"label": _("Compare the partner's file"), "url": url}
        return super().changelist_view(request, extra)

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Try a file and show what it would find; nothing is written."""
        self.refuse_strangers(request)
        asked = UploadForm(request.POST or None, request.FILES or None)
        if request.method != "POST" or not asked.is_valid():
            return self.page(request, asked, _("Compare the partner's file"), "")
        content = asked.cleaned_data["file"].read()
        day, operator = asked.cleaned_data["day"], asked.cleaned_data["operator"]
        try:
            found = preview_file(day, operator, io.BytesIO(content), by=staff_of(request))
        except DomainError as refusal:
            asked.add_error("file", str(refusal))
            return self.page(request, asked, _("Compare the partner's file"), "")
        kept = PrivateStorage()
        kept.save(content)
        confirm = told(found)
        apply = ApplyForm(initial={"day": day, "operator": operator.code, "kept": kept.name})
        return self.page(request, apply, _("Write this comparison down"), confirm, "apply")

    def apply_view(self, request: HttpRequest) -> HttpResponse:
        """Compare the file that was looked at; a second click finds it gone."""
        self.refuse_strangers(request)
        asked = ApplyForm(request.POST or None)
        if request.method == "POST" and asked.is_valid():
            try:
                kept = PrivateStorage(name=asked.cleaned_data["kept"])
                file = io.BytesIO(kept.read())
                day, operator = asked.cleaned_data["day"], asked.cleaned_data["operator"]
                found = import_file(day, operator, file, by=staff_of(request))
                kept.remove()
            except (DomainError, UnreadableFile) as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.message_user(request, told(found), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:points_reconciliation_changelist"))

    def refuse_strangers(self, request: HttpRequest) -> None:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied

    def page(
        self, request: HttpRequest, form: forms.Form, label: Any, confirm: str, verb: str = ""
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": label,
            "opts": self.opts,
            "original": self.opts.verbose_name_plural,
            "action": {"label": label, "confirm": confirm},
            "form": form,
            "target": reverse(f"admin:points_reconciliation_{verb}") if verb else "",
            "back": reverse("admin:points_reconciliation_changelist"),
        }
        return TemplateResponse(request, "admin/row_action.html", context)


def told(found: Reconciliation) -> str:
    sentence = _(
        "Matched {matched}, ours only {ours}, theirs only {theirs}, other amount {differ}; "
        "our total {our_total}, their total {their_total}."
    )
    return str(sentence).format(
        matched=f"{found.matched:,}",
        ours=f"{found.ours_only:,}",
        theirs=f"{found.theirs_only:,}",
        differ=f"{found.amount_differs:,}",
        our_total=f"{found.our_total:,}",
        their_total=f"{found.their_total:,}",
    )

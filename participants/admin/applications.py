from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from participants.models import Application, EvidenceDocument, Participant, ReasonCode
from participants.services import applications
from seoul_health.core import masking
from seoul_health.core.access import log_read
from seoul_health.core.admin.base import BigListAdmin, ReadOnlyAdmin, apply_each, staff_of
from seoul_health.core.admin.exchange import ExchangeMixin
from seoul_health.core.admin.row_actions import row_action
from seoul_health.core.media import SUFFIXES

from .people import ReasonForm, found_by, whole_story
from .resources import ApplicationResource

Status = Application.Status


class RefusalForm(forms.Form):
    """Why not: a reason from the list, own words, or both."""

    use = ReasonCode.Use.REJECT
    code = forms.ModelChoiceField(
        label=_("Reason"), queryset=ReasonCode.objects.none(), required=False
    )
    reason = forms.CharField(
        label=_("What the citizen reads besides"),
        help_text=_("The citizen reads this. Say what is missing and what to do."),
        min_length=5,
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = ReasonCode.objects.for_use(self.use)
        self.fields["code"].queryset = codes  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("code") and not cleaned.get("reason") and not self.errors:
            self.add_error("reason", _("Please choose a reason or write one."))
        return cleaned


class HoldForm(RefusalForm):
    use = ReasonCode.Use.HOLD


class TickedRefusalForm(RefusalForm):
    """One reason for all ticked rows, which come along unseen."""

    action = forms.CharField(widget=forms.HiddenInput)
    _selected_action = forms.Field(widget=forms.MultipleHiddenInput, required=False)


def ask(
    site: admin.ModelAdmin[Any],
    request: HttpRequest,
    form: forms.Form,
    *,
    title: str | Promise,
    about: object,
) -> HttpResponse:
    """Show a form on a page of its own, which posts back to where it came from."""
    context = {
        **site.admin_site.each_context(request),
        "title": title,
        "opts": site.opts,
        "original": about,
        "action": {"label": title, "confirm": "", "danger": False},
        "form": form,
        "back": reverse("admin:participants_application_changelist"),
    }
    return TemplateResponse(request, "admin/row_action.html", context)


class EvidenceInline(admin.TabularInline[EvidenceDocument, Application]):
    model = EvidenceDocument
    extra = 0
    fields = readonly_fields = ("kind", "media_type", "size", "uploaded_at", "download")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("Document"))
    def download(self, row: EvidenceDocument) -> str:
        url = reverse("admin:participants_evidencedocument_download", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, _("Open it"))


@admin.register(Application)
class ApplicationAdmin(ExchangeMixin, BigListAdmin[Application]):
    """The review queue: oldest first, one refusal reason per application."""

    list_display = ("receipt_no", "who", "round", "lane_kind", "basis", "status", "submitted_at")
    list_filter = ("status", "basis", "lane__kind")
    list_select_related = ("participant__profile", "round", "lane")
    search_fields = ("receipt_no",)
    search_help_text = _("Receipt number, or the applicant’s number, name or phone")
    fields = readonly_fields = (
        "receipt_no", "who", "round", "lane_kind", "quota", "basis", "status", "sequence",
        "submitted_at", "decided_at", "rule", "failed_rules", "reason_code", "reason",
        "person_page",
    )  # fmt: skip
    inlines = (EvidenceInline,)
    actions = ("approve_ticked", "reject_ticked")
    resource_classes = [ApplicationResource]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("participants.review_application")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Application], search_term: str
    ) -> tuple[QuerySet[Application], bool]:
        """Read what staff typed: a receipt number, or whatever finds a person."""
        text = search_term.strip()
        if not text:
            return queryset, False
        if text.upper().startswith("A-"):
            return queryset.filter(receipt_no__startswith=text.upper()), False
        return queryset.filter(participant__in=Participant.objects.filter(found_by(text))), False

    def subjects_of(self, rows: Iterable[Application]) -> list[str]:
        return [row.participant.number for row in rows]

    @admin.display(description=_("Applicant"))
    def who(self, row: Application) -> str:
        return f"{masking.mask_name(row.participant.profile.name)} ({row.participant.number})"

    @admin.display(description=_("Everything on one page"))
    def person_page(self, row: Application) -> str:
        return whole_story(row.participant)

    @admin.display(description=_("Lane"))
    def lane_kind(self, row: Application) -> str:
        return row.lane.get_kind_display()

    @admin.action(description=_("Approve"), permissions=["review"])
    def approve_ticked(self, request: HttpRequest, rows: QuerySet[Application]) -> None:
        clerk = staff_of(request)
        apply_each(self, request, rows, lambda row: applications.approve(row, by=clerk))

    @admin.action(description=_("Reject"), permissions=["review"])
    def reject_ticked(
        self, request: HttpRequest, rows: QuerySet[Application]
    ) -> HttpResponse | None:
        """Ask for one reason, then reject each ticked application for it."""
        form = TickedRefusalForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            form.fields["action"].initial = "reject_ticked"
            form.fields["_selected_action"].initial = [row.pk for row in rows]
            return ask(self, request, form, title=_("Reject"), about=self.opts.verbose_name_plural)
        clerk = staff_of(request)
        why = {name: form.cleaned_data[name] for name in ("code", "reason")}
        apply_each(self, request, rows, lambda row: applications.reject(row, by=clerk, **why))
        return None

    @row_action(_("Approve"), permission="participants.review_application", to=Status.APPROVED)
    def approve(self, request: HttpRequest, row: Application) -> None:
        applications.approve(row, by=staff_of(request))

    @row_action(
        _("Put on hold"),
        permission="participants.review_application",
        to=Status.ON_HOLD,
        form=HoldForm,
    )
    def hold(self, request: HttpRequest, row: Application, **values: Any) -> None:
        applications.hold(row, by=staff_of(request), **values)

    @row_action(
        _("Reject"),
        permission="participants.review_application",
        to=Status.REJECTED,
        form=RefusalForm,
        danger=True,
    )
    def reject(self, request: HttpRequest, row: Application, **values: Any) -> None:
        applications.reject(row, by=staff_of(request), **values)


@admin.register(EvidenceDocument)
class EvidenceDocumentAdmin(ReadOnlyAdmin[EvidenceDocument]):
    list_display = ("application", "kind", "media_type", "size", "uploaded_at")
    list_filter = ("kind",)
    list_select_related = ("application__participant",)
    search_fields = ("application__receipt_no__exact",)
    fields = (
        "application", "kind", "media_type", "size", "pages", "kept_sha256", "uploaded_at",
        "frozen_at",
    )  # fmt: skip

    def subjects_of(self, rows: Iterable[EvidenceDocument]) -> list[str]:
        return [row.application.participant.number for row in rows]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download)
        name = "participants_evidencedocument_download"
        return [path("<int:pk>/download/", view, name=name), *super().get_urls()]

    def download(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """Hand out one document as an attachment, for a reason; it never opens in our pages."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("application__participant")
        row = get_object_or_404(rows, pk=pk)
        form = ReasonForm(request.POST or None)
        if not form.is_valid():
            return ask(self, request, form, title=_("Open the document"), about=row.application)
        log_read(
            request,
            self.subjects_of([row]),
            by=staff_of(request),
            action="download",
            what=f"admin:participants.evidencedocument:{row.pk}",
            reason=form.cleaned_data["reason"],
        )
        return FileResponse(
            row.file.open("rb"),
            as_attachment=True,
            filename=f"evidence-{row.pk}{SUFFIXES[row.media_type]}",
            content_type=row.media_type,
        )

"""Reasons, decisions, appeals and approvals of many, as staff look them up and decide them."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from participants.models import (
    Appeal,
    ApprovalBatch,
    Basis,
    BatchItem,
    Decision,
    Lane,
    ReasonCode,
    RecruitmentRound,
)
from participants.rules.eligibility import EVIDENCE
from participants.services import appeals, batches
from participants.services.judging import TAKING
from seoul_health.core.admin.base import BigListAdmin, ReadOnlyAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action
from seoul_health.core.errors import DomainError

from .applications import ask


class AnswerForm(forms.Form):
    """The answer to an appeal: a reason from the list, own words, or both."""

    code = forms.ModelChoiceField(
        label=_("Reason"),
        queryset=ReasonCode.objects.for_use(ReasonCode.Use.APPEAL),
        required=False,
    )
    note = forms.CharField(
        label=_("What the citizen reads besides"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("code") and len(cleaned.get("note", "").strip()) < 5:
            raise forms.ValidationError(_("Please choose a reason or write one."))
        return cleaned


class WhyForm(forms.Form):
    why = forms.CharField(label=_("Reason"), min_length=5, max_length=200)


class ProposalForm(forms.Form):
    """Whom a batch is about; only who meets every condition comes onto its list."""

    round = forms.ModelChoiceField(
        label=_("Round"), queryset=RecruitmentRound.objects.exclude(status="draft")
    )
    kind = forms.ChoiceField(
        label=_("Lane"), choices=[("", _("Every lane")), *Lane.Kind.choices], required=False
    )

    def lane(self) -> Lane | None:
        kind = self.cleaned_data["kind"]
        lanes = Lane.objects.filter(round=self.cleaned_data["round"], kind=kind)
        return lanes.first() if kind else None


@admin.register(ReasonCode)
class ReasonCodeAdmin(BigListAdmin[ReasonCode]):
    list_display = ("code", "use", "label", "sentence", "is_active", "order")
    list_filter = ("use", "is_active")
    search_fields = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Old decisions go on meaning what they meant: a code and its use stay."""
        return ("code", "use") if obj else ()


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin[Decision]):
    list_display = ("application", "outcome", "reason_code", "decided_by", "decided_at")
    list_filter = ("outcome",)
    list_select_related = ("application__participant", "reason_code", "rule__round")
    search_fields = ("application__receipt_no__exact",)
    fields = readonly_fields = (
        "application", "outcome", "rule", "failed_rules", "age", "basis", "district",
        "is_resident", "group", "papers", "reason_code", "reason", "decided_by", "decided_at",
    )  # fmt: skip

    def subjects_of(self, rows: Iterable[Decision]) -> list[str]:
        return [row.application.participant.number for row in rows]

    @admin.display(description=_("Documents seen"))
    def papers(self, row: Decision) -> str:
        lines = [(EVIDENCE.get(one["kind"], one["kind"]), one["sha256"]) for one in row.evidence]
        return format_html_join("", "<div>{} <code>{}</code></div>", lines) or "–"


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin[Appeal]):
    """Objections, newest first; the one who decided before cannot decide again."""

    list_display = ("receipt_no", "status", "filed_at", "handler", "decided_at")
    list_filter = ("status",)
    list_select_related = ("decision__application__participant", "handler", "reason_code")
    search_fields = ("decision__application__receipt_no__exact",)
    fields = readonly_fields = (
        "receipt_no", "status", "text", "against", "why_then", "filed_at", "handler",
        "reason_code", "answer", "decided_by", "decided_at",
    )  # fmt: skip

    def subjects_of(self, rows: Iterable[Appeal]) -> list[str]:
        return [row.decision.application.participant.number for row in rows]

    @admin.display(description=_("Application"))
    def receipt_no(self, row: Appeal) -> str:
        return row.decision.application.receipt_no

    @admin.display(description=_("Against the decision of"))
    def against(self, row: Appeal) -> str:
        address = reverse("admin:participants_decision_change", args=[row.decision_id])
        return format_html('<a href="{}">{}</a>', address, row.decision.decided_by)

    @admin.display(description=_("What the citizen read"))
    def why_then(self, row: Appeal) -> str:
        return row.decision.reason

    @row_action(
        _("Take it on"), permission="participants.decide_appeal", to=Appeal.Status.UNDER_REVIEW
    )
    def take(self, request: HttpRequest, row: Appeal) -> None:
        appeals.take(row, by=staff_of(request))

    @row_action(
        _("Uphold"),
        permission="participants.decide_appeal",
        to=Appeal.Status.UPHELD,
        form=AnswerForm,
        confirm=_("The application comes back to the desk and keeps its place."),
    )
    def uphold(self, request: HttpRequest, row: Appeal, **values: Any) -> None:
        appeals.uphold(row, by=staff_of(request), **values)

    @row_action(
        _("Dismiss"),
        permission="participants.decide_appeal",
        to=Appeal.Status.DISMISSED,
        form=AnswerForm,
        danger=True,
    )
    def dismiss(self, request: HttpRequest, row: Appeal, **values: Any) -> None:
        appeals.dismiss(row, by=staff_of(request), **values)


@admin.register(ApprovalBatch)
class ApprovalBatchAdmin(ReadOnlyAdmin[ApprovalBatch]):
    """Approvals of many: proposed by one person, approved by another, worked off behind."""

    list_display = ("number", "round", "lane_kind", "status", "count", "proposed_by", "proposed_at")
    list_filter = ("status",)
    list_select_related = ("round", "lane", "rule", "proposed_by", "decided_by")
    fields = readonly_fields = (
        "round", "lane_kind", "basis", "rule", "status", "count", "progress", "the_list",
        "list_hash", "proposed_by", "proposed_at", "decided_by", "decided_at", "finished_at",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("participants.propose_approvalbatch")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask whom a batch is about, then freeze its list."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ProposalForm(request.POST or None)
        form.fields["round"].queryset = RecruitmentRound.objects.filter(  # type: ignore[attr-defined]
            status__in=[*TAKING, RecruitmentRound.Status.CLOSED]
        )
        title: Promise = _("Propose a batch")
        if not form.is_valid():
            return ask(self, request, form, title=title, about=self.opts.verbose_name_plural)
        try:
            batch = batches.propose(
                form.cleaned_data["round"],
                lane=form.lane(),
                basis=Basis.RESIDENT,
                by=staff_of(request),
            )
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.path)
        return HttpResponseRedirect(self.page_of(batch))

    @admin.display(description=_("Batch"))
    def number(self, row: ApprovalBatch) -> str:
        return f"#{row.pk}"

    @admin.display(description=_("Lane"))
    def lane_kind(self, row: ApprovalBatch) -> str:
        return row.lane.get_kind_display() if row.lane else str(_("Every lane"))

    @admin.display(description=_("Progress"))
    def progress(self, row: ApprovalBatch) -> str:
        counts = batches.progress_of(row)
        return " · ".join(f"{label} {count:,}" for label, count in counts)

    @admin.display(description=_("List"))
    def the_list(self, row: ApprovalBatch) -> str:
        address = reverse("admin:participants_batchitem_changelist")
        words = _("Show every application of the list")
        return format_html('<a href="{}?batch__id__exact={}">{}</a>', address, row.pk, words)

    @row_action(
        _("Approve"),
        permission="participants.decide_approvalbatch",
        to=ApprovalBatch.Status.APPROVED,
        confirm=_("Every application on the list is judged again and then approved."),
    )
    def approve(self, request: HttpRequest, row: ApprovalBatch) -> None:
        batches.approve_batch(row, by=staff_of(request))

    @row_action(
        _("Reject"),
        permission="participants.decide_approvalbatch",
        to=ApprovalBatch.Status.REJECTED,
        form=WhyForm,
        danger=True,
    )
    def reject(self, request: HttpRequest, row: ApprovalBatch, **values: Any) -> None:
        batches.reject_batch(row, by=staff_of(request), **values)

    @row_action(
        _("Take it back"),
        permission="participants.propose_approvalbatch",
        to=ApprovalBatch.Status.VOID,
        form=WhyForm,
    )
    def withdraw(self, request: HttpRequest, row: ApprovalBatch, **values: Any) -> None:
        batches.void(row, by=staff_of(request), **values)


@admin.register(BatchItem)
class BatchItemAdmin(ReadOnlyAdmin[BatchItem]):
    list_display = ("application", "batch", "outcome", "reason")
    list_filter = ("outcome", "batch")
    list_select_related = ("application__participant", "batch")

    def subjects_of(self, rows: Iterable[BatchItem]) -> list[str]:
        return [row.application.participant.number for row in rows]

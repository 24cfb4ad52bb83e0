from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from points.models import CostShare, CostSharePart, Statement, StatementLine
from points.services.cost_shares import close_month, release_share
from seoul_health.core import audit
from seoul_health.core.admin.base import BigListAdmin, ReadOnlyAdmin, staff_of
from seoul_health.core.admin.list_runs import ListRun
from seoul_health.core.admin.row_actions import row_action
from seoul_health.core.spreadsheets import write_xlsx

from .drafts import DraftLines

Status = CostShare.Status


class PartInline(DraftLines[CostSharePart, CostShare]):
    parent = "costshare"
    model = CostSharePart
    extra = 3
    max_num = 3
    fields = ("party", "weight")


@admin.register(CostShare)
class CostShareAdmin(BigListAdmin[CostShare]):
    """Shares by date. One person drafts, another releases; a released share is not edited."""

    keyset = "-effective_from"
    list_display = ("code", "status", "effective_from", "effective_to", "shares")
    list_filter = ("status",)
    fields = (
        "code", "status", "effective_from", "effective_to", "drafted_by", "released_by",
        "released_at",
    )  # fmt: skip
    readonly_fields = ("status", "effective_to", "drafted_by", "released_by", "released_at")
    inlines = (PartInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("parts")

    @admin.display(description=_("Shares"))
    def shares(self, row: CostShare) -> str:
        parts = sorted(row.parts.all(), key=lambda part: part.pk)
        return " · ".join(f"{part.get_party_display()} {part.weight}" for part in parts) or "–"

    def has_change_permission(self, request: HttpRequest, obj: CostShare | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.status == Status.DRAFT)

    def save_model(
        self, request: HttpRequest, obj: CostShare, form: ModelForm[CostShare], change: bool
    ) -> None:
        if not change:
            obj.drafted_by = staff_of(request)
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "drafted"
        audit.record(verb, obj, by=staff_of(request), fields=form.changed_data)

    @row_action(
        _("Release"),
        permission="points.release_costshare",
        to=Status.RELEASED,
        confirm=_("From its first day on, what is paid out is shared like this."),
    )
    def release(self, request: HttpRequest, row: CostShare) -> None:
        release_share(row, by=staff_of(request))


class MonthForm(forms.Form):
    month = forms.RegexField(
        r"^20[0-9]{2}-(0[1-9]|1[0-2])$",
        label=_("Month"),
        help_text=_("For example 2026-10"),
        error_messages={"invalid": _("Please give a month like 2026-10.")},
    )

    def clean_month(self) -> date:
        return date.fromisoformat(f"{self.cleaned_data['month']}-01")


class LineInline(admin.TabularInline[StatementLine, Statement]):
    model = StatementLine
    extra = 0
    fields = ("cost_share", "party", "paid", "amount")
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("points.view_statement")


@admin.register(Statement)
class StatementAdmin(ListRun[Statement], ReadOnlyAdmin[Statement]):
    """Closed months: what was paid out, and what each party owes of it."""

    run_label = _("Close a month")
    run_permission = "points.close_statement"
    run_confirm = _("The sums of the month are written for good; later payouts count later.")
    run_started = _("The month is closed.")
    run_form = MonthForm
    keyset = "-month"
    list_display = ("month_name", "paid", "payouts", "closed_at", "closed_by", "file_link")
    fields = ("month_name", "paid", "payouts", "closed_at", "closed_by", "file_link")
    readonly_fields = ("month_name", "file_link")
    inlines = (LineInline,)

    @admin.display(description=_("Month"))
    def month_name(self, row: Statement) -> str:
        return str(row)

    @admin.display(description=_("File"))
    def file_link(self, row: Statement) -> str:
        url = reverse("admin:points_statement_file", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, _("Download as a workbook"))

    def start_run(self, request: HttpRequest, **values: Any) -> None:
        close_month(values["month"], by=staff_of(request))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.file)
        return [path("<int:pk>/file/", view, name="points_statement_file"), *super().get_urls()]

    def file(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand out one statement as a workbook; it holds sums only, and nobody's data."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        statement = get_object_or_404(Statement, pk=pk)
        lines = statement.lines.select_related("cost_share").order_by("pk")
        heads = [
            str(name)
            for name in (_("Month"), _("Cost share"), _("Party"), _("Paid out"), _("Amount"))
        ]
        rows = [
            [str(statement), line.cost_share.code, line.get_party_display(), line.paid, line.amount]
            for line in lines
        ]
        owed = sum(line.amount for line in lines)
        total = [str(statement), "", str(_("Total")), statement.paid, owed]
        answer = HttpResponse(
            write_xlsx(heads, [*rows, total]),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        answer["Content-Disposition"] = f'attachment; filename="statement-{statement}.xlsx"'
        return answer

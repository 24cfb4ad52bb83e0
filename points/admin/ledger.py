from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from points.models import Account, Award, Transfer
from points.services.account_statements import AccountStatement
from seoul_health.core import clock
from seoul_health.core.access import log_read
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of

from .statement import (
    MOST_IN_A_FILE,
    StatementForm,
    file_of,
    quick_spans,
    read_asked,
    statement_asked,
)

LINES = 500
FILES = frozenset({"pdf", "csv"})
DOWNLOAD = "points.export_account"
STATEMENT = "admin:points.account"
PLAIN = "text/plain; charset=utf-8"


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin[Account]):
    """Purses and pots. A purse's statement runs line by line; a pot is summed at settlements."""

    list_display = ("code", "kind", "owner", "balance", "statement")
    list_filter = ("kind",)
    list_select_related = ("participant",)
    search_fields = ("code", "participant__number")
    search_help_text = "P-2611-0000001"
    fields = ("code", "kind", "owner", "balance", "statement")

    def subjects_of(self, rows: Iterable[Account]) -> list[str]:
        return [row.participant.number for row in rows if row.participant]

    @admin.display(description=_("Owner"))
    def owner(self, row: Account) -> str:
        return row.participant.number if row.participant else row.get_kind_display()

    @admin.display(description=_("Statement"))
    def statement(self, row: Account) -> str:
        url = reverse("admin:points_account_statement", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, _("Open the statement"))

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.statement_view)
        file = self.admin_site.admin_view(self.file_view)
        name = "points_account_statement"
        return [
            path("<int:pk>/statement/", page, name=name),
            path("<int:pk>/statement.<slug:kind>", file, name=f"{name}_file"),
            *super().get_urls(),
        ]

    def statement_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what moved on some days, with the balance before, after each line and at the end."""
        account = self.account_for(request, pk)
        form = StatementForm(request.GET or None)
        asked = read_asked(form)
        statement = statement_asked(account, asked, most=LINES)
        self.write_statement_down(request, statement, "statement")
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Statement"),
            "opts": self.opts,
            "account": account,
            "form": form,
            "asked": asked,
            "statement": statement,
            "quick": quick_spans(clock.today()),
            "query": request.GET.urlencode() if form.is_valid() else "",
            "may_download": request.user.has_perm(DOWNLOAD),
        }
        status = 400 if form.errors else 200
        page = TemplateResponse(request, "admin/points/statement.html", context, status=status)
        page["Cache-Control"] = "no-store"
        return page

    def file_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """Hand a statement out as a PDF or a CSV file."""
        if kind not in FILES:
            raise Http404
        account = self.account_for(request, pk)
        if not request.user.has_perm(DOWNLOAD):
            raise PermissionDenied
        form = StatementForm(request.GET or None)
        if form.errors:
            return HttpResponse(form.errors.as_text(), status=400, content_type=PLAIN)
        asked = read_asked(form)
        statement = statement_asked(account, asked, most=MOST_IN_A_FILE)
        self.write_statement_down(request, statement, "download")
        return file_of(statement, account, kind=kind)

    def write_statement_down(
        self, request: HttpRequest, statement: AccountStatement, action: str
    ) -> None:
        """Write down whose lines were seen: a pot's statement names many people."""
        owner = statement.account.participant if statement.account else None
        seen = statement.people | ({owner.number} if owner else set())
        log_read(request, seen, by=staff_of(request), action=action, what=STATEMENT)

    def account_for(self, request: HttpRequest, pk: int) -> Account:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request).select_related("participant"), pk=pk)


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin[Transfer]):
    list_display = ("at", "source", "target", "amount", "reason", "business_date", "case")
    list_filter = ("reason",)
    list_select_related = ("source__participant", "target__participant")
    search_fields = ("key",)
    search_help_text = _("The whole key of a transfer")
    fields = (
        "key", "source", "target", "amount", "reason", "business_date", "case", "reversal_of",
        "at",
    )  # fmt: skip

    def subjects_of(self, rows: Iterable[Transfer]) -> list[str]:
        owners = (side.participant for row in rows for side in (row.source, row.target))
        return [owner.number for owner in owners if owner]


@admin.register(Award)
class AwardAdmin(ReadOnlyAdmin[Award]):
    list_display = (
        "participant", "item", "period", "steps", "goal", "points", "reason", "rule", "day",
    )  # fmt: skip
    list_filter = ("item", "reason")
    list_select_related = ("participant", "rule")
    search_fields = ("participant__number",)
    search_help_text = "P-2611-0000001"
    fields = (
        "participant", "item", "period", "steps", "goal", "points", "reason", "rule", "transfer",
        "judged_at", "day",
    )  # fmt: skip

    @admin.display(description=_("Ledger of a day"))
    def day(self, row: Award) -> str:
        page = reverse("boards:day", args=[row.participant.number])
        return format_html('<a href="{}?day={}">{}</a>', page, row.period.isoformat(), _("Show"))

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        return lookup == "period__exact" or super().lookup_allowed(lookup, value, request)

    def subjects_of(self, rows: Iterable[Award]) -> list[str]:
        return [row.participant.number for row in rows]

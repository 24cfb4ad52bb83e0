from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from points.models import Account, Award, Transfer
from points.services.statements import entries_of
from seoul_health.core.admin.base import ReadOnlyAdmin

LINES = 100


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
        view = self.admin_site.admin_view(self.statement_view)
        name = "points_account_statement"
        return [path("<int:pk>/statement/", view, name=name), *super().get_urls()]

    def statement_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show an account's last transfers, a purse's with the balance after each."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        account = get_object_or_404(self.get_queryset(request), pk=pk)
        self.write_down(request, [account], "statement")
        rows = Transfer.objects.of(account).select_related("source", "target")
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Statement"),
            "opts": self.opts,
            "account": account,
            "entries": entries_of(account, list(rows.order_by("-pk")[:LINES])),
        }
        return TemplateResponse(request, "admin/points/statement.html", context)


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
    list_display = ("participant", "item", "period", "steps", "goal", "points", "reason", "rule")
    list_filter = ("item", "reason")
    list_select_related = ("participant", "rule")
    search_fields = ("participant__number",)
    search_help_text = "P-2611-0000001"
    fields = (
        "participant", "item", "period", "steps", "goal", "points", "reason", "rule", "transfer",
        "judged_at",
    )  # fmt: skip

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        return lookup == "period__exact" or super().lookup_allowed(lookup, value, request)

    def subjects_of(self, rows: Iterable[Award]) -> list[str]:
        return [row.participant.number for row in rows]

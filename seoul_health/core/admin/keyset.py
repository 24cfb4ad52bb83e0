from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from seoul_health.core.db import estimated_rows

AFTER, BEFORE = "after", "before"


class KeysetChangeList(ChangeList):
    """A list that opens a page at any depth at the cost of that page alone."""

    next_url: str | None = None
    previous_url: str | None = None
    estimated_count: int | None = None

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        found = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in {AFTER, BEFORE}}

    @property
    def key(self) -> str:
        return str(getattr(self.model_admin, "keyset", "-pk"))

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Model]) -> list[Any]:
        field, sign = self.key.lstrip("-"), "-" if self.key.startswith("-") else ""
        return [self.key] if field == "pk" else [self.key, f"{sign}pk"]

    def get_ordering_field_columns(self) -> dict[int, Any]:
        return {}

    def get_results(self, request: HttpRequest) -> None:
        size = self.list_per_page
        before = request.GET.get(BEFORE)
        rows = self.page_of_rows(request, size)
        more = len(rows) > size
        rows = rows[:size]
        if before:
            rows.reverse()
        has_next, has_previous = (True, more) if before else (more, bool(request.GET.get(AFTER)))
        self.next_url = self.link(AFTER, rows[-1]) if rows and has_next else None
        self.previous_url = self.link(BEFORE, rows[0]) if rows and has_previous else None
        self.estimated_count = self.count(len(rows))
        self.result_list = rows
        self.result_count = len(rows)
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = bool(rows)
        self.can_show_all = False
        self.multi_page = False
        self.paginator = Paginator(rows, max(1, size))

    def page_of_rows(self, request: HttpRequest, size: int) -> list[Model]:
        queryset, before = self.queryset, request.GET.get(BEFORE)
        if before:
            queryset = queryset.reverse()
        if token := before or request.GET.get(AFTER):
            queryset = self.beyond(queryset, token, reverse=bool(before))
        return list(queryset[: size + 1])

    def beyond(self, queryset: QuerySet[Model], token: str, *, reverse: bool) -> QuerySet[Model]:
        field = self.key.lstrip("-")
        side = "lt" if self.key.startswith("-") != reverse else "gt"
        value, _, pk = token.rpartition("|")
        try:
            if field == "pk":
                return queryset.filter(**{f"pk__{side}": int(token)})
            same = Q(**{field: value, f"pk__{side}": int(pk)})
            return queryset.filter(Q(**{f"{field}__{side}": value}) | same)
        except (ValueError, ValidationError):
            return queryset.none()

    def link(self, name: str, row: Model) -> str:
        field = self.key.lstrip("-")
        value = getattr(row, field) if field != "pk" else None
        stamp = value.isoformat() if isinstance(value, date) else value
        token = str(row.pk) if field == "pk" else f"{stamp}|{row.pk}"
        kept = {k: v for k, v in self.params.items() if k not in {AFTER, BEFORE}}
        flat = {k: v[-1] if isinstance(v, list) else v for k, v in kept.items()}
        return "?" + urlencode({**flat, name: token})

    def count(self, shown: int) -> int | None:
        """Estimate only the unfiltered table; a filtered number would have to be counted."""
        if self.query or self.get_filters_params():
            return None
        return max(shown, estimated_rows(self.opts.db_table))

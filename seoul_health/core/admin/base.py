from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar, cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from seoul_health.core.access import log_read
from seoul_health.core.errors import DomainError
from seoul_health.core.models import StaffUser

from .keyset import KeysetChangeList
from .row_actions import RowActions

M = TypeVar("M", bound=Model)


def staff_of(request: HttpRequest) -> StaffUser:
    return cast(StaffUser, request.user)


def apply_each(
    site: admin.ModelAdmin[M],
    request: HttpRequest,
    rows: QuerySet[M],
    command: Callable[[M], object],
) -> None:
    """Run one service per selected row; report refusals row by row, keep the rest."""
    done = 0
    for row in rows.order_by("pk"):
        try:
            command(row)
        except DomainError as refusal:
            site.message_user(request, f"{row}: {refusal}", messages.ERROR)
        else:
            done += 1
    if done:
        site.message_user(request, _("{done} done.").format(done=done), messages.SUCCESS)


class BigListAdmin(RowActions[M]):
    """A list of a million rows: keyset paging, estimated counts, nothing counted per row.

    `keyset` names the column a page continues from (it needs an index with pk).
    `subjects_of` names the participants a page shows; whoever opens it is written down.
    """

    keyset = "-pk"
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    change_form_template = "admin/detail.html"
    search_help_text: ClassVar[Any] = ""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        rows = super().get_queryset(request)
        visible_to = getattr(rows, "visible_to", None)
        return cast("QuerySet[M]", visible_to(request.user)) if visible_to else rows

    def subjects_of(self, rows: Iterable[M]) -> list[str]:
        return []

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            page = response.context_data.get("cl")
            if page is not None:
                self.write_down(request, page.result_list, "list")
        return response

    def write_down(self, request: HttpRequest, rows: Iterable[M], action: str) -> None:
        log_read(
            request,
            self.subjects_of(rows),
            by=staff_of(request),
            action=action,
            what=f"admin:{self.opts.label_lower}",
        )

    def response_action(self, request: HttpRequest, queryset: QuerySet[M]) -> Any:
        """Act on the rows that were ticked; “everything” is a job, not a request."""
        chosen = request.POST.copy()
        chosen["select_across"] = "0"
        request.POST = chosen  # type: ignore[assignment]
        return super().response_action(request, queryset)

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


class ReadOnlyAdmin(BigListAdmin[M]):
    """Rows that only services write: shown, never typed into."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

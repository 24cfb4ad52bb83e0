from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from points.models import Payout, Reconciliation, ReconciliationLine
from seoul_health.core import audit
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.list_runs import ListRun
from seoul_health.core.admin.row_actions import row_action
from seoul_health.core.tasks import enqueue

from .partner_files import PartnerFiles


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin[Payout]):
    """Points on their way to wallets; what the partner has not answered stays visible."""

    list_display = (
        "reference", "participant", "amount", "status", "requested_at", "attempts", "next_at",
        "paid_at",
    )  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("participant",)
    search_fields = ("reference", "participant__number", "receipt_no")
    search_help_text = _("Reference, participant number or the partner's receipt")
    fields = (
        "reference", "participant", "amount", "status", "requested_at", "attempts", "next_at",
        "claimed_at", "paid_at", "receipt_no", "refusal", "problem", "transfer",
    )  # fmt: skip

    def subjects_of(self, rows: Iterable[Payout]) -> list[str]:
        return [row.participant.number for row in rows]

    @row_action(_("Ask the partner"), permission="points.ask_payout")
    def ask_partner(self, request: HttpRequest, row: Payout) -> None:
        """Ring for the worker that asks; nothing is changed by the question itself."""
        audit.record("asked", row, by=staff_of(request))
        enqueue("points.ask_payout", row.pk)


class LineInline(admin.TabularInline[ReconciliationLine, Reconciliation]):
    model = ReconciliationLine
    extra = 0
    max_num = 0
    can_delete = False
    fields = readonly_fields = (
        "kind", "reference", "payout", "our_amount", "their_amount", "receipt_no", "paid_at",
    )  # fmt: skip
    verbose_name_plural = _("Differences")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exceptions().select_related("payout")  # type: ignore[attr-defined]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("points.view_reconciliationline")


@admin.register(Reconciliation)
class ReconciliationAdmin(PartnerFiles, ListRun[Reconciliation], ReadOnlyAdmin[Reconciliation]):
    """Our payouts of a day against the partner's file. Nothing is corrected by itself."""

    run_label = _("Compare a day")
    run_permission = "points.run_reconciliation"
    run_confirm = _("The partner's file of that day is fetched and compared line by line.")
    list_display = (
        "day", "at", "matched", "ours_only", "theirs_only", "amount_differs", "our_total",
        "their_total",
    )  # fmt: skip
    fields = (
        "day", "at", "asked_by", "matched", "ours_only", "theirs_only", "amount_differs",
        "resolved", "our_total", "their_total",
    )  # fmt: skip
    inlines = (LineInline,)

    def start_run(self, request: HttpRequest, **values: Any) -> None:
        enqueue("points.reconcile_day", values["day"].isoformat())

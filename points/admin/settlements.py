from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from points.models import Settlement
from points.services.settlement import plan_settlement
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.list_runs import DayForm, ListRun
from seoul_health.core.tasks import enqueue


class SweepForm(DayForm):
    kind = forms.ChoiceField(
        label=_("Kind"), choices=Settlement.Kind.choices, initial=Settlement.Kind.DAY
    )


@admin.register(Settlement)
class SettlementAdmin(ListRun[Settlement], ReadOnlyAdmin[Settlement]):
    """Sweeps over everybody: what a sweep posts is what was missing."""

    run_label = _("Run a sweep")
    run_permission = "points.run_settlement"
    run_confirm = _("Everybody's day or week is judged again; only what is missing is posted.")
    run_form = SweepForm
    list_display = ("period", "kind", "status", "posted", "points", "capped", "started_at")
    list_filter = ("kind", "status")
    fields = (
        "period", "kind", "status", "posted", "points", "capped", "asked_by", "started_at",
        "finished_at", "progress", "pots",
    )  # fmt: skip
    readonly_fields = ("progress",)

    @admin.display(description=_("Progress"))
    def progress(self, row: Settlement) -> str:
        chunks = row.chunks.all()
        done = chunks.filter(done_at__isnull=False).count()
        return f"{done:,} / {chunks.count():,}"

    def start_run(self, request: HttpRequest, **values: Any) -> None:
        planned = plan_settlement(values["kind"], values["day"], by=staff_of(request))
        enqueue("points.run_settlement", planned.pk)

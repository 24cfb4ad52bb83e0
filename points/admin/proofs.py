from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from points.models import Proof
from seoul_health.core.admin.base import ReadOnlyAdmin
from seoul_health.core.admin.list_runs import ListRun
from seoul_health.core.tasks import enqueue


@admin.register(Proof)
class ProofAdmin(ListRun[Proof], ReadOnlyAdmin[Proof]):
    """Every run of the proof: counts, gaps and the hash of the whole book."""

    run_label = _("Prove now")
    run_permission = "points.run_proof"
    run_confirm = _("Every day, award, transfer and purse is derived again.")
    run_form = None
    list_display = ("at", "ok", "root_hash", "asked_by")
    list_filter = ("ok",)
    fields = ("at", "ok", "asked_by", "counts", "gaps", "root_hash")

    def start_run(self, request: HttpRequest, **values: Any) -> None:
        enqueue("points.prove_points")

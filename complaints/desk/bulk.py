"""How far a step on many complaints has come, and what became of each."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from complaints.models import BulkItem, BulkJob
from complaints.services import bulk
from seoul_health.core import clock
from seoul_health.core.desk import is_fragment, status_of
from seoul_health.core.errors import DomainError

from .base import DeskView

MOST_JOBS = 50


class BulkPage(DeskView):
    """A step on many complaints; shown to who started it and to supervisors."""

    permission = "complaints.answer_complaint"

    def job(self, public_id: UUID) -> BulkJob:
        rows = BulkJob.objects.select_related("agent", "lead", "started_by")
        found = rows.filter(public_id=public_id).first()
        if found is None or not (found.started_by == self.staff or self.supervises()):
            raise Http404
        return found

    def supervises(self) -> bool:
        return self.request.user.has_perm("complaints.supervise_desk")

    def shown(self, job: BulkJob, *, error: str = "", status: int = 200) -> HttpResponse:
        refused = job.items.filter(outcome=BulkItem.Outcome.REFUSED).select_related("complaint")
        context = {
            "job": job,
            "progress": bulk.progress_of(job),
            "refused": refused.order_by("pk"),
            "as_of": clock.now(),
            "error": error,
        }
        if is_fragment(self.request):
            return self.show("bulk_progress.html", context, status=status)
        return self.whole("bulk.html", job.get_kind_display(), context, status=status)


class BulkStepView(BulkPage):
    """GET /desk/bulk/{id}/ — the progress of one step."""

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        return self.shown(self.job(public_id))


class StopView(BulkPage):
    """POST …/stop/ — leave alone what has not been begun."""

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        job = self.job(public_id)
        try:
            bulk.stop(job, by=self.staff)
        except DomainError as refusal:
            return self.shown(self.job(public_id), error=str(refusal), status=status_of(refusal))
        return self.shown(self.job(public_id))


class BulkStepsView(BulkPage):
    """GET /desk/bulk/ — the steps of late."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = BulkJob.objects.select_related("started_by", "agent").order_by("-pk")
        mine = rows if self.supervises() else rows.filter(started_by=self.staff)
        jobs = list(mine[:MOST_JOBS])
        lines = list(zip(jobs, bulk.progress_of_all(jobs), strict=True))
        return self.whole("bulk_steps.html", _("Steps on many complaints"), {"lines": lines})

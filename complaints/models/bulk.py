import uuid
from collections.abc import Mapping
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.stateful import Stateful

from .catalogue import ReplyTemplate
from .complaints import Complaint


class BulkJobQuerySet(models.QuerySet["BulkJob"]):
    def running(self) -> Self:
        return self.filter(status=BulkJob.Status.RUNNING).order_by("pk")


class BulkJob(Stateful):
    """One step on many complaints; every one is taken by itself and says what became of it."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    class Kind(models.TextChoices):
        ASSIGN = "assign", _("Give to an agent")
        NOTE = "note", _("Leave a note")
        ANSWER = "answer", _("Answer")
        MERGE = "merge", _("Merge into one")

    NEXT = {
        Status.RUNNING: frozenset({Status.DONE, Status.STOPPED}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("Step"), max_length=8, choices=Kind)
    status = models.CharField(_("Status"), max_length=24, choices=Status, default=Status.RUNNING)
    count = models.PositiveIntegerField(_("Complaints"))
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Agent"),
    )
    template = models.ForeignKey(
        ReplyTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Template"),
    )
    lead = models.ForeignKey(
        Complaint, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Lead")
    )
    text = models.TextField(_("Text"), max_length=10_000, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Started by")
    )
    started_at = models.DateTimeField(_("Started at"), db_default=Now())
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)

    objects = BulkJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk step")
        verbose_name_plural = _("bulk steps")
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="assign") | Q(agent__isnull=False),
                name="a_bulk_assignment_names_the_agent",
            ),
            models.CheckConstraint(
                condition=~Q(kind="merge") | Q(lead__isnull=False),
                name="a_bulk_merge_names_the_lead",
            ),
            models.CheckConstraint(
                condition=Q(kind="assign") | ~Q(text=""), name="a_bulk_step_has_its_text"
            ),
            models.CheckConstraint(
                condition=Q(status="running", finished_at=None)
                | ~Q(status="running") & Q(finished_at__isnull=False),
                name="bulk_finished_at_tells_the_truth",
            ),
            models.CheckConstraint(
                condition=Q(count__gte=1, count__lte=500), name="a_bulk_step_has_its_limits"
            ),
        ]
        indexes = [models.Index(fields=["started_by", "-id"], name="bulk_steps_of_a_person")]

    def __str__(self) -> str:
        return f"bulk step {self.pk}"

    def audit_detail(self, stamps: Mapping[str, Any]) -> dict[str, object]:
        return {"kind": self.kind, "count": self.count}


class BulkItem(models.Model):
    """One complaint of a bulk step: as it was read, and what became of it."""

    class Outcome(models.TextChoices):
        PENDING = "pending", _("Waiting")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Not possible")
        DROPPED = "dropped", _("Not begun: the step was stopped")

    job = models.ForeignKey(
        BulkJob, models.CASCADE, related_name="items", verbose_name=_("Bulk step")
    )
    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="bulk_items", verbose_name=_("Complaint")
    )
    version = models.PositiveIntegerField(_("Version read"))
    outcome = models.CharField(_("Outcome"), max_length=8, choices=Outcome, default=Outcome.PENDING)
    why = models.CharField(_("Why not"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("complaint of a bulk step")
        verbose_name_plural = _("complaints of bulk steps")
        constraints = [
            models.UniqueConstraint(
                fields=["job", "complaint"], name="a_complaint_is_once_in_a_bulk_step"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="refused") | ~Q(why=""), name="a_refused_item_says_why"
            ),
        ]
        indexes = [models.Index(fields=["job", "outcome", "id"], name="items_of_a_bulk_step")]

    def __str__(self) -> str:
        return f"bulk item {self.pk}"

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.stateful import Stateful


class SignalScan(Stateful):
    """One night's look at a day of everybody; it carries on behind the last person it saw."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")

    NEXT = {Status.RUNNING: frozenset({Status.DONE}), Status.DONE: frozenset({Status.RUNNING})}

    day = models.DateField(_("Day"), unique=True)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.RUNNING)
    seen_to = models.BigIntegerField(_("Done up to"), default=0)
    walkers = models.PositiveIntegerField(_("Days looked at"), default=0)
    raised = models.PositiveIntegerField(_("Holds raised"), default=0)
    started_at = models.DateTimeField(_("Started at"), db_default=Now())
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("scan for misuse")
        verbose_name_plural = _("scans for misuse")
        constraints = [
            models.CheckConstraint(
                condition=Q(status="running", finished_at=None)
                | Q(status="done", finished_at__isnull=False),
                name="a_finished_scan_says_when",
            )
        ]

    def __str__(self) -> str:
        return str(self.day)

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Lane
from seoul_health.core.stateful import Stateful

from .sites import Site
from .stock import Lot


class AllocationQuerySet(models.QuerySet["Allocation"]):
    def running(self) -> Self:
        return self.filter(status="running")

    def by_hand(self) -> Self:
        """Newest allocations that were taken back: their lanes wait for a person."""
        newest = self.order_by("lane", "-pk").distinct("lane").values("pk")
        return self.filter(pk__in=newest, status="undone")


class Allocation(Stateful):
    """Watches set aside for those of one lane who wait for one, block by block."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Finished")
        UNDONE = "undone", _("Taken back")

    NEXT = {
        Status.RUNNING: frozenset({Status.DONE}),
        Status.DONE: frozenset({Status.UNDONE}),
    }

    lane = models.ForeignKey(
        Lane, models.PROTECT, related_name="allocations", verbose_name=_("Lane")
    )
    # Only watches of this lot, of this site; empty: any.
    lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Lot")
    )
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Site")
    )
    most = models.PositiveIntegerField(_("Watches at most"), null=True, blank=True)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.RUNNING)
    given = models.PositiveIntegerField(_("Set aside"), default=0)
    taken_back = models.PositiveIntegerField(_("Put back"), default=0)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Asked by")
    )
    asked_at = models.DateTimeField(_("Asked at"), db_default=Now())
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)

    objects = AllocationQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        permissions = [("allocate_device", _("Can allocate watches to a lane"))]
        constraints = [
            models.UniqueConstraint(
                fields=["lane"],
                condition=Q(status="running"),
                name="one_running_allocation_per_lane",
            ),
            models.CheckConstraint(
                condition=Q(status="running", ended_at=None)
                | (~Q(status="running") & Q(ended_at__isnull=False)),
                name="an_allocation_says_when_it_ended",
            ),
            models.CheckConstraint(
                condition=Q(most=None) | Q(most__gte=1), name="an_allocation_gives_at_least_one"
            ),
        ]

    def __str__(self) -> str:
        return f"AL-{self.pk:06d}"

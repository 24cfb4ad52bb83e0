from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import StaffUser
from seoul_health.core.stateful import Stateful

from .scopes import within
from .stock import Device

RUNNING = ["open", "sent"]


class RepairTicketQuerySet(models.QuerySet["RepairTicket"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(within(user, "device__site"))

    def running(self) -> Self:
        return self.filter(status__in=RUNNING)

    def late(self, today: date) -> Self:
        """Watches a workshop has had longer than it promised."""
        return self.filter(status=RepairTicket.Status.SENT, expected_on__lt=today)


class RepairTicket(Stateful):
    """One repair of one watch: what is wrong, who mends it, what it cost, how it ended."""

    class Status(models.TextChoices):
        OPEN = "open", _("To be sent")
        SENT = "sent", _("At the workshop")
        BACK = "back", _("Came back")
        CANCELLED = "cancelled", _("Cancelled")

    class Outcome(models.TextChoices):
        REPAIRED = "repaired", _("Repaired")
        NO_FAULT = "no_fault", _("No fault found")
        BEYOND_REPAIR = "beyond_repair", _("Beyond repair")
        LOST = "lost", _("Lost by the workshop")

    NEXT = {
        Status.OPEN: frozenset({Status.SENT, Status.CANCELLED}),
        Status.SENT: frozenset({Status.BACK}),
    }

    device = models.ForeignKey(
        Device, models.PROTECT, related_name="repairs", verbose_name=_("Watch")
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.OPEN)
    fault = models.CharField(_("What is wrong"), max_length=200)
    is_under_warranty = models.BooleanField(_("Under warranty"))
    workshop = models.CharField(_("Workshop"), max_length=60, blank=True)
    # The number the workshop knows it by.
    reference = models.CharField(_("Workshop’s number"), max_length=40, blank=True)
    opened_at = models.DateTimeField(_("Opened at"), db_default=Now())
    opened_by = models.CharField(_("Opened by"), max_length=100)
    sent_at = models.DateTimeField(_("Sent at"), null=True, blank=True)
    expected_on = models.DateField(_("Expected back on"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)
    outcome = models.CharField(_("Outcome"), max_length=16, choices=Outcome, blank=True)
    cost = models.PositiveIntegerField(_("Cost (KRW)"), default=0)
    note = models.CharField(_("Note"), max_length=200, blank=True)

    objects = RepairTicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("repair")
        verbose_name_plural = _("repairs")
        constraints = [
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(status__in=RUNNING),
                name="one_running_repair_per_watch",
            ),
            models.CheckConstraint(
                condition=Q(status__in=RUNNING, closed_at=None)
                | Q(status__in=["back", "cancelled"], closed_at__isnull=False),
                name="a_closed_repair_says_when",
            ),
            models.CheckConstraint(
                condition=(Q(status="back") & ~Q(outcome="")) | (~Q(status="back") & Q(outcome="")),
                name="a_repair_that_came_back_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["sent", "back"])
                | (~Q(workshop="") & Q(sent_at__isnull=False)),
                name="a_sent_repair_says_where_and_when",
            ),
        ]
        indexes = [models.Index(fields=["status", "id"], name="repairs_by_status")]

    def __str__(self) -> str:
        return f"repair {self.pk}"

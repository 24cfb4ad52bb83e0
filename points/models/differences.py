from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core import clock
from seoul_health.core.stateful import Stateful

from .operators import Operator
from .payouts import ReconciliationLine


class DifferenceQuerySet(models.QuerySet["Difference"]):
    def unresolved(self) -> Self:
        return self.exclude(status=Difference.Status.RESOLVED)


class Difference(Stateful):
    """A payment we and the partner tell differently, until a person has resolved it."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ASSIGNED = "assigned", _("Assigned")
        RESOLVED = "resolved", _("Resolved")

    class Resolution(models.TextChoices):
        PARTNER_CORRECTED = "partner_corrected", _("Corrected by the partner")
        PAID_LATER = "paid_later", _("Paid on a later day")
        ADJUSTED = "adjusted", _("Adjusted by us")
        EXPLAINED = "explained", _("Explained, nothing to correct")

    NEXT = {
        Status.OPEN: frozenset({Status.ASSIGNED}),
        Status.ASSIGNED: frozenset({Status.ASSIGNED, Status.RESOLVED}),
    }

    operator = models.ForeignKey(
        Operator, models.PROTECT, related_name="differences", verbose_name=_("Wallet operator")
    )
    day = models.DateField(_("Day"))
    reference = models.CharField(_("Reference"), max_length=100)
    line = models.ForeignKey(
        ReconciliationLine, models.PROTECT, related_name="differences", verbose_name=_("Line")
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Owner"),
    )
    opened_at = models.DateTimeField(_("Opened at"), db_default=Now())
    resolution = models.CharField(_("Resolution"), max_length=24, choices=Resolution, blank=True)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    resolved_at = models.DateTimeField(_("Resolved at"), null=True, blank=True)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment difference")
        verbose_name_plural = _("payment differences")
        permissions = [("resolve_difference", _("Can resolve payment differences"))]
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "day", "reference"],
                name="one_difference_per_day_and_reference",
            ),
            models.CheckConstraint(
                condition=Q(status="open", owner=None) | ~Q(status="open") & ~Q(owner=None),
                name="a_difference_in_work_has_an_owner",
            ),
            models.CheckConstraint(
                condition=Q(status="resolved", resolved_at__isnull=False) & ~Q(resolution="")
                | ~Q(status="resolved") & Q(resolved_at=None, resolution=""),
                name="a_resolved_difference_says_how",
            ),
        ]
        indexes = [
            models.Index(
                fields=["opened_at"], name="differences_in_work", condition=~Q(status="resolved")
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def age(self) -> timedelta:
        return (self.resolved_at or clock.now()) - self.opened_at

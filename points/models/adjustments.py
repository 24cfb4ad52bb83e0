from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .accounts import Transfer


class AdjustmentQuerySet(models.QuerySet["Adjustment"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)


class Adjustment(Stateful):
    """Points given or taken by hand: one person asks, another approves, once."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")

    class Reason(models.TextChoices):
        MISSED_STEPS = "missed_steps", _("Steps lost by a fault of ours")
        WRONG_AWARD = "wrong_award", _("Awarded in error")
        GOODWILL = "goodwill", _("Compensation after a complaint")
        MISUSE = "misuse", _("Points earned by misuse")

    NEXT = {Status.REQUESTED: frozenset({Status.APPROVED, Status.DECLINED})}

    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="adjustments", verbose_name=_("Participant")
    )
    # Below zero: points are taken.
    amount = models.IntegerField(_("Points"))
    reason = models.CharField(_("Reason"), max_length=24, choices=Reason)
    case = models.CharField(_("Case"), max_length=40)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.REQUESTED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Requested by")
    )
    requested_at = models.DateTimeField(_("Requested at"), db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Decided by"),
    )
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    transfer = models.OneToOneField(
        Transfer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adjustment",
        verbose_name=_("Transfer"),
    )

    objects = AdjustmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        permissions = [("approve_adjustment", _("Can approve adjustments"))]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="an_adjustment_moves_something"),
            models.CheckConstraint(condition=~Q(case=""), name="an_adjustment_names_its_case"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
                name="two_people_adjust",
            ),
            models.CheckConstraint(
                condition=Q(status="requested", decided_by=None, decided_at=None, transfer=None)
                | Q(
                    status="approved",
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    transfer__isnull=False,
                )
                | Q(
                    status="declined",
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    transfer=None,
                ),
                name="a_decided_adjustment_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"adjustment {self.pk}"

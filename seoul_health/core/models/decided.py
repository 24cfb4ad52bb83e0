from datetime import datetime
from typing import TypedDict

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core import clock
from seoul_health.core.errors import SamePerson
from seoul_health.core.stateful import Stateful

from .staff import StaffUser


class Decided(TypedDict):
    decided_by: StaffUser
    decided_at: datetime


class DecidedByTwo(Stateful):
    """What one person asks for and another decides; the database keeps the two apart."""

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

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="%(class)s_decision_says_when",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
                name="%(class)s_needs_two_people",
            ),
        ]

    def decided(self, by: StaffUser) -> Decided:
        """Give the stamps of a decision by somebody else than who asked, or raise SamePerson."""
        if by == self.requested_by:
            raise SamePerson
        return {"decided_by": by, "decided_at": clock.now()}

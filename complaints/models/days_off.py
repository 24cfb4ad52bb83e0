from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.stateful import Stateful


class HolidayChange(Stateful):
    """A day that was declared off, or a working day after all, and what it did to the clocks."""

    class Status(models.TextChoices):
        COMPUTING = "computing", _("Due times are being computed")
        DONE = "done", _("Done")

    class Change(models.TextChoices):
        ADDED = "added", _("Day off")
        REMOVED = "removed", _("Working day after all")
        DROPPED = "dropped", _("Correction taken back")

    NEXT: ClassVar = {Status.COMPUTING: frozenset({Status.DONE})}

    day = models.DateField(_("Day"))
    change = models.CharField(_("Change"), max_length=8, choices=Change)
    name = models.CharField(_("Name"), max_length=60)
    reason = models.CharField(_("Reason"), max_length=300)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.COMPUTING)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Declared by")
    )
    declared_at = models.DateTimeField(_("Declared at"), db_default=Now())
    # Where the computation has come to: it goes on from here when it was interrupted.
    after_complaint = models.BigIntegerField(default=0)
    examined = models.PositiveIntegerField(_("Complaints examined"), default=0)
    moved = models.PositiveIntegerField(_("Due times moved"), default=0)
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of a holiday")
        verbose_name_plural = _("changes of holidays")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(reason=""), name="a_holiday_change_says_why"
            ),
            models.CheckConstraint(
                condition=Q(status="computing", finished_at=None)
                | Q(status="done", finished_at__isnull=False),
                name="a_computed_holiday_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.change}"

from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import StaffUser

from .loans import Loan, RecoveryStep


class SilentLoanQuerySet(models.QuerySet["SilentLoan"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(loan__in=Loan.objects.visible_to(user))

    def since(self, days: int, today: date) -> Self:
        """Those without a step for so many days or more."""
        return self.filter(silent_since__lte=today - timedelta(days=days))


class SilentLoan(models.Model):
    """A watch that is with its citizen and has not been walked with for a month or more."""

    loan = models.OneToOneField(Loan, models.PROTECT, primary_key=True, related_name="silence")
    # The last day with a step, or the day the loan began.
    silent_since = models.DateField(_("Silent since"))
    seen_at = models.DateTimeField(_("As of"), db_default=Now())

    objects = SilentLoanQuerySet.as_manager()

    class Meta:
        verbose_name = _("silent watch")
        verbose_name_plural = _("silent watches")
        indexes = [models.Index(fields=["silent_since", "loan"], name="longest_silent_first")]

    def __str__(self) -> str:
        return f"silent loan {self.pk}"


class SilentStep(models.Model):
    """Somebody silent was written to or put on the list of calls, once per silence and kind."""

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="silent_steps", db_index=False)
    silent_since = models.DateField(_("Silent since"))
    # After how many days of silence: 30, 60 or 90.
    days = models.PositiveSmallIntegerField(_("Days silent"))
    kind = models.CharField(_("Kind"), max_length=12, choices=RecoveryStep.Kind)
    step = models.OneToOneField(RecoveryStep, models.PROTECT, related_name="silence")

    class Meta:
        verbose_name = _("step about a silent watch")
        verbose_name_plural = _("steps about silent watches")
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "silent_since", "days", "kind"],
                name="one_step_per_silence_and_kind",
            ),
            models.CheckConstraint(
                condition=Q(days__in=[30, 60, 90]), name="silence_counts_in_months"
            ),
        ]

    def __str__(self) -> str:
        return f"silent step {self.pk}"

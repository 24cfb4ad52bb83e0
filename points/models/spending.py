from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models.records import append_only

from .accounts import Reason
from .budgets import Budget


class SpentDay(models.Model):
    """What moved on one business day for one reason, added up as the ledger grows."""

    day = models.DateField(_("Business date"))
    reason = models.CharField(_("Reason"), max_length=24, choices=Reason)
    points = models.BigIntegerField(_("Points"))
    transfers = models.PositiveIntegerField(_("Transfers"))

    class Meta:
        verbose_name = _("sum of a day")
        verbose_name_plural = _("sums of days")
        constraints = [
            models.UniqueConstraint(fields=["day", "reason"], name="one_sum_per_day_and_reason")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}"


class SpentCount(models.Model):
    """Up to which transfer the days have been added up; there is one row."""

    counted_to = models.BigIntegerField(default=0)
    at = models.DateTimeField(_("As of"), db_default=Now())

    class Meta:
        verbose_name = _("count of spending")
        verbose_name_plural = _("counts of spending")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="spending_is_counted_once")]

    def __str__(self) -> str:
        return str(self.counted_to)


class BudgetForecastQuerySet(models.QuerySet["BudgetForecast"]):
    def newest(self, budget: Budget) -> Self:
        return self.filter(budget=budget).order_by("-pk")


class BudgetForecast(models.Model):
    """What a night's outlook said of a budget; kept, so that it can be held against what came."""

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="forecasts")
    at = models.DateTimeField(_("As of"), db_default=Now())
    # The last day of the weeks that were carried on.
    last_day = models.DateField()
    runs_out_on = models.DateField(_("Runs out on"), null=True)
    earliest = models.DateField(_("At the earliest"), null=True)
    latest = models.DateField(_("At the latest"), null=True)
    at_the_end = models.BigIntegerField(_("Expected at the end"))
    earners = models.PositiveIntegerField(_("People earning"))
    # Up to a day: [day, expected, low, high], a week apart.
    ahead = models.JSONField(default=list)

    objects = BudgetForecastQuerySet.as_manager()

    class Meta:
        verbose_name = _("budget forecast")
        verbose_name_plural = _("budget forecasts")
        permissions = [("run_budgetforecast", _("Can ask for budget forecasts"))]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.budget_id} {self.last_day}"

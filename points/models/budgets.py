from datetime import date
from typing import Self

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant, Participation
from seoul_health.core.models.decided import DecidedByTwo
from seoul_health.core.models.records import append_only

from .awards import Award


class BudgetQuerySet(models.QuerySet["Budget"]):
    def in_force(self) -> Self:
        return self.filter(status=Budget.Status.RELEASED)

    def on(self, day: date) -> Self:
        return self.in_force().filter(first_on__lte=day, last_on__gte=day)


class Budget(DecidedByTwo):
    """The most that people may earn in a programme year. A change is a new version of it."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Asked for")
        RELEASED = "released", _("In force")
        REFUSED = "refused", _("Refused")
        SUPERSEDED = "superseded", _("Replaced")

    NEXT = {
        Status.ASKED: frozenset({Status.RELEASED, Status.REFUSED}),
        Status.RELEASED: frozenset({Status.SUPERSEDED}),
    }

    code = models.SlugField(_("Code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("Version"), default=1)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.ASKED)
    first_on = models.DateField(_("From"))
    last_on = models.DateField(_("Until"))
    ceiling = models.BigIntegerField(_("Ceiling"))
    warn_at = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(100)]),
        verbose_name=_("Warn at (percent)"),
        default=list,
        blank=True,
    )
    why = models.CharField(_("Reason"), max_length=200)

    objects = BudgetQuerySet.as_manager()

    class Meta(DecidedByTwo.Meta):
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        permissions = [("release_budget", _("Can release budgets"))]
        constraints = [
            *DecidedByTwo.Meta.constraints,
            models.UniqueConstraint(fields=["code", "version"], name="one_budget_per_version"),
            ExclusionConstraint(
                name="one_budget_per_day",
                expressions=[
                    (
                        Func(
                            F("first_on"),
                            F("last_on"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    )
                ],
                condition=Q(status="released"),
            ),
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")),
                name="a_budget_ends_after_it_starts",
                violation_error_message=_("A budget must not end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(ceiling__gt=0),
                name="a_budget_is_more_than_nothing",
                violation_error_message=_("A budget is more than nothing."),
            ),
            models.CheckConstraint(
                condition=Q(status="asked", decided_by=None)
                | ~Q(status="asked") & Q(decided_by__isnull=False),
                name="a_budget_in_force_was_decided",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="terms_are_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "code", "version", "first_on", "last_on", "ceiling", "requested_by"
                ),
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class BudgetGuard(models.Model):
    """Where a budget in force stands: up to which transfer nobody has to ask for money.

    Far from the ceiling every transfer up to number `free_until` fits, whatever it moves up to
    `largest`; beyond it, points are drawn from tills. The database refuses what was not drawn.
    """

    class Mode(models.TextChoices):
        FREE = "free", _("Far from the ceiling")
        CLOSING = "closing", _("Being counted")
        DRAWING = "drawing", _("Near the ceiling: every award is counted")

    budget = models.OneToOneField(Budget, models.PROTECT, primary_key=True, related_name="guard")
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.CLOSING)
    free_until = models.BigIntegerField()
    largest = models.PositiveIntegerField()
    # Everything up to this transfer is in `spent`; in drawing, what the tills gave out is too.
    counted_to = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    counted_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("budget guard")
        verbose_name_plural = _("budget guards")
        constraints = [
            models.CheckConstraint(condition=Q(largest__gt=0), name="a_guard_knows_the_largest")
        ]

    def __str__(self) -> str:
        return f"{self.budget_id} {self.mode}"


class BudgetTill(models.Model):
    """A part of what is left of a budget; awards near the ceiling draw on any free one."""

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="tills", db_index=False)
    place = models.PositiveSmallIntegerField()
    left = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("budget till")
        verbose_name_plural = _("budget tills")
        constraints = [
            models.UniqueConstraint(fields=["budget", "place"], name="one_till_per_place"),
            models.CheckConstraint(condition=Q(left__gte=0), name="tills_are_never_overdrawn"),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id}/{self.place}"


class BudgetWarning(models.Model):
    """That a share of a budget was reached; said once."""

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="warnings", db_index=False)
    percent = models.PositiveSmallIntegerField(_("Percent"))
    at = models.DateTimeField(_("At"), db_default=Now())

    class Meta:
        verbose_name = _("budget warning")
        verbose_name_plural = _("budget warnings")
        constraints = [
            models.UniqueConstraint(fields=["budget", "percent"], name="one_warning_per_share")
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.budget_id} {self.percent} %"


class UnfundedQuerySet(models.QuerySet["Unfunded"]):
    def waiting(self) -> Self:
        """Those that have not been awarded since."""
        made = Award.objects.filter(
            participant=OuterRef("participant"), item=OuterRef("item"), period=OuterRef("period")
        )
        return self.filter(~Exists(made))


class Unfunded(models.Model):
    """What somebody has earned and no budget was left for; judged again when there is."""

    participation = models.ForeignKey(
        Participation, models.PROTECT, related_name="+", verbose_name=_("Participation")
    )
    participant = models.ForeignKey(
        Participant,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("Participant"),
    )
    item = models.CharField(_("What for"), max_length=30)
    period = models.DateField(_("Day"))
    points = models.PositiveIntegerField(_("Points"))
    at = models.DateTimeField(_("At"), db_default=Now())

    objects = UnfundedQuerySet.as_manager()

    class Meta:
        verbose_name = _("award without budget")
        verbose_name_plural = _("awards without budget")
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "item", "period"], name="one_wait_per_earning_fact"
            ),
            models.CheckConstraint(condition=Q(points__gt=0), name="a_wait_is_for_something"),
        ]
        indexes = [models.Index(fields=["item", "period"], name="waits_of_a_period")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.item} {self.period}"

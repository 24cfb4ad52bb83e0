from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from points.rules import earning
from seoul_health.core.stateful import Stateful

from .guards import kept_once_released


class EarningRuleQuerySet(models.QuerySet["EarningRule"]):
    def released(self) -> Self:
        return self.filter(status=EarningRule.Status.RELEASED)

    def open_ended(self) -> Self:
        return self.released().filter(effective_to=None)

    def in_force(self, day: date) -> Self:
        unended = Q(effective_to=None) | Q(effective_to__gte=day)
        return self.released().filter(unended, effective_from__lte=day)


class EarningRule(Stateful):
    """What a day and a week of walking earn, from one day on. Released by a second person."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RELEASED = "released", _("Released")

    NEXT = {Status.DRAFT: frozenset({Status.RELEASED})}

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.DRAFT)
    effective_from = models.DateField(_("In force from"))
    effective_to = models.DateField(_("In force until"), null=True, blank=True)
    goal = models.PositiveIntegerField(_("Goal in steps"), default=8_000)
    senior_goal = models.PositiveIntegerField(_("Goal of seniors"), null=True, blank=True)
    senior_age = models.PositiveSmallIntegerField(_("Seniors from age"), default=70)
    daily_points = models.PositiveIntegerField(_("Points of a day"))
    weekly_points = models.PositiveIntegerField(_("Points of a week"), default=0)
    weekly_days = models.PositiveSmallIntegerField(_("Goal days of a week"), default=0)
    weekly_needs_weekend = models.BooleanField(_("Needs a weekend day"), default=False)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Drafted by"),
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Released by"),
    )
    released_at = models.DateTimeField(_("Released at"), null=True, blank=True)

    objects = EarningRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("earning rule")
        verbose_name_plural = _("earning rules")
        permissions = [("release_earningrule", _("Can release earning rules"))]
        constraints = [
            ExclusionConstraint(
                name="one_released_rule_per_day",
                expressions=[
                    (
                        Func(
                            F("effective_from"),
                            F("effective_to"),
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
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
                name="a_rule_ends_after_it_starts",
                violation_error_message=_("A rule must not end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(status="draft", released_at=None)
                | Q(status="released", released_at__isnull=False),
                name="a_released_rule_says_when",
            ),
            models.CheckConstraint(
                condition=Q(released_by=None)
                | Q(drafted_by=None)
                | ~Q(released_by=F("drafted_by")),
                name="two_people_release_a_rule",
            ),
            # Participant.senior_from is the day of the seventieth birthday; nothing else is known.
            models.CheckConstraint(
                condition=Q(senior_age=70),
                name="seniors_are_seventy",
                violation_error_message=_("Seniors are counted from the age of 70."),
            ),
        ]
        triggers = [kept_once_released()]

    def __str__(self) -> str:
        return self.code

    def as_rule(self) -> earning.Rule:
        """Give the pure form that judges days and weeks."""
        return earning.Rule(
            code=self.code,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            goal=self.goal,
            senior_goal=self.senior_goal,
            senior_age=self.senior_age,
            daily_points=self.daily_points,
            weekly_points=self.weekly_points,
            weekly_days=self.weekly_days,
            weekly_needs_weekend=self.weekly_needs_weekend,
            caps=tuple(cap.as_cap() for cap in self.caps.all()),
        )


class EarningCap(models.Model):
    """The most that some ways to earn may give one person in a period."""

    class Period(models.TextChoices):
        HALF_YEAR = "half_year", _("Half a year")
        YEAR = "year", _("A year")

    rule = models.ForeignKey(
        EarningRule, models.CASCADE, related_name="caps", verbose_name=_("Earning rule")
    )
    group = models.SlugField(_("Group"), max_length=30)
    items = ArrayField(
        models.CharField(max_length=30), verbose_name=_("What counts"), default=list, blank=True
    )
    amount = models.PositiveIntegerField(_("Limit in points"))
    period = models.CharField(_("Period"), max_length=12, choices=Period, default=Period.YEAR)

    class Meta:
        verbose_name = _("earning limit")
        verbose_name_plural = _("earning limits")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["rule", "group"], name="one_cap_per_rule_and_group")
        ]

    def __str__(self) -> str:
        return f"{self.group} ≤ {self.amount}"

    def as_cap(self) -> earning.Cap:
        return earning.Cap(self.group, tuple(self.items), self.amount, self.period)

from datetime import date
from typing import Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models.decided import DecidedByTwo
from seoul_health.core.stateful import Stateful


class Party(models.TextChoices):
    """Who carries the programme's cost."""

    CITY = "city", _("City")
    DISTRICT = "district", _("District")
    PARTNER = "partner", _("Partner")


class CostShareQuerySet(models.QuerySet["CostShare"]):
    def released(self) -> Self:
        return self.filter(status=CostShare.Status.RELEASED)

    def in_force(self, first: date, last: date) -> Self:
        """Shares released for some day between two days."""
        unended = Q(effective_to=None) | Q(effective_to__gte=first)
        return self.released().filter(unended, effective_from__lte=last)


class CostShare(Stateful):
    """Who pays how much of what is paid out, from one day on. Released by a second person."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RELEASED = "released", _("Released")

    NEXT = {Status.DRAFT: frozenset({Status.RELEASED})}

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.DRAFT)
    effective_from = models.DateField(_("In force from"))
    effective_to = models.DateField(_("In force until"), null=True, blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Drafted by"),
    )  # fmt: skip
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Released by"),
    )  # fmt: skip
    released_at = models.DateTimeField(_("Released at"), null=True, blank=True)

    objects = CostShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost share")
        verbose_name_plural = _("cost shares")
        permissions = [("release_costshare", _("Can release cost shares"))]
        constraints = [
            ExclusionConstraint(
                name="one_released_cost_share_per_day",
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
                name="a_cost_share_ends_after_it_starts",
                violation_error_message=_("A cost share must not end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(released_by=None)
                | Q(drafted_by=None)
                | ~Q(released_by=F("drafted_by")),
                name="two_people_release_a_cost_share",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="kept_once_released",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__status="released"),
            )
        ]

    def __str__(self) -> str:
        return self.code

    def weights(self) -> dict[str, int]:
        """Give each party's weight, in the order in which equal remainders go."""
        parts = self.parts.order_by("pk").values_list("party", "weight")
        return dict(parts)


class CostSharePart(models.Model):
    """One party's weight in a cost share."""

    cost_share = models.ForeignKey(
        CostShare, models.CASCADE, related_name="parts", verbose_name=_("Cost share")
    )
    party = models.CharField(_("Party"), max_length=12, choices=Party)
    weight = models.PositiveIntegerField(_("Weight"))

    class Meta:
        verbose_name = _("part of a cost share")
        verbose_name_plural = _("parts of a cost share")
        constraints = [
            models.UniqueConstraint(fields=["cost_share", "party"], name="one_part_per_party"),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=10_000),
                name="a_part_has_a_weight",
                violation_error_message=_("A weight is between 1 and 10,000."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} {self.weight}"


class Statement(models.Model):
    """What each party owes for one month, to the won. Written once and never changed."""

    month = models.DateField(_("Month"), unique=True)
    paid = models.BigIntegerField(_("Paid out"))
    payouts = models.PositiveIntegerField(_("Payouts"))
    closed_at = models.DateTimeField(_("Closed at"))
    closed_by = models.CharField(_("Closed by"), max_length=100)

    class Meta:
        verbose_name = _("monthly statement")
        verbose_name_plural = _("monthly statements")
        permissions = [("close_statement", _("Can close monthly statements"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(month__day=1), name="a_statement_is_about_a_whole_month"
            )
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class StatementLine(models.Model):
    """One party's part of what was paid out in a month under one version of the share."""

    statement = models.ForeignKey(
        Statement, models.PROTECT, related_name="lines", verbose_name=_("Monthly statement")
    )
    cost_share = models.ForeignKey(
        CostShare, models.PROTECT, related_name="+", verbose_name=_("Cost share")
    )
    party = models.CharField(_("Party"), max_length=12, choices=Party)
    paid = models.BigIntegerField(_("Paid out"))
    amount = models.BigIntegerField(_("Amount"))

    class Meta:
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of a statement")
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "cost_share", "party"], name="one_line_per_party_and_share"
            )
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.party} {self.amount}"


class ShareCorrection(DecidedByTwo):
    """What a closed month charged to the wrong party: settled between two in the next one.

    A closed statement is never written again, and the sum of all parties stays what was paid out.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("Asked for")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    NEXT = {Status.ASKED: frozenset({Status.APPROVED, Status.REFUSED})}

    corrects = models.ForeignKey(
        Statement, models.PROTECT, related_name="corrections", verbose_name=_("Corrected month")
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.ASKED)
    relieved = models.CharField(_("Was charged too much"), max_length=12, choices=Party)
    charged = models.CharField(_("Was charged too little"), max_length=12, choices=Party)
    amount = models.BigIntegerField(_("Amount"))
    why = models.CharField(_("Reason"), max_length=200)
    # The statement it is part of, from the day that month is closed.
    statement = models.ForeignKey(
        Statement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
        verbose_name=_("Monthly statement"),
    )

    class Meta(DecidedByTwo.Meta):
        verbose_name = _("correction of a statement")
        verbose_name_plural = _("corrections of statements")
        permissions = [("decide_sharecorrection", _("Can decide on corrections of statements"))]
        constraints = [
            *DecidedByTwo.Meta.constraints,
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="a_share_correction_moves_something",
                violation_error_message=_("A correction is more than nothing."),
            ),
            models.CheckConstraint(
                condition=~Q(relieved=F("charged")),
                name="a_share_correction_is_between_two",
                violation_error_message=_("A correction is between two different parties."),
            ),
            models.CheckConstraint(
                condition=Q(statement=None) | Q(status="approved"),
                name="only_approved_corrections_are_settled",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="settled_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__statement__isnull=False),
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.corrects_id} {self.relieved} → {self.charged} {self.amount}"

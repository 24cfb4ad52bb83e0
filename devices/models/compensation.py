from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.models import DecidedByTwo, StaffUser
from seoul_health.core.stateful import Stateful

from .loans import Loan
from .stock import GRADES

UNDECIDED = ["open", "demanded"]


class Cause(models.TextChoices):
    NOT_RETURNED = "not_returned", _("Not returned")
    LOST = "lost", _("Lost")
    DAMAGED = "damaged", _("Damaged")


class CompensationPolicyQuerySet(models.QuerySet["CompensationPolicy"]):
    def in_force(self, day: date) -> Self:
        ends = Q(effective_to=None) | Q(effective_to__gte=day)
        return self.filter(ends, effective_from__lte=day)


class CompensationPolicy(models.Model):
    """Which share of its price a watch costs, by cause, grade and age; in force from a day on."""

    cause = models.CharField(_("Cause"), max_length=12, choices=Cause)
    grade = models.CharField(_("Grade"), max_length=1, blank=True, help_text=_("Empty: any grade."))
    months_from = models.PositiveSmallIntegerField(_("Age from (months)"), default=0)
    months_to = models.PositiveSmallIntegerField(_("Age to (months)"), default=240)
    percent = models.PositiveSmallIntegerField(_("Share of the price (%)"))
    holds_payouts = models.BooleanField(_("Payouts wait until it is decided"), default=True)
    instalments = models.PositiveSmallIntegerField(_("Instalments at most"), default=1)
    effective_from = models.DateField(_("In force from"))
    effective_to = models.DateField(_("In force until"), null=True, blank=True)

    objects = CompensationPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("compensation policy")
        verbose_name_plural = _("compensation policies")
        constraints = [
            ExclusionConstraint(
                name="one_compensation_policy_at_a_time",
                expressions=[
                    ("cause", RangeOperators.EQUAL),
                    ("grade", RangeOperators.EQUAL),
                    (
                        Func("months_from", "months_to", Value("[]"), function="int4range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func("effective_from", "effective_to", Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=Q(percent__lte=100), name="nobody_pays_more_than_the_price"
            ),
            models.CheckConstraint(
                condition=Q(months_to__gte=F("months_from")), name="ages_of_watches_are_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.grade} {self.months_from}–{self.months_to}: {self.percent} %"


class CompensationCaseQuerySet(models.QuerySet["CompensationCase"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(loan__in=Loan.objects.visible_to(user))

    def undecided(self) -> Self:
        return self.filter(status__in=UNDECIDED)

    def holding(self, participant: Participant) -> Self:
        """Cases for which somebody's payouts wait; a watch that came back holds none."""
        back = Q(cause=Cause.NOT_RETURNED, loan__returned_at__isnull=False)
        held = self.undecided().filter(holds_payouts=True, loan__participant=participant)
        return held.exclude(back)


class CompensationCase(Stateful):
    """What a citizen owes for a watch: by policy, paid in money, waived by two; never in points."""

    class Status(models.TextChoices):
        OPEN = "open", _("To be decided")
        DEMANDED = "demanded", _("Demanded")
        PAID = "paid", _("Paid")
        WAIVED = "waived", _("Waived")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    NEXT = {
        Status.OPEN: frozenset({Status.DEMANDED, Status.WAIVED, Status.WITHDRAWN}),
        Status.DEMANDED: frozenset({Status.PAID, Status.WAIVED, Status.WITHDRAWN}),
    }

    loan = models.ForeignKey(
        Loan, models.PROTECT, related_name="compensation", verbose_name=_("Loan")
    )
    policy = models.ForeignKey(
        CompensationPolicy, models.PROTECT, related_name="cases", verbose_name=_("Policy")
    )
    cause = models.CharField(_("Cause"), max_length=12, choices=Cause)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.OPEN)
    # What the amount was reckoned from is kept beside it.
    unit_price = models.PositiveIntegerField(_("Unit price (KRW)"))
    age_months = models.PositiveSmallIntegerField(_("Age (months)"))
    grade = models.CharField(_("Grade"), max_length=1)
    amount = models.PositiveIntegerField(_("Amount (KRW)"))
    holds_payouts = models.BooleanField(_("Payouts wait until it is decided"))
    instalments = models.PositiveSmallIntegerField(_("Instalments"), default=1)
    opened_at = models.DateTimeField(_("Opened at"), db_default=Now())
    demanded_at = models.DateTimeField(_("Demanded at"), null=True, blank=True)
    pay_by = models.DateField(_("Pay by"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)

    objects = CompensationCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("compensation case")
        verbose_name_plural = _("compensation cases")
        permissions = [
            ("demand_compensation", _("Can demand compensation and record payments")),
            ("waive_compensation", _("Can decide on waivers of compensation")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["loan"],
                condition=Q(status__in=UNDECIDED),
                name="one_undecided_case_per_loan",
            ),
            models.CheckConstraint(
                condition=Q(amount__lte=F("unit_price")), name="a_case_asks_at_most_the_price"
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNDECIDED, closed_at=None)
                | Q(status__in=["paid", "waived", "withdrawn"], closed_at__isnull=False),
                name="a_closed_case_says_when",
            ),
            models.CheckConstraint(condition=Q(grade__in=GRADES), name="a_case_has_a_grade"),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"


class CompensationWaiver(DecidedByTwo):
    """Somebody asks to let a citizen off; somebody else decides."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    NEXT = {Status.REQUESTED: frozenset({Status.APPROVED, Status.REJECTED})}

    case = models.ForeignKey(CompensationCase, models.PROTECT, related_name="waivers")
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.REQUESTED)
    reason = models.CharField(_("Reason"), max_length=200)

    class Meta(DecidedByTwo.Meta):
        verbose_name = _("waiver of compensation")
        verbose_name_plural = _("waivers of compensation")
        constraints = [
            *DecidedByTwo.Meta.constraints,
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status="requested"),
                name="one_waiver_at_a_time_per_case",
            ),
            models.CheckConstraint(
                condition=Q(status="requested") | Q(decided_by__isnull=False),
                name="a_waiver_is_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"waiver {self.pk}"


class CompensationPayment(models.Model):
    """Money a citizen paid for a watch, by the receipt of the city's account."""

    case = models.ForeignKey(CompensationCase, models.PROTECT, related_name="payments")
    amount = models.PositiveIntegerField(_("Amount (KRW)"))
    paid_on = models.DateField(_("Paid on"))
    receipt_no = models.CharField(_("Receipt number"), max_length=40, unique=True)
    recorded_by = models.CharField(_("Recorded by"), max_length=100)

    class Meta:
        verbose_name = _("compensation payment")
        verbose_name_plural = _("compensation payments")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_some_money")
        ]

    def __str__(self) -> str:
        return f"payment {self.pk}"

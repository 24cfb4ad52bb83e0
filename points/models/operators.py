from datetime import datetime
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.models import DecidedByTwo
from seoul_health.core.stateful import Stateful


class OperatorQuerySet(models.QuerySet["Operator"]):
    def in_force(self, moment: datetime) -> Self:
        unended = Q(ends_at=None) | Q(ends_at__gt=moment)
        return self.filter(unended, starts_at__lte=moment)

    def still_to_come(self, moment: datetime) -> Self:
        return self.filter(starts_at__gt=moment).order_by("starts_at")

    def over(self, moment: datetime) -> Self:
        return self.filter(ends_at__lte=moment).order_by("-ends_at")

    def owing_answers(self) -> Self:
        """Those whose word on some payout is still missing, closed ones too."""
        return self.filter(payouts__status__in=["sending", "unknown"]).distinct().order_by("pk")

    def reporting(self, first: datetime, last: datetime) -> Self:
        """Those in force at some moment between two."""
        unended = Q(ends_at=None) | Q(ends_at__gt=first)
        return self.filter(unended, starts_at__lt=last).order_by("starts_at")


class Operator(models.Model):
    """Who runs the wallet from one moment to another; its address and secret are settings."""

    code = models.SlugField(_("Code"), max_length=20, unique=True)
    name = models.CharField(_("Name"), max_length=60)
    starts_at = models.DateTimeField(_("In force from"))
    ends_at = models.DateTimeField(_("In force until"), null=True, blank=True)
    per_minute = models.PositiveIntegerField(_("Payouts a minute at most"), default=600)
    # Whether people have to open this operator's wallet before it can take their money.
    needs_link = models.BooleanField(_("People register first"), default=False)

    objects = OperatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("wallet operator")
        verbose_name_plural = _("wallet operators")
        permissions = [("pause_operator", _("Can pause and resume payouts"))]
        constraints = [
            ExclusionConstraint(
                name="one_operator_at_a_time",
                expressions=[
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    )
                ],
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="an_operator_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=Q(per_minute__gt=0), name="an_operator_has_a_rate"),
        ]

    def __str__(self) -> str:
        return self.code

    def is_in_force(self, moment: datetime) -> bool:
        return self.starts_at <= moment and (self.ends_at is None or moment < self.ends_at)


class OperatorChange(DecidedByTwo):
    """One operator hands over to another at given moments; asked for by one, decided by another."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    NEXT = {Status.REQUESTED: frozenset({Status.APPROVED, Status.REJECTED})}

    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.REQUESTED)
    leaving = models.ForeignKey(
        Operator, models.PROTECT, related_name="changes", verbose_name=_("Leaving operator")
    )
    code = models.SlugField(_("Code of the new operator"), max_length=20)
    name = models.CharField(_("Name of the new operator"), max_length=60)
    stops_at = models.DateTimeField(_("Last moment of the leaving operator"))
    starts_at = models.DateTimeField(_("First moment of the new operator"))
    needs_link = models.BooleanField(_("People register first"), default=False)
    reason = models.CharField(_("Reason"), max_length=200)

    class Meta(DecidedByTwo.Meta):
        verbose_name = _("change of operator")
        verbose_name_plural = _("changes of operator")
        permissions = [
            ("request_operatorchange", _("Can ask for a change of operator")),
            ("decide_operatorchange", _("Can decide on a change of operator")),
        ]
        constraints = [
            *DecidedByTwo.Meta.constraints,
            models.UniqueConstraint(
                fields=["leaving"],
                condition=Q(status="requested"),
                name="one_open_change_per_operator",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__gte=F("stops_at")),
                name="a_new_operator_starts_after_the_old_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leaving_id} → {self.code}"


class BreakerQuerySet(models.QuerySet["Breaker"]):
    def to_probe(self, moment: datetime) -> Self:
        """Open, and due for another try; or tried by a worker that never came back."""
        return self.filter(status__in=["open", "half_open"], next_try_at__lte=moment)


class Breaker(Stateful):
    """Whether an operator is spoken to at all; one row that every worker reads."""

    class Status(models.TextChoices):
        CLOSED = "closed", _("Answering")
        OPEN = "open", _("Silent")
        HALF_OPEN = "half_open", _("Being tried")
        PAUSED = "paused", _("Paused by staff")

    NEXT = {
        Status.CLOSED: frozenset({Status.OPEN, Status.PAUSED}),
        Status.OPEN: frozenset({Status.HALF_OPEN, Status.PAUSED}),
        Status.HALF_OPEN: frozenset({Status.HALF_OPEN, Status.CLOSED, Status.OPEN, Status.PAUSED}),
        Status.PAUSED: frozenset({Status.OPEN}),
    }

    operator = models.OneToOneField(
        Operator, models.PROTECT, related_name="breaker", verbose_name=_("Wallet operator")
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.CLOSED)
    since = models.DateTimeField(_("Since"), db_default=Now())
    failures = models.PositiveIntegerField(_("Silences in a row"), default=0)
    failing_since = models.DateTimeField(_("Silent since"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("Tries in vain"), default=0)
    next_try_at = models.DateTimeField(_("Next try"), null=True, blank=True)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)
    # How many payouts were sent in which minute: the rate all workers share.
    minute = models.DateTimeField(null=True, blank=True)
    sent = models.PositiveIntegerField(default=0)

    objects = BreakerQuerySet.as_manager()

    class Meta:
        verbose_name = _("state of an operator")
        verbose_name_plural = _("states of operators")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "half_open"], next_try_at__isnull=False)
                | Q(status__in=["closed", "paused"]),
                name="a_silent_operator_is_tried_again",
            ),
            models.CheckConstraint(
                condition=~Q(status="paused") | ~Q(reason=""),
                name="a_pause_has_its_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} {self.status}"


class OutageQuerySet(models.QuerySet["Outage"]):
    def lasting(self) -> Self:
        return self.filter(ended_at=None)

    def between(self, first: datetime, last: datetime) -> Self:
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=first), began_at__lt=last)


class Outage(models.Model):
    """A time in which an operator took no payouts: it was silent, or we paused it."""

    class Cause(models.TextChoices):
        SILENCE = "silence", _("No answer")
        PAUSE = "pause", _("Paused by staff")

    operator = models.ForeignKey(
        Operator, models.PROTECT, related_name="outages", verbose_name=_("Wallet operator")
    )
    cause = models.CharField(_("Cause"), max_length=8, choices=Cause)
    why = models.CharField(_("Reason"), max_length=200, blank=True)
    began_at = models.DateTimeField(_("Began at"))
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("Tries in vain"), default=0)

    objects = OutageQuerySet.as_manager()

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        constraints = [
            models.UniqueConstraint(
                fields=["operator"], condition=Q(ended_at=None), name="one_outage_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                name="an_outage_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} {self.began_at:%Y-%m-%d}"


class WalletLink(models.Model):
    """A person has opened the wallet of an operator, which can now take their money."""

    operator = models.ForeignKey(
        Operator, models.PROTECT, related_name="links", verbose_name=_("Wallet operator")
    )
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="wallets", verbose_name=_("Participant")
    )
    linked_at = models.DateTimeField(_("Linked at"), db_default=Now())

    class Meta:
        verbose_name = _("wallet link")
        verbose_name_plural = _("wallet links")
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "operator"], name="one_wallet_per_person_and_operator"
            )
        ]

    def __str__(self) -> str:
        return f"{self.operator_id}/{self.participant_id}"

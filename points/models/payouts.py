import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .accounts import Transfer
from .guards import keeps_its_operator, sent_to_an_open_operator
from .operators import Operator, WalletLink


class PayoutQuerySet(models.QuerySet["Payout"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)

    def due(self, moment: datetime) -> Self:
        """Planned and not yet sent, the longest waiting first."""
        return self.filter(status=Payout.Status.REQUESTED, next_at__lte=moment).order_by(
            "next_at", "pk"
        )

    def to(self, operator: Operator) -> Self:
        """What an operator can take: from people who need no wallet there, or have one."""
        rows = self.filter(operator=operator)
        if not operator.needs_link:
            return rows
        links = WalletLink.objects.filter(operator=operator, participant=OuterRef("participant"))
        return rows.filter(Exists(links))

    def silent(self, moment: datetime) -> Self:
        """Unknown, and due for another question; contradictions wait for a person."""
        return self.filter(status=Payout.Status.UNKNOWN, next_at__lte=moment, problem="").order_by(
            "next_at", "pk"
        )

    def abandoned(self, before: datetime) -> Self:
        """Claimed by a worker that never came back."""
        return self.filter(status=Payout.Status.SENDING, claimed_at__lt=before).order_by("pk")

    def open(self) -> Self:
        return self.filter(status__in=Payout.OPEN)

    def stuck(self, before: datetime) -> Self:
        """On the way since before a moment: the partner is not doing its work."""
        return self.open().filter(requested_at__lt=before, problem="")


class Payout(Stateful):
    """Points on their way to a person's wallet. Silence is a state, not an answer."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        SENDING = "sending", _("Sending")
        PAID = "paid", _("Paid")
        REFUSED = "refused", _("Refused")
        UNKNOWN = "unknown", _("Unknown")

    OPEN = (Status.REQUESTED, Status.SENDING, Status.UNKNOWN)
    NEXT = {
        Status.REQUESTED: frozenset({Status.SENDING}),
        Status.SENDING: frozenset({Status.PAID, Status.REFUSED, Status.UNKNOWN}),
        # Never paid after all: sent again, or handed on when its operator has closed for good.
        Status.UNKNOWN: frozenset({Status.PAID, Status.REFUSED, Status.SENDING, Status.REQUESTED}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # What the partner knows it by; fixed when planned, so that asking again is harmless.
    reference = models.CharField(_("Reference"), max_length=40, unique=True)
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="payouts", verbose_name=_("Participant")
    )
    transfer = models.OneToOneField(
        Transfer, models.PROTECT, related_name="payout", verbose_name=_("Transfer")
    )
    operator = models.ForeignKey(
        Operator,
        models.PROTECT,
        related_name="payouts",
        db_index=False,
        verbose_name=_("Wallet operator"),
    )
    amount = models.PositiveIntegerField(_("Amount"))
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.REQUESTED)
    requested_at = models.DateTimeField(_("Requested at"), db_default=Now())
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0)
    next_at = models.DateTimeField(_("Next attempt"), db_default=Now())
    claimed_at = models.DateTimeField(_("Sent at"), null=True, blank=True)
    paid_at = models.DateTimeField(_("Paid at"), null=True, blank=True)
    receipt_no = models.CharField(_("Partner's receipt"), max_length=64, blank=True)
    refusal = models.CharField(_("Refusal"), max_length=60, blank=True)
    problem = models.CharField(_("Contradiction"), max_length=60, blank=True)

    objects = PayoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        permissions = [
            ("ask_payout", _("Can ask the partner about payouts")),
            ("watch_payout", _("Can watch the payout board")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="paid", paid_at__isnull=False) & ~Q(receipt_no="")
                | ~Q(status="paid") & Q(paid_at=None),
                name="a_paid_payout_has_its_receipt",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payout_pays_something"),
        ]
        indexes = [
            models.Index(
                fields=["status", "next_at"],
                condition=Q(status__in=["requested", "sending", "unknown"]),
                name="payouts_to_work_on",
            ),
            models.Index(fields=["paid_at"], name="payouts_of_a_day"),
        ]
        triggers = [sent_to_an_open_operator(), keeps_its_operator()]

    def __str__(self) -> str:
        return self.reference


class Reconciliation(models.Model):
    """One comparison of a day's payouts with the partner's file. It corrects nothing by itself."""

    operator = models.ForeignKey(
        Operator, models.PROTECT, related_name="reconciliations", verbose_name=_("Wallet operator")
    )
    day = models.DateField(_("Day"))
    at = models.DateTimeField(_("At"), db_default=Now())
    asked_by = models.CharField(_("Asked by"), max_length=100)
    matched = models.PositiveIntegerField(_("Matched"), default=0)
    ours_only = models.PositiveIntegerField(_("Ours only"), default=0)
    theirs_only = models.PositiveIntegerField(_("Theirs only"), default=0)
    amount_differs = models.PositiveIntegerField(_("Amount differs"), default=0)
    resolved = models.PositiveIntegerField(_("Unknown, now resolved"), default=0)
    our_total = models.BigIntegerField(_("Our total"), default=0)
    their_total = models.BigIntegerField(_("Their total"), default=0)
    # Of a file that was uploaded: the same one again is the same comparison.
    file_digest = models.CharField(_("Hash of the file"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        permissions = [("run_reconciliation", _("Can run reconciliations"))]
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "day", "file_digest"],
                condition=~Q(file_digest=""),
                name="a_file_is_compared_once",
            )
        ]
        indexes = [models.Index(fields=["day"], name="reconciliations_of_a_day")]

    def __str__(self) -> str:
        return str(self.day)

    @property
    def is_clean(self) -> bool:
        return not (self.ours_only or self.theirs_only or self.amount_differs)


class ReconciliationLineQuerySet(models.QuerySet["ReconciliationLine"]):
    def exceptions(self) -> Self:
        return self.exclude(kind=ReconciliationLine.Kind.MATCHED)


class ReconciliationLine(models.Model):
    """One reference as we and the partner know it."""

    class Kind(models.TextChoices):
        MATCHED = "matched", _("Matched")
        OURS_ONLY = "ours_only", _("Ours only")
        THEIRS_ONLY = "theirs_only", _("Theirs only")
        AMOUNT_DIFFERS = "amount_differs", _("Amount differs")

    reconciliation = models.ForeignKey(
        Reconciliation, models.CASCADE, related_name="lines", verbose_name=_("Reconciliation")
    )
    kind = models.CharField(_("Kind"), max_length=16, choices=Kind)
    reference = models.CharField(_("Reference"), max_length=100)
    payout = models.ForeignKey(
        Payout, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Payout")
    )
    our_amount = models.BigIntegerField(_("Our amount"), null=True)
    their_amount = models.BigIntegerField(_("Their amount"), null=True)
    receipt_no = models.CharField(_("Partner's receipt"), max_length=64, blank=True)
    paid_at = models.DateTimeField(_("Paid at"), null=True)

    objects = ReconciliationLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("reconciliation line")
        verbose_name_plural = _("reconciliation lines")
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation", "reference"], name="one_line_per_reference"
            ),
        ]
        indexes = [
            models.Index(fields=["kind"], name="lines_that_differ", condition=~Q(kind="matched"))
        ]

    def __str__(self) -> str:
        return self.reference

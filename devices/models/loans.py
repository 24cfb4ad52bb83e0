import uuid
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant, Participation
from seoul_health.core import clock
from seoul_health.core.fields import EncryptedText
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .stock import Device

LIVE = ["reserved", "shipped", "delivered", "live", "recall_requested", "returning"]
# What is neither settled with the citizen nor back in our hands.
UNSETTLED = [*LIVE, "replaced", "lost", "damaged"]


class LoanQuerySet(models.QuerySet["Loan"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        if user.scope == Scope.DISTRICT:
            return self.filter(participant__district=user.district)
        return self.filter(device__site__code=user.site_code)

    def live(self) -> Self:
        return self.filter(status__in=LIVE)

    def without_watch(self) -> "models.QuerySet[Participation]":
        """Participations that wait for their first watch."""
        had = self.filter(participation=OuterRef("pk")).exclude(status="cancelled")
        holds = self.live().filter(participant=OuterRef("participant"))
        waiting = Participation.objects.live().filter(needs_watch=True)
        return waiting.filter(~Exists(had), ~Exists(holds)).order_by("pk")

    def current(self) -> Self:
        """Loans their citizen still has something to do with."""
        return self.filter(status__in=[*UNSETTLED, "returned"])

    def unsettled(self) -> Self:
        return self.filter(status__in=UNSETTLED)

    def out(self) -> Self:
        """Loans whose watch is with the citizen."""
        return self.filter(status__in=["delivered", "live", "recall_requested"])

    def overdue(self, today: date) -> Self:
        return self.out().filter(due_on__lt=today)


class Loan(Stateful):
    """One watch lent to one participant for one participation."""

    class Status(models.TextChoices):
        RESERVED = "reserved", _("Reserved")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        LIVE = "live", _("On loan")
        RECALL_REQUESTED = "recall_requested", _("Recall requested")
        RETURNING = "returning", _("On its way back")
        REPLACED = "replaced", _("Replaced, not back yet")
        RETURNED = "returned", _("Returned")
        CLOSED = "closed", _("Loan closed")
        LOST = "lost", _("Lost")
        DAMAGED = "damaged", _("Damaged")
        BOUGHT_OUT = "bought_out", _("Bought out")
        CANCELLED = "cancelled", _("Cancelled")

    NEXT = {
        Status.RESERVED: frozenset({Status.SHIPPED, Status.DELIVERED, Status.CANCELLED}),
        Status.SHIPPED: frozenset(
            {Status.DELIVERED, Status.LIVE, Status.RECALL_REQUESTED, Status.RETURNED}
            | {Status.LOST}
        ),
        Status.DELIVERED: frozenset(
            {Status.LIVE, Status.RECALL_REQUESTED, Status.RETURNING, Status.RETURNED}
            | {Status.REPLACED, Status.LOST, Status.DAMAGED}
        ),
        Status.LIVE: frozenset(
            {Status.RECALL_REQUESTED, Status.RETURNING, Status.RETURNED}
            | {Status.REPLACED, Status.LOST, Status.DAMAGED, Status.BOUGHT_OUT}
        ),
        Status.RECALL_REQUESTED: frozenset(
            {Status.RETURNING, Status.RETURNED, Status.LOST, Status.DAMAGED, Status.BOUGHT_OUT}
            | {Status.REPLACED}
            | {Status.LIVE}  # Whoever goes on into the next round keeps the watch.
        ),
        Status.RETURNING: frozenset({Status.RETURNED, Status.LOST}),
        # Another watch took its place; this one still has to come back.
        Status.REPLACED: frozenset({Status.RETURNED, Status.LOST, Status.DAMAGED}),
        Status.RETURNED: frozenset({Status.CLOSED, Status.DAMAGED}),
        Status.LOST: frozenset({Status.RETURNED}),
        Status.DAMAGED: frozenset({Status.RETURNING, Status.RETURNED}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    device = models.ForeignKey(
        Device, models.PROTECT, related_name="loans", verbose_name=_("Watch")
    )
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="loans", verbose_name=_("Participant")
    )
    participation = models.ForeignKey(Participation, models.PROTECT, related_name="loans")
    allocation = models.ForeignKey(
        "devices.Allocation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="loans",
        db_index=False,
        verbose_name=_("Allocation"),
    )
    # The faulty watch this one stands in for; it keeps that loan's due day.
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("Stands in for"),
    )
    status = models.CharField(_("Status"), max_length=24, choices=Status, default=Status.RESERVED)
    reserved_at = models.DateTimeField(_("Reserved at"), db_default=Now())
    due_on = models.DateField(_("Due on"))
    accepted_at = models.DateTimeField(_("Accepted at"), null=True, blank=True)
    accepted_terms = models.CharField(_("Accepted terms"), max_length=12, blank=True)
    recalled_at = models.DateTimeField(_("Recalled at"), null=True, blank=True)
    returned_at = models.DateTimeField(_("Returned at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)

    objects = LoanQuerySet.as_manager()

    class Meta:
        verbose_name = _("loan")
        verbose_name_plural = _("loans")
        permissions = [
            ("lend_loan", _("Can lend and ship watches")),
            ("recall_loan", _("Can recall watches")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(status__in=LIVE),
                name="one_live_loan_per_participant",
            ),
            models.UniqueConstraint(
                fields=["device"], condition=Q(status__in=LIVE), name="one_live_loan_per_device"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["returned", "closed"]) | Q(returned_at__isnull=False),
                name="a_returned_loan_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "due_on", "id"], name="loans_falling_due"),
            models.Index(fields=["due_on", "id"], name="loans_in_due_order"),
            models.Index(
                fields=["due_on", "id"],
                condition=Q(status__in=LIVE),
                name="live_loans_in_due_order",
            ),
            models.Index(
                fields=["allocation", "status"],
                condition=Q(allocation__isnull=False),
                name="loans_of_an_allocation",
            ),
        ]

    def __str__(self) -> str:
        return f"loan {self.pk}"

    @staticmethod
    def usual_end(day: date) -> date:
        """Say when a watch lent on a day is due."""
        return clock.add_months(day, settings.LOAN_MONTHS)


class RecoveryStep(models.Model):
    """One attempt to get a watch back, with what it cost."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("Message")
        CALL = "call", _("Call")
        VISIT = "visit", _("Visit")
        LETTER = "letter", _("Letter")
        COMPENSATION = "compensation", _("Compensation")

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="recovery", verbose_name=_("Loan"))
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    # A rung of the ladder: how many days after which due day. Other attempts have neither.
    due_on = models.DateField(_("Due on"), null=True, blank=True)
    offset_days = models.SmallIntegerField(_("Days after the due day"), null=True, blank=True)
    taken_at = models.DateTimeField(_("Taken at"), db_default=Now())
    cost = models.PositiveIntegerField(_("Cost (KRW)"), default=0)
    note = models.CharField(_("Note"), max_length=200, blank=True)
    taken_by = models.CharField(_("Taken by"), max_length=100)

    class Meta:
        verbose_name = _("recovery step")
        verbose_name_plural = _("recovery steps")
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "due_on", "offset_days"],
                condition=Q(due_on__isnull=False),
                name="one_rung_per_loan_and_due_day",
            ),
            models.CheckConstraint(
                condition=Q(due_on=None, offset_days=None)
                | Q(due_on__isnull=False, offset_days__isnull=False),
                name="a_rung_says_of_which_due_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class LoanReport(models.Model):
    """What a citizen told us about the watch: lost, damaged or faulty, in their own words."""

    class Kind(models.TextChoices):
        LOST = "lost", _("Lost")
        DAMAGED = "damaged", _("Damaged")
        FAULTY = "faulty", _("Faulty")

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="reports", verbose_name=_("Loan"))
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind)
    text = EncryptedText()
    reported_at = models.DateTimeField(_("Reported at"), db_default=Now())

    class Meta:
        verbose_name = _("loan report")
        verbose_name_plural = _("loan reports")

    def __str__(self) -> str:
        return f"{self.kind} report {self.pk}"

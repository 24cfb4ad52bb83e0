import uuid
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.models import StaffUser
from seoul_health.core.models.decided import DecidedByTwo
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .accounts import Transfer
from .awards import Award


class ClawbackQuerySet(models.QuerySet["Clawback"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)

    def announced(self) -> Self:
        """Those the citizen was told of that have not ended: their points stay where they are."""
        return self.filter(status__in=Clawback.ANNOUNCED)

    def due(self, today: date) -> Self:
        """Those nobody objected to in time, and those whose objection was dismissed."""
        passed = Q(status=Clawback.Status.NOTIFIED, objects_until__lt=today)
        return self.filter(passed | Q(status=Clawback.Status.UPHELD)).order_by("pk")


class Clawback(DecidedByTwo):
    """Points asked back from one person: two people, a notice, time to object, then a reversal."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        DECLINED = "declined", _("Declined")
        NOTIFIED = "notified", _("Notice given")
        OBJECTED = "objected", _("Objection received")
        UPHELD = "upheld", _("Objection dismissed")
        WITHDRAWN = "withdrawn", _("Claw-back withdrawn")
        TAKEN = "taken", _("Taken back")

    ANNOUNCED = (Status.NOTIFIED, Status.OBJECTED, Status.UPHELD)
    NEXT = {
        Status.PROPOSED: frozenset({Status.NOTIFIED, Status.DECLINED}),
        Status.NOTIFIED: frozenset({Status.OBJECTED, Status.TAKEN}),
        Status.OBJECTED: frozenset({Status.UPHELD, Status.WITHDRAWN}),
        Status.UPHELD: frozenset({Status.TAKEN}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="clawbacks", verbose_name=_("Participant")
    )
    amount = models.PositiveIntegerField(_("Points"))
    reason = models.CharField(_("Reason"), max_length=500)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.PROPOSED)
    notified_at = models.DateTimeField(_("Notice given at"), null=True, blank=True)
    objects_until = models.DateField(_("Objection possible until"), null=True, blank=True)
    objection = models.TextField(_("Words of the citizen"), max_length=2000, blank=True)
    objected_at = models.DateTimeField(_("Objected at"), null=True, blank=True)
    objection_promised_on = models.DateField(_("Decision promised by"), null=True, blank=True)
    objection_answer = models.CharField(_("Answer"), max_length=500, blank=True)
    objection_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Objection decided by"),
    )
    objection_decided_at = models.DateTimeField(_("Objection decided at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)
    taken = models.PositiveIntegerField(_("Taken back"), default=0)
    # What was no longer in the purse: written down, never taken below zero.
    outstanding = models.PositiveIntegerField(_("Outstanding"), default=0)

    objects = ClawbackQuerySet.as_manager()

    class Meta(DecidedByTwo.Meta):
        verbose_name = _("claw-back")
        verbose_name_plural = _("claw-backs")
        permissions = [
            ("propose_clawback", _("Can propose claw-backs")),
            ("approve_clawback", _("Can approve claw-backs and decide on objections")),
        ]
        constraints = [
            *DecidedByTwo.Meta.constraints,
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_clawback_asks_for_points"),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "declined"], notified_at=None)
                | ~Q(status__in=["proposed", "declined"])
                & Q(
                    decided_by__isnull=False, notified_at__isnull=False, objects_until__isnull=False
                ),
                name="no_clawback_without_notice",
            ),
            models.CheckConstraint(
                condition=Q(status="taken", amount=F("taken") + F("outstanding"))
                | ~Q(status="taken") & Q(taken=0, outstanding=0),
                name="a_clawback_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(objection_decided_by=None)
                | ~Q(objection_decided_by=F("requested_by"))
                & ~Q(objection_decided_by=F("decided_by"))
                & ~Q(objection_answer=""),
                name="somebody_else_decides_an_objection",
            ),
        ]
        indexes = [
            models.Index(
                fields=["participant"],
                condition=Q(status__in=["notified", "objected", "upheld"]),
                name="clawbacks_announced",
            )
        ]

    def __str__(self) -> str:
        return f"claw-back {self.pk}"


class AwardReviewQuerySet(models.QuerySet["AwardReview"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)

    def open(self) -> Self:
        return self.filter(status=AwardReview.Status.OPEN)


class AwardReview(Stateful):
    """An award that would be lower if it were judged now: a person says what becomes of it."""

    class Cause(models.TextChoices):
        HOLD = "hold", _("Hold confirmed")
        STEPS = "steps", _("Fewer steps than before")
        PARTICIPATION = "participation", _("Not taking part")
        RULE = "rule", _("Another rule in force")
        CORRECTED = "corrected", _("Corrected by staff")

    class Status(models.TextChoices):
        OPEN = "open", _("To be decided")
        KEPT = "kept", _("Points kept")
        PROPOSED = "proposed", _("Claw-back proposed")

    NEXT = {
        Status.OPEN: frozenset({Status.KEPT, Status.PROPOSED}),
        Status.PROPOSED: frozenset({Status.KEPT}),
    }

    award = models.OneToOneField(
        Award, models.PROTECT, related_name="review", verbose_name=_("Award")
    )
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="award_reviews", verbose_name=_("Participant")
    )
    cause = models.CharField(_("Cause"), max_length=16, choices=Cause)
    awarded = models.PositiveIntegerField(_("Awarded"))
    would_be = models.PositiveIntegerField(_("Would be awarded now"))
    steps_now = models.PositiveIntegerField(_("Steps now"), default=0)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.OPEN)
    found_by = models.CharField(_("Found by"), max_length=100)
    found_at = models.DateTimeField(_("Found at"), db_default=Now())
    closed_by = models.CharField(_("Closed by"), max_length=100, blank=True)
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)
    reason = models.CharField(_("Reason"), max_length=500, blank=True)
    clawback = models.ForeignKey(
        Clawback,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reviews",
        verbose_name=_("Claw-back"),
    )
    taken = models.PositiveIntegerField(_("Taken back"), default=0)
    transfer = models.OneToOneField(
        Transfer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="award_review",
        verbose_name=_("Transfer"),
    )

    objects = AwardReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("down-revision")
        verbose_name_plural = _("down-revisions")
        permissions = [("close_awardreview", _("Can close down-revisions"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(would_be__lt=F("awarded")), name="a_review_is_about_a_loss"
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_by="", closed_at=None)
                | ~Q(status="open") & ~Q(closed_by="") & Q(closed_at__isnull=False),
                name="a_closed_review_says_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(status="proposed") | Q(clawback__isnull=False),
                name="a_proposed_review_has_its_clawback",
            ),
            models.CheckConstraint(
                condition=Q(taken=0, transfer=None)
                | Q(taken__gt=0, transfer__isnull=False, taken__lte=F("awarded") - F("would_be")),
                name="no_more_is_taken_than_differs",
            ),
        ]
        indexes = [
            models.Index(fields=["found_at"], condition=Q(status="open"), name="reviews_to_close")
        ]

    def __str__(self) -> str:
        return f"review {self.pk}"

    @property
    def difference(self) -> int:
        return self.awarded - self.would_be

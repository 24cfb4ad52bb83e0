from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from participants.models import RecruitmentRound
from seoul_health.core.models import DecidedByTwo

from .loans import Loan, RecoveryStep
from .stock import Lot


class RecallCampaign(DecidedByTwo):
    """Many watches asked back together, wave by wave, as long as a wave is worth its cost."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waiting for approval")
        REJECTED = "rejected", _("Rejected")
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Stopped")
        DONE = "done", _("Finished")

    NEXT = {
        Status.REQUESTED: frozenset({Status.RUNNING, Status.REJECTED}),
        Status.RUNNING: frozenset({Status.STOPPED, Status.DONE}),
    }

    code = models.SlugField(_("Code"), max_length=30, unique=True)
    name = models.CharField(_("Name"), max_length=60)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.REQUESTED)
    round = models.ForeignKey(
        RecruitmentRound, models.PROTECT, null=True, blank=True, verbose_name=_("Round")
    )
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, verbose_name=_("Lot"))
    district = models.CharField(_("District"), max_length=10, blank=True)
    overdue_days = models.PositiveSmallIntegerField(_("Days overdue, at least"), default=0)
    silent_days = models.PositiveSmallIntegerField(_("Days without steps, at least"), default=0)
    kind = models.CharField(
        _("Channel"),
        max_length=12,
        choices=[
            ("message", _("Message")),
            ("call", _("Call")),
            ("visit", _("Visit")),
            ("letter", _("Letter")),
        ],
    )
    cost = models.PositiveIntegerField(_("Cost of one step (KRW)"))
    # What a watch that comes back is worth: above this a step is not taken any more.
    unit_worth = models.PositiveIntegerField(_("Worth of a watch (KRW)"))
    waves = models.PositiveSmallIntegerField(_("Waves at most"), default=3)
    reason = models.CharField(_("Reason"), max_length=200)
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)

    class Meta(DecidedByTwo.Meta):
        verbose_name = _("recall campaign")
        verbose_name_plural = _("recall campaigns")
        permissions = [
            ("request_recallcampaign", _("Can propose recall campaigns")),
            ("decide_recallcampaign", _("Can decide on recall campaigns")),
        ]
        constraints = [
            *DecidedByTwo.Meta.constraints,
            models.CheckConstraint(
                condition=Q(status="requested") | Q(decided_by__isnull=False),
                name="a_campaign_runs_by_decision",
            ),
            models.CheckConstraint(
                condition=Q(waves__gte=1, waves__lte=10), name="a_campaign_has_waves"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class RecallUnitQuerySet(models.QuerySet["RecallUnit"]):
    def still_out(self) -> Self:
        """Units with their citizen, without a parcel under way."""
        out = self.filter(loan__status__in=["delivered", "live", "recall_requested"])
        return out.exclude(
            loan__shipments__direction="back",
            loan__shipments__status__in=["planned", "accepted", "in_transit"],
        )


class RecallUnit(models.Model):
    """A loan of a campaign's cohort, frozen when the campaign was approved."""

    campaign = models.ForeignKey(RecallCampaign, models.PROTECT, related_name="units")
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="recall_units")

    objects = RecallUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("watch of a recall campaign")
        verbose_name_plural = _("watches of recall campaigns")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "loan"], name="one_unit_per_campaign_and_loan"
            )
        ]

    def __str__(self) -> str:
        return f"unit {self.pk}"


class RecallAttempt(models.Model):
    """One watch asked for in one wave: the step it was logged as."""

    unit = models.ForeignKey(RecallUnit, models.PROTECT, related_name="attempts")
    wave = models.PositiveSmallIntegerField(_("Wave"))
    step = models.OneToOneField(RecoveryStep, models.PROTECT, related_name="attempt")

    class Meta:
        verbose_name = _("recall attempt")
        verbose_name_plural = _("recall attempts")
        constraints = [
            models.UniqueConstraint(fields=["unit", "wave"], name="one_attempt_per_unit_and_wave")
        ]

    def __str__(self) -> str:
        return f"wave {self.wave}, unit {self.unit_id}"

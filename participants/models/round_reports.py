"""Long looks at the applicants of rounds: counted in chunks, kept, and never with a birth date."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .applications import Application
from .rounds import Lane, RecruitmentRound


class ChunkedRun(Stateful):
    """A count over many applications that goes on where it stopped."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    LIVE = (Status.PLANNED, Status.RUNNING)
    NEXT = {
        Status.PLANNED: frozenset({Status.RUNNING, Status.FAILED}),
        Status.RUNNING: frozenset({Status.DONE, Status.FAILED}),
    }

    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.PLANNED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Asked by")
    )
    asked_at = models.DateTimeField(_("Asked at"), db_default=Now())
    finished_at = models.DateTimeField(_("As of"), null=True, blank=True)
    # The last application that was counted: a second worker goes on after it.
    after = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(_("Counted"), default=0)
    counts = models.JSONField(_("Counts"), default=dict, blank=True)

    class Meta:
        abstract = True


class RuleTrial(ChunkedRun):
    """Rules tried on people who applied before, beside the rules that were really in force."""

    rounds = models.ManyToManyField(
        RecruitmentRound, related_name="trials", verbose_name=_("Rounds")
    )
    name = models.CharField(_("Name"), max_length=60)
    terms = models.JSONField(_("What the rules ask"))

    class Meta:
        verbose_name = _("trial of rules")
        verbose_name_plural = _("trials of rules")
        permissions = [("run_ruletrial", _("Can try rules on past applicants"))]

    def __str__(self) -> str:
        return f"trial {self.pk}"


class TrialResultQuerySet(models.QuerySet["TrialResult"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(district=user.district)


class TrialResult(models.Model):
    """One applicant whom the tried rules or the real ones turn away."""

    class Outcome(models.TextChoices):
        NEWLY_PASSES = "newly_passes", _("Would newly pass")
        NEWLY_FAILS = "newly_fails", _("Would newly fail")
        STILL_FAILS = "still_fails", _("Fails either way")

    trial = models.ForeignKey(
        RuleTrial, models.CASCADE, related_name="results", verbose_name=_("Trial of rules")
    )
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="+", verbose_name=_("Application"), db_index=False
    )
    outcome = models.CharField(_("Outcome"), max_length=12, choices=Outcome)
    failed_rules = ArrayField(
        models.CharField(max_length=40), verbose_name=_("Fails now"), default=list
    )
    failed_before = ArrayField(
        models.CharField(max_length=40), verbose_name=_("Failed before"), default=list
    )
    district = models.CharField(_("District"), max_length=20, blank=True)
    age_band = models.CharField(_("Age band"), max_length=8)

    objects = TrialResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("result of a trial")
        verbose_name_plural = _("results of trials")
        constraints = [
            models.UniqueConstraint(
                fields=["application", "trial"], name="one_result_per_trial_and_application"
            )
        ]

    def __str__(self) -> str:
        return f"{self.trial_id}/{self.application_id}"


class FairnessReport(ChunkedRun):
    """Who applied to a round and who got a seat, counted at one moment."""

    round = models.ForeignKey(
        RecruitmentRound, models.PROTECT, related_name="fairness", verbose_name=_("Round")
    )

    class Meta:
        verbose_name = _("fairness report")
        verbose_name_plural = _("fairness reports")
        permissions = [
            ("run_fairnessreport", _("Can count fairness reports")),
            ("export_fairnessreport", _("Can export fairness reports")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(status__in=["planned", "running"]),
                name="one_count_of_a_round_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"fairness {self.pk}"


class FairnessLine(models.Model):
    """One group of applicants beside the seats it got and the seats a lottery would have given."""

    class Dimension(models.TextChoices):
        DISTRICT = "district", _("District")
        AGE_BAND = "age_band", _("Age band")
        LANE = "lane", _("Lane")
        WAITED = "waited", _("Applied after the opening")

    report = models.ForeignKey(
        FairnessReport, models.CASCADE, related_name="lines", verbose_name=_("Fairness report")
    )
    lane = models.ForeignKey(Lane, models.PROTECT, related_name="+", verbose_name=_("Lane"))
    dimension = models.CharField(_("By"), max_length=8, choices=Dimension)
    value = models.CharField(_("Group"), max_length=20)
    applied = models.PositiveIntegerField(_("Applied"))
    eligible = models.PositiveIntegerField(_("Not refused"))
    seated = models.PositiveIntegerField(_("Got a seat"))
    # In hundredths, so that sums stay whole numbers.
    by_lot = models.PositiveIntegerField(_("By lot, in hundredths of a seat"))

    class Meta:
        verbose_name = _("line of a fairness report")
        verbose_name_plural = _("lines of fairness reports")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "lane", "dimension", "value"], name="one_line_per_group"
            ),
            models.CheckConstraint(
                condition=Q(seated__lte=models.F("eligible"), eligible__lte=models.F("applied")),
                name="seated_are_eligible_and_applied",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.dimension}/{self.value}"

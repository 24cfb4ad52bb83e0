from datetime import date, datetime
from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from participants.rules.eligibility import EVIDENCE_BY_BASIS
from seoul_health.core.stateful import Stateful

from .frozen import lane_stays, quota_stays, round_stays, rule_stays


class Basis(models.TextChoices):
    RESIDENT = "resident", _("Resident")
    WORKER = "worker", _("Worker")
    STUDENT = "student", _("Student")
    SELF_EMPLOYED = "self_employed", _("Self-employed")


class RoundQuerySet(models.QuerySet["RecruitmentRound"]):
    def public(self) -> Self:
        """Rounds a citizen may know of."""
        return self.exclude(status=RecruitmentRound.Status.DRAFT)


class RecruitmentRound(Stateful):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ANNOUNCED = "announced", _("Announced")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")
        DRAWN = "drawn", _("Drawn")
        RUNNING = "running", _("Running")
        ENDED = "ended", _("Ended")
        ARCHIVED = "archived", _("Archived")

    NEXT = {
        Status.DRAFT: frozenset({Status.ANNOUNCED}),
        Status.ANNOUNCED: frozenset({Status.OPEN}),
        Status.OPEN: frozenset({Status.CLOSED}),
        Status.CLOSED: frozenset({Status.DRAWN, Status.RUNNING}),
        Status.DRAWN: frozenset({Status.RUNNING}),
        Status.RUNNING: frozenset({Status.ENDED}),
        Status.ENDED: frozenset({Status.ARCHIVED}),
    }

    code = models.SlugField(_("Code"), unique=True)
    name = models.CharField(_("Name"), max_length=60)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.DRAFT)
    starts_on = models.DateField(_("Participation starts"))
    ends_on = models.DateField(_("Participation ends"))
    announced_at = models.DateTimeField(_("Announced at"), null=True, blank=True)
    # Whoever took part in that round may go on into this one.
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followers",
        verbose_name=_("Follows the round"),
    )  # fmt: skip

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("recruitment round")
        verbose_name_plural = _("recruitment rounds")
        triggers = [round_stays()]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="a_round_ends_after_it_starts",
                violation_error_message=_("A round must end after it starts."),
            )
        ]

    def __str__(self) -> str:
        return self.code


class LaneQuerySet(models.QuerySet["Lane"]):
    def accepting(self, moment: datetime) -> Self:
        """Lanes whose window is open; the first moment counts, the last does not."""
        return self.filter(
            round__status=RecruitmentRound.Status.OPEN, opens_at__lte=moment, closes_at__gt=moment
        )


class Lane(models.Model):
    """One way into a round: who brings a watch, who is lent one, and how seats are given."""

    class Kind(models.TextChoices):
        NEEDS_WATCH = "needs_watch", _("Needs a watch")
        OWN_DEVICE = "own_device", _("Own device")

    class Method(models.TextChoices):
        FIRST_COME = "first_come", _("First come")
        WEEKDAY_BY_BIRTH_YEAR = "weekday_by_birth_year", _("Weekday by birth year")
        LOTTERY = "lottery", _("Lottery")
        ROLLING = "rolling", _("Rolling")

    round = models.ForeignKey(
        RecruitmentRound, models.PROTECT, related_name="lanes", verbose_name=_("Round")
    )
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    method = models.CharField(_("Method"), max_length=24, choices=Method, default=Method.FIRST_COME)
    opens_at = models.DateTimeField(_("Opens at"))
    closes_at = models.DateTimeField(_("Closes at"))
    offer_hours = models.PositiveSmallIntegerField(_("Hours to accept a seat"), default=48)
    # Decade of age to ISO weekday, for the method that gives each decade its day.
    weekdays = models.JSONField(_("Weekday of each decade"), default=dict, blank=True)
    # Whoever is left on the waiting list when this lane ends waits on there.
    carries_over_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Waiting list goes over to"),
    )  # fmt: skip

    objects = LaneQuerySet.as_manager()

    class Meta:
        verbose_name = _("lane")
        verbose_name_plural = _("lanes")
        triggers = [lane_stays()]
        constraints = [
            models.UniqueConstraint(fields=["round", "kind"], name="one_lane_per_round_and_kind"),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="a_lane_closes_after_it_opens",
                violation_error_message=_("A lane must close after it opens."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id}/{self.kind}"


SEATS_ARE_TAKEN = """
    IF EXISTS (
        SELECT 1 FROM participants_application
        WHERE seat_id = NEW.id AND seat_no > NEW.seats
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'every_seat_exists',
            MESSAGE = 'every_seat_exists: somebody holds a seat that would go';
    END IF;
    RETURN NULL;
"""


class Quota(models.Model):
    """So many seats of a lane for one group."""

    class Group(models.TextChoices):
        GENERAL = "general", _("General")
        DISTRICT = "district", _("District")
        AGE_BAND = "age_band", _("Age band")
        NEW_MOTHER = "new_mother", _("New mothers")
        METABOLIC = "metabolic", _("Metabolic-syndrome register")
        ONE_PERSON = "one_person", _("One-person household")
        ISOLATED_YOUTH = "isolated_youth", _("Isolated youth")
        SENIOR = "senior", _("Seniors")
        DISABLED = "disabled", _("People with a disability")

    lane = models.ForeignKey(Lane, models.PROTECT, related_name="quotas", verbose_name=_("Lane"))
    code = models.SlugField(_("Code"), max_length=30)
    group = models.CharField(_("Group"), max_length=16, choices=Group, default=Group.GENERAL)
    value = models.CharField(_("Value"), max_length=30, blank=True)
    seats = models.PositiveIntegerField(_("Seats"))
    # Seats left in the lane go to the waiting of other quotas, lowest number first.
    spill_order = models.PositiveSmallIntegerField(_("Spill-over order"), default=0)
    # A wave or a special day inside the lane's window; empty means the lane's own.
    opens_at = models.DateTimeField(_("Opens at"), null=True, blank=True)
    closes_at = models.DateTimeField(_("Closes at"), null=True, blank=True)

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [
            models.UniqueConstraint(fields=["lane", "code"], name="one_quota_per_lane_and_code"),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(closes_at__gt=F("opens_at")),
                name="a_quota_closes_after_it_opens",
                violation_error_message=_("A quota must close after it opens."),
            ),
        ]
        triggers = [
            quota_stays(),
            pgtrigger.Trigger(
                name="taken_seats_stay",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("seats"),
                condition=pgtrigger.Condition("NEW.seats < OLD.seats"),
                func=SEATS_ARE_TAKEN,
            ),
        ]

    def __str__(self) -> str:
        return self.code


class EligibilityRuleQuerySet(models.QuerySet["EligibilityRule"]):
    def released(self) -> Self:
        return self.filter(status=EligibilityRule.Status.RELEASED)


def usual_evidence() -> dict[str, list[str]]:
    return {basis: sorted(kinds) for basis, kinds in EVIDENCE_BY_BASIS.items()}


class EligibilityRule(Stateful):
    """Who may join a round, from one day on. A change is a new version, not an edit."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        RELEASED = "released", _("Released")
        DROPPED = "dropped", _("Dropped")

    NEXT = {Status.PROPOSED: frozenset({Status.RELEASED, Status.DROPPED})}

    # The versions a draft round is announced with need no release of their own.
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.RELEASED)
    round = models.ForeignKey(
        RecruitmentRound, models.PROTECT, related_name="rules", verbose_name=_("Round")
    )
    version = models.PositiveSmallIntegerField(_("Version"), default=1)
    effective_from = models.DateField(_("In force from"))
    effective_to = models.DateField(_("In force until"), null=True, blank=True)
    reference_date = models.DateField(_("Age counted on"))
    min_age = models.PositiveSmallIntegerField(_("Youngest age"), default=19)
    max_age = models.PositiveSmallIntegerField(_("Oldest age"), null=True, blank=True)
    bases = ArrayField(
        models.CharField(max_length=16, choices=Basis), verbose_name=_("Who may apply")
    )
    # Basis to the papers of which any one will do; a basis that is not named needs none.
    evidence_needed = models.JSONField(_("Papers needed"), default=usual_evidence, blank=True)
    no_unreturned_watch = models.BooleanField(_("No unreturned watch"), default=True)
    no_live_participation = models.BooleanField(_("No live participation"), default=True)

    objects = EligibilityRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("eligibility rule")
        verbose_name_plural = _("eligibility rules")
        triggers = [rule_stays()]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "version"], name="one_rule_per_round_and_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.round_id} v{self.version}"

    def is_in_force(self, day: date) -> bool:
        ends = self.effective_to is not None and self.effective_to < day
        return self.status == self.Status.RELEASED and self.effective_from <= day and not ends

import uuid
from collections.abc import Mapping
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from points.models import Transfer
from seoul_health.core.models import DecidedByTwo
from seoul_health.core.models.records import append_only

from .incidents import Incident


class MemberCheck(models.Model):
    """Everybody whom an incident has touched, whether they complained or not."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(
        Incident, models.PROTECT, related_name="checks", verbose_name=_("Incident")
    )
    first_day = models.DateField(_("First day"))
    last_day = models.DateField(_("Last day"))
    app_version = models.CharField(_("App version"), max_length=20, blank=True)
    without_award = models.BooleanField(_("Only days without points"), default=True)
    usual_walkers = models.BooleanField(_("Only who had points in the week before"), default=True)
    people = models.PositiveIntegerField(_("People"))
    complained = models.PositiveIntegerField(_("Of them have complained"))
    days = models.PositiveIntegerField(_("Days of people"))
    by = models.CharField(_("By"), max_length=100)
    at = models.DateTimeField(_("As of"), db_default=Now())
    # Telling those who have not complained: asked for, how far it has come, and when it was done.
    tell_asked_by = models.CharField(_("Telling asked for by"), max_length=100, blank=True)
    tell_asked_at = models.DateTimeField(_("Telling asked for at"), null=True, blank=True)
    told_to = models.BigIntegerField(default=0)
    told = models.PositiveIntegerField(_("Told"), default=0)
    told_at = models.DateTimeField(_("All told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("check of members")
        verbose_name_plural = _("checks of members")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="a_check_is_of_some_days"
            ),
            models.CheckConstraint(
                condition=Q(complained__lte=F("people")), name="only_those_found_have_complained"
            ),
            models.CheckConstraint(
                condition=Q(tell_asked_at=None, tell_asked_by="", told_at=None)
                | Q(tell_asked_at__isnull=False) & ~Q(tell_asked_by=""),
                name="people_are_told_when_somebody_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"check {self.pk}"

    @property
    def silent(self) -> int:
        """How many have not complained."""
        return self.people - self.complained


class CheckedMember(models.Model):
    """One person an incident has touched, with the days it has cost."""

    check_run = models.ForeignKey(
        MemberCheck, models.PROTECT, related_name="members", verbose_name=_("Check of members")
    )
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="+", verbose_name=_("Participant")
    )
    days = ArrayField(models.DateField(), verbose_name=_("Days"))
    has_complained = models.BooleanField(_("Has complained"))

    class Meta:
        verbose_name = _("person of a check")
        verbose_name_plural = _("people of checks")
        constraints = [
            models.UniqueConstraint(
                fields=["check_run", "participant"], name="a_person_is_once_in_a_check"
            ),
            models.CheckConstraint(
                condition=Q(days__len__gte=1), name="a_person_of_a_check_has_a_day"
            ),
        ]
        indexes = [
            models.Index(
                fields=["check_run", "has_complained", "participant"], name="silent_of_a_check"
            )
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.check_run_id}:{self.participant_id}"


class MakeGoodRunQuerySet(models.QuerySet["MakeGoodRun"]):
    def running(self) -> Self:
        return self.filter(status=MakeGoodRun.Status.APPROVED).order_by("pk")


class MakeGoodRun(DecidedByTwo):
    """Points for everybody an incident has cost some: asked for, approved, posted once, told."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waiting for approval")
        APPROVED = "approved", _("Being posted")
        DECLINED = "declined", _("Declined")
        DONE = "done", _("Done")

    class Basis(models.TextChoices):
        PERSON = "person", _("for each person")
        DAY = "day", _("for each day")

    NEXT = {
        Status.REQUESTED: frozenset({Status.APPROVED, Status.DECLINED}),
        Status.APPROVED: frozenset({Status.DONE}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(
        Incident, models.PROTECT, related_name="make_goods", verbose_name=_("Incident")
    )
    check_run = models.ForeignKey(
        MemberCheck, models.PROTECT, related_name="make_goods", verbose_name=_("Check of members")
    )
    basis = models.CharField(_("Counted by"), max_length=8, choices=Basis)
    rate = models.PositiveIntegerField(_("Points"))
    budget = models.PositiveBigIntegerField(_("Budget in points"))
    reason = models.CharField(_("Reason"), max_length=300)
    people = models.PositiveIntegerField(_("People"))
    points = models.PositiveBigIntegerField(_("Points in all"))
    list_hash = models.CharField(_("Hash of the list"), max_length=64)
    status = models.CharField(_("Status"), max_length=24, choices=Status, default=Status.REQUESTED)
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)

    objects = MakeGoodRunQuerySet.as_manager()

    class Meta(DecidedByTwo.Meta):
        verbose_name = _("make-good run")
        verbose_name_plural = _("make-good runs")
        permissions = [
            ("request_makegoodrun", _("Can ask for points to make an incident good")),
            ("decide_makegoodrun", _("Can approve points that make an incident good")),
        ]
        constraints = [
            *DecidedByTwo.Meta.constraints,
            models.CheckConstraint(
                condition=Q(points__lte=F("budget")), name="a_make_good_stays_within_its_budget"
            ),
            models.CheckConstraint(
                condition=Q(people__gte=1, points__gte=1, rate__gte=1),
                name="a_make_good_gives_something",
            ),
            models.CheckConstraint(
                condition=Q(status="requested") | Q(decided_by__isnull=False),
                name="no_make_good_without_a_decision",
            ),
            models.CheckConstraint(
                condition=Q(status="done", finished_at__isnull=False)
                | ~Q(status="done") & Q(finished_at=None),
                name="a_finished_make_good_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"make-good {self.pk}"

    def audit_detail(self, stamps: Mapping[str, Any]) -> dict[str, object]:
        return {"people": self.people, "points": self.points}


class MakeGoodItem(models.Model):
    """What one person gets for one incident: once, whatever runs there are."""

    class Outcome(models.TextChoices):
        PLANNED = "planned", _("Planned")
        POSTED = "posted", _("Posted")
        DROPPED = "dropped", _("Not given")

    run = models.ForeignKey(
        MakeGoodRun, models.PROTECT, related_name="items", verbose_name=_("Make-good run")
    )
    incident = models.ForeignKey(
        Incident, models.PROTECT, related_name="+", verbose_name=_("Incident")
    )
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="+", verbose_name=_("Participant")
    )
    days = models.PositiveSmallIntegerField(_("Days"))
    points = models.PositiveIntegerField(_("Points"))
    outcome = models.CharField(_("Outcome"), max_length=8, choices=Outcome, default=Outcome.PLANNED)
    why = models.CharField(_("Why not"), max_length=100, blank=True)
    transfer = models.OneToOneField(
        Transfer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="make_good",
        verbose_name=_("Transfer"),
    )

    class Meta:
        verbose_name = _("person of a make-good run")
        verbose_name_plural = _("people of make-good runs")
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "participant"],
                condition=~Q(outcome="dropped"),
                name="a_person_is_made_good_once_per_incident",
            ),
            models.CheckConstraint(
                condition=Q(outcome="posted", transfer__isnull=False)
                | ~Q(outcome="posted") & Q(transfer=None),
                name="what_was_made_good_has_its_transfer",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="dropped") | ~Q(why=""), name="what_was_not_given_says_why"
            ),
            models.CheckConstraint(
                condition=Q(points__gte=1, days__gte=1), name="a_person_is_given_something"
            ),
        ]
        indexes = [models.Index(fields=["run", "outcome", "id"], name="items_of_a_make_good")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.participant_id}"

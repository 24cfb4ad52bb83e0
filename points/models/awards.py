from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant, Participation
from points.rules import activities
from points.rules.earning import WALKING_DAY, WALKING_WEEK
from seoul_health.core.models import StaffUser
from seoul_health.core.models.records import append_only
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .accounts import Transfer
from .guards import stands_on_its_grounds
from .rules import EarningRule


class AwardQuerySet(models.QuerySet["Award"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)

    def of_days(self, participant: Participant, first: date, last: date) -> Self:
        return self.filter(
            participant=participant, item=Award.Item.WALKING_DAY, period__range=(first, last)
        )


class Award(models.Model):
    """What one day or week earned one person, judged once; zero only with its reason."""

    class Item(models.TextChoices):
        WALKING_DAY = WALKING_DAY, _("Walking, day")
        WALKING_WEEK = WALKING_WEEK, _("Walking, week")
        GOAL_SETTING = activities.GOAL_SETTING, _("Setting a goal")
        SURVEY = activities.SURVEY, _("Survey")
        ATTENDANCE = activities.ATTENDANCE, _("Attendance")
        HOME_TRAINING = activities.HOME_TRAINING, _("Home training")
        MEDITATION = activities.MEDITATION, _("Meditation")
        FITNESS_VISIT = activities.FITNESS_VISIT, _("Visit to a fitness centre")
        FITNESS_GRADE = activities.FITNESS_GRADE, _("Fitness grade")

    class Reason(models.TextChoices):
        GOAL_REACHED = "goal_reached", _("Goal reached")
        WEEK_REACHED = "week_reached", _("Weekly goal reached")
        ACTIVITY_DONE = "activity_done", _("Activity done")
        CAP_REACHED = "cap_reached", _("Points limit used up")

    participation = models.ForeignKey(
        Participation,
        models.PROTECT,
        related_name="awards",
        db_index=False,
        db_constraint=False,
        verbose_name=_("Participation"),
    )
    participant = models.ForeignKey(
        Participant,
        models.PROTECT,
        related_name="awards",
        db_index=False,
        db_constraint=False,
        verbose_name=_("Participant"),
    )
    item = models.CharField(_("What for"), max_length=30, choices=Item)
    # The day itself, or the Sunday of the week.
    period = models.DateField(_("Day"))
    points = models.PositiveIntegerField(_("Points"))
    reason = models.CharField(_("Reason"), max_length=24, choices=Reason)
    rule = models.ForeignKey(
        EarningRule,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("Earning rule"),
    )
    steps = models.PositiveIntegerField(_("Steps"), default=0)
    goal = models.PositiveIntegerField(_("Goal"))
    transfer = models.OneToOneField(
        Transfer,
        models.PROTECT,
        null=True,
        related_name="award",
        db_constraint=False,
        verbose_name=_("Transfer"),
    )
    judged_at = models.DateTimeField(_("Judged at"), db_default=Now())

    objects = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "item", "period"], name="one_award_per_earning_fact"
            ),
            models.CheckConstraint(
                condition=Q(points=0, transfer=None) | Q(points__gt=0, transfer__isnull=False),
                name="points_are_awarded_by_a_transfer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["participant", "period"],
                include=["item", "points"],
                name="earned_in_a_period",
            ),
        ]
        triggers = [append_only(), stands_on_its_grounds()]

    def __str__(self) -> str:
        return f"{self.item} {self.period}"


class SettlementQuerySet(models.QuerySet["Settlement"]):
    def running(self) -> Self:
        return self.filter(status=Settlement.Status.RUNNING)


class Settlement(Stateful):
    """One sweep over everybody for one day or week; what it found missing is what it posted."""

    class Kind(models.TextChoices):
        DAY = "day", _("Day")
        WEEK = "week", _("Week")

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")

    NEXT = {Status.RUNNING: frozenset({Status.DONE})}

    kind = models.CharField(_("Kind"), max_length=8, choices=Kind)
    # The day itself, or the Sunday of the week.
    period = models.DateField(_("Day"))
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.RUNNING)
    asked_by = models.CharField(_("Asked by"), max_length=100)
    started_at = models.DateTimeField(_("Started at"), db_default=Now())
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)
    posted = models.PositiveIntegerField(_("Awards posted"), default=0)
    capped = models.PositiveIntegerField(_("Stopped by the limit"), default=0)
    points = models.BigIntegerField(_("Points posted"), default=0)
    # What every pot held when the sweep ended, by code: pots keep no balance of their own.
    pots = models.JSONField(_("Pots"), default=dict)

    objects = SettlementQuerySet.as_manager()

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        permissions = [("run_settlement", _("Can run settlements"))]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "period"],
                condition=Q(status="running"),
                name="one_running_settlement_per_period",
            ),
            models.CheckConstraint(
                condition=Q(status="running", finished_at=None)
                | Q(status="done", finished_at__isnull=False),
                name="a_finished_settlement_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.period}"


class SettlementChunk(models.Model):
    """A range of participants of one sweep: whoever locks it does it, a killed worker lets go."""

    settlement = models.ForeignKey(
        Settlement, models.CASCADE, related_name="chunks", verbose_name=_("Settlement")
    )
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    done_at = models.DateTimeField(null=True)
    # What stopped the last worker that tried, until one gets through.
    fault = models.CharField(_("Fault"), max_length=120, blank=True)
    failed_at = models.DateTimeField(_("Failed at"), null=True, blank=True)
    posted = models.PositiveIntegerField(default=0)
    capped = models.PositiveIntegerField(default=0)
    points = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("settlement chunk")
        verbose_name_plural = _("settlement chunks")
        constraints = [
            models.UniqueConstraint(fields=["settlement", "first_id"], name="one_chunk_per_range")
        ]

    def __str__(self) -> str:
        return f"{self.settlement_id}/{self.first_id}"

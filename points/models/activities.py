"""What activities earn from which day on, and what partners told of them, each event once."""

from datetime import date
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from points.rules import activities
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .guards import kept_once_released


class Activity(models.TextChoices):
    GOAL_SETTING = activities.GOAL_SETTING, _("Setting a goal")
    SURVEY = activities.SURVEY, _("Survey")
    ATTENDANCE = activities.ATTENDANCE, _("Attendance")
    HOME_TRAINING = activities.HOME_TRAINING, _("Home training")
    MEDITATION = activities.MEDITATION, _("Meditation")
    FITNESS_VISIT = activities.FITNESS_VISIT, _("Visit to a fitness centre")
    FITNESS_GRADE = activities.FITNESS_GRADE, _("Fitness grade")


class ActivityRateQuerySet(models.QuerySet["ActivityRate"]):
    def released(self) -> Self:
        return self.filter(status=ActivityRate.Status.RELEASED)

    def on(self, day: date) -> Self:
        """Those that have begun by a day, the newest of each activity first."""
        return self.released().filter(effective_from__lte=day).order_by("item", "-effective_from")


class ActivityRate(Stateful):
    """What one activity earns from one day on; zero ends it. Released by a second person."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RELEASED = "released", _("Released")

    class HowOften(models.TextChoices):
        DAY = activities.DAY, _("Once a day")
        WEEK = activities.WEEK, _("Once a week")
        HALF_YEAR = activities.HALF_YEAR, _("Once in half a year")
        YEAR = activities.YEAR, _("Once a year")

    NEXT = {Status.DRAFT: frozenset({Status.RELEASED})}

    item = models.CharField(_("Activity"), max_length=30, choices=Activity)
    effective_from = models.DateField(_("In force from"))
    points = models.PositiveIntegerField(_("Points"))
    how_often = models.CharField(
        _("How often"), max_length=12, choices=HowOften, default=HowOften.DAY
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.DRAFT)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Drafted by"),
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Released by"),
    )
    released_at = models.DateTimeField(_("Released at"), null=True, blank=True)

    objects = ActivityRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity rate")
        verbose_name_plural = _("activity rates")
        permissions = [("release_activityrate", _("Can release activity rates"))]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "effective_from"],
                condition=Q(status="released"),
                name="one_released_rate_per_activity_and_day",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", released_at=None)
                | Q(status="released", released_at__isnull=False),
                name="a_released_rate_says_when",
            ),
            models.CheckConstraint(
                condition=Q(released_by=None)
                | Q(drafted_by=None)
                | ~Q(released_by=F("drafted_by")),
                name="two_people_release_a_rate",
            ),
            models.CheckConstraint(
                condition=Q(points__lte=100_000), name="a_rate_is_at_most_a_hundred_thousand"
            ),
        ]
        triggers = [kept_once_released()]

    def __str__(self) -> str:
        return f"{self.item} {self.effective_from}"


class PartnerEventQuerySet(models.QuerySet["PartnerEvent"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)


class PartnerEvent(models.Model):
    """One thing a partner told, signed, once: what it was, and what became of it.

    Written with its effect in one transaction; a repeat is answered from here.
    """

    class Kind(models.TextChoices):
        ACTIVITY = "activity", _("Activity")
        SCAN = "scan", _("Courier scan")
        PAYOUT = "payout", _("Payout result")

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")

    partner = models.SlugField(_("Partner"), max_length=40, db_index=False)
    event_id = models.CharField(_("Event"), max_length=64)
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    content_hash = models.CharField(max_length=64)
    received_at = models.DateTimeField(_("Received at"), db_default=Now())
    outcome = models.CharField(_("Outcome"), max_length=12, choices=Outcome, blank=True)
    reason = models.CharField(_("Reason"), max_length=40, blank=True)
    points = models.PositiveIntegerField(_("Points"), null=True)
    # Of activities only: whose, which and when.
    participant = models.ForeignKey(
        Participant,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("Participant"),
    )
    item = models.CharField(_("Activity"), max_length=30, choices=Activity, blank=True)
    activity_date = models.DateField(_("Day"), null=True)

    objects = PartnerEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner event")
        verbose_name_plural = _("partner events")
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "event_id"], name="one_answer_per_partner_event"
            ),
        ]
        indexes = [
            models.Index(
                fields=["participant", "activity_date"],
                condition=Q(participant__isnull=False),
                name="activities_of_a_person",
            ),
            models.Index(fields=["received_at", "id"], name="partner_events_by_time"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="answered_events_stay",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=~pgtrigger.Q(old__outcome=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner} {self.event_id}"

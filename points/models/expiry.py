from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import DecidedByTwo
from seoul_health.core.models.records import append_only
from seoul_health.core.stateful import Stateful

from .accounts import Account


class ExpiryExtension(DecidedByTwo):
    """More time for the points of a set of people: asked for by one, approved by another.

    It edits no lot. Whose purse it covers is written down when it is approved.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")

    NEXT = {Status.REQUESTED: frozenset({Status.APPROVED, Status.DECLINED})}

    # As participants.services.audiences reads it.
    audience = models.JSONField(_("Whose points"))
    until = models.DateField(_("Nothing expires before"))
    reason = models.CharField(_("Reason"), max_length=300)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.REQUESTED)
    people = models.PositiveIntegerField(_("People"), default=0)
    points = models.BigIntegerField(_("Points"), default=0)
    # People are told in batches: up to which purse, and when the last of them was.
    told_up_to = models.BigIntegerField(default=0)
    told_at = models.DateTimeField(_("Told at"), null=True, blank=True)

    class Meta(DecidedByTwo.Meta):
        verbose_name = _("extension of points")
        verbose_name_plural = _("extensions of points")
        permissions = [("approve_expiryextension", _("Can approve extensions of points"))]
        constraints = [
            *DecidedByTwo.Meta.constraints,
            models.CheckConstraint(condition=~Q(reason=""), name="an_extension_has_its_reason"),
            models.CheckConstraint(
                condition=Q(status="requested", decided_by=None)
                | Q(status__in=["approved", "declined"], decided_by__isnull=False),
                name="a_decided_extension_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"extension {self.pk}"


class ExtendedPurse(models.Model):
    """A purse that an approved extension covers."""

    extension = models.ForeignKey(
        ExpiryExtension, models.PROTECT, related_name="purses", verbose_name=_("Extension")
    )
    purse = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_index=False, verbose_name=_("Purse")
    )

    class Meta:
        verbose_name = _("extended purse")
        verbose_name_plural = _("extended purses")
        constraints = [
            models.UniqueConstraint(fields=["purse", "extension"], name="a_purse_is_extended_once")
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.extension_id}:{self.purse_id}"


class ExpiryRunQuerySet(models.QuerySet["ExpiryRun"]):
    def running(self) -> Self:
        return self.filter(status=ExpiryRun.Status.RUNNING)


class ExpiryRun(Stateful):
    """One run through all purses, taking what has expired by a day, with how far it has come."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")

    NEXT = {Status.RUNNING: frozenset({Status.DONE})}

    day = models.DateField(_("Day"))
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.RUNNING)
    asked_by = models.CharField(_("Asked by"), max_length=100)
    started_at = models.DateTimeField(_("Started at"), db_default=Now())
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)
    reached_id = models.BigIntegerField(default=0)
    people = models.PositiveIntegerField(_("People"), default=0)
    lots = models.PositiveIntegerField(_("Lots of points"), default=0)
    points = models.BigIntegerField(_("Points"), default=0)

    objects = ExpiryRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("expiry run")
        verbose_name_plural = _("expiry runs")
        permissions = [("run_expiry", _("Can let points expire"))]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="running"), name="one_running_expiry"
            ),
            models.CheckConstraint(
                condition=Q(status="running", finished_at=None)
                | Q(status="done", finished_at__isnull=False),
                name="a_finished_expiry_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"expiry {self.day}"


class ExpiryAnnouncement(models.Model):
    """One telling of everybody whose points expire in a month, so many days ahead."""

    month = models.DateField(_("Month"))
    days_ahead = models.PositiveSmallIntegerField(_("Days ahead"))
    started_at = models.DateTimeField(_("Started at"), db_default=Now())
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)
    reached_id = models.BigIntegerField(default=0)
    people = models.PositiveIntegerField(_("People"), default=0)
    points = models.BigIntegerField(_("Points"), default=0)

    class Meta:
        verbose_name = _("expiry announcement")
        verbose_name_plural = _("expiry announcements")
        constraints = [
            models.UniqueConstraint(
                fields=["month", "days_ahead"], name="a_month_is_announced_once_per_step"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="an_announcement_is_of_a_whole_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} -{self.days_ahead}"


class ExpiryForecast(models.Model):
    """What will expire when, counted over everybody at a moment."""

    at = models.DateTimeField(_("Counted at"), db_default=Now())
    asked_by = models.CharField(_("Asked by"), max_length=100)
    # [{"on", "people", "points", "first_time"}] and [{"month", "people", "points"}].
    days = models.JSONField(_("Days"), default=list)
    months = models.JSONField(_("Months"), default=list)

    class Meta:
        verbose_name = _("expiry forecast")
        verbose_name_plural = _("expiry forecasts")

    def __str__(self) -> str:
        return f"forecast {self.pk}"

import re
from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core import clock
from seoul_health.core.models import StaffUser
from seoul_health.core.models.records import append_only
from seoul_health.core.models.staff import Scope

NUMBERED_DAY = re.compile(r"S-([0-9]{8})-")


class Source(models.TextChoices):
    WATCH = "watch", _("Watch")
    PHONE = "phone", _("Phone")
    HEALTH_CONNECT = "health_connect", _("Health Connect")
    HEALTHKIT = "healthkit", _("HealthKit")


class SyncReceiptQuerySet(models.QuerySet["SyncReceipt"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)

    def numbered(self, receipt_no: str) -> Self:
        """Find a receipt in the day its number names; a number of another form finds nothing."""
        day = NUMBERED_DAY.match(receipt_no)
        try:
            named = date.fromisoformat(day[1]) if day else None
        except ValueError:
            named = None
        if named is None:
            return self.none()
        span = (clock.day_starts(named), clock.day_ends(named))
        return self.filter(receipt_no=receipt_no, received_at__gte=span[0], received_at__lt=span[1])


class SyncReceipt(models.Model):
    """What arrived from a phone or watch, as it arrived, and what became of each item.

    Kept in one partition per Seoul day; a day is let go of as a whole after the retention period.
    One receipt per batch is held by the walker's lock (see devices.services.walking).
    """

    receipt_no = models.CharField(_("Receipt number"), max_length=24)
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="receipts", verbose_name=_("Participant")
    )
    batch_id = models.UUIDField(_("Batch"))
    source = models.CharField(_("Source"), max_length=16, choices=Source)
    app_version = models.CharField(_("App version"), max_length=20, blank=True)
    os = models.CharField(_("Operating system"), max_length=30, blank=True)
    device_model = models.CharField(_("Device model"), max_length=40, blank=True)
    # Which device told, as far as the app says so: only a keyed hash of its identifier is kept.
    device_key = models.CharField(_("Device"), max_length=34, blank=True, db_default="")
    received_at = models.DateTimeField(_("Received at"), db_default=Now())
    payload = models.JSONField(_("Payload"))
    digest = models.BinaryField(max_length=32)
    items = models.JSONField(_("Outcome per item"))
    days = ArrayField(models.DateField(), verbose_name=_("Days"), default=list)

    objects = SyncReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("sync receipt")
        verbose_name_plural = _("sync receipts")
        indexes = [
            models.Index(fields=["receipt_no"], name="receipts_by_number"),
            models.Index(fields=["participant", "batch_id"], name="batches_of_a_person"),
            models.Index(fields=["participant", "received_at"], name="receipts_of_a_person"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.receipt_no


class DayStepsQuerySet(models.QuerySet["DaySteps"]):
    def of_day(self, participant: Participant, day: date) -> Self:
        return self.filter(participant=participant, activity_date=day).order_by("source")

    def between(self, participant: Participant, first: date, last: date) -> Self:
        return self.filter(participant=participant, activity_date__range=(first, last))

    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)


class DaySteps(models.Model):
    """One person's day as one source saw it. An upload can raise an hour, never lower it.

    `spans` are the accepted intervals, packed (see devices.rules.spans); `hours` is their union by
    Seoul hour; `steps` is the day's total of this source after the plausibility limits.
    """

    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="days", verbose_name=_("Participant")
    )
    activity_date = models.DateField(_("Day"))
    source = models.CharField(_("Source"), max_length=16, choices=Source)
    hours = ArrayField(models.PositiveSmallIntegerField(), size=24, verbose_name=_("By hour"))
    spans = ArrayField(models.BigIntegerField(), default=list)
    steps = models.PositiveIntegerField(_("Steps"), default=0)
    first_received_at = models.DateTimeField(_("First received"), db_default=Now())
    last_received_at = models.DateTimeField(_("Last received"), db_default=Now())

    objects = DayStepsQuerySet.as_manager()

    class Meta:
        verbose_name = _("day of steps")
        verbose_name_plural = _("days of steps")
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "activity_date", "source"],
                name="one_day_per_person_and_source",
            ),
            models.CheckConstraint(condition=Q(hours__len=24), name="a_day_has_twenty_four_hours"),
            models.CheckConstraint(
                condition=Q(steps__lte=100_000), name="a_day_is_humanly_possible"
            ),
        ]
        indexes = [models.Index(fields=["activity_date", "participant"], name="days_to_settle")]

    def __str__(self) -> str:
        return f"{self.activity_date} {self.source}"

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.fields import EncryptedText
from seoul_health.core.models import StaffUser
from seoul_health.core.stateful import Stateful

from .scopes import within
from .sites import Site


class InstrumentQuerySet(models.QuerySet["Instrument"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(within(user, "site"))

    def in_use(self) -> Self:
        return self.filter(retired_on=None)


class Instrument(models.Model):
    """A measuring device of a health zone; what it says counts while it is calibrated."""

    class Kind(models.TextChoices):
        BLOOD_PRESSURE = "blood_pressure", _("Blood pressure monitor")
        BODY_COMPOSITION = "body_composition", _("Body composition analyser")
        HEIGHT_WEIGHT = "height_weight", _("Height and weight scale")
        GLUCOSE = "glucose", _("Glucose meter")
        GRIP = "grip", _("Grip dynamometer")
        TAPE = "tape", _("Measuring tape")

    serial = models.CharField(_("Serial number"), max_length=32, unique=True)
    site = models.ForeignKey(
        Site, models.PROTECT, related_name="instruments", verbose_name=_("Site")
    )
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind)
    name = models.CharField(_("Name"), max_length=60)
    retired_on = models.DateField(_("Out of use since"), null=True, blank=True)

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("instrument")
        verbose_name_plural = _("instruments")
        permissions = [("calibrate_instrument", _("Can record calibrations"))]

    def __str__(self) -> str:
        return self.serial


class Calibration(models.Model):
    """A certificate that an instrument measured right, for the days it is good for."""

    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="calibrations", verbose_name=_("Instrument")
    )
    done_on = models.DateField(_("Calibrated on"))
    valid_until = models.DateField(_("Good until"))
    certificate_no = models.CharField(_("Certificate number"), max_length=40)
    recorded_by = models.CharField(_("Recorded by"), max_length=100)
    recorded_at = models.DateTimeField(_("Recorded at"), db_default=Now())

    class Meta:
        verbose_name = _("calibration")
        verbose_name_plural = _("calibrations")
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "done_on"], name="one_calibration_per_instrument_and_day"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("done_on")),
                name="a_calibration_ends_after_it_was_done",
            ),
        ]

    def __str__(self) -> str:
        return self.certificate_no


class ReadingBatch(Stateful):
    """A file of readings: looked at first, then taken in whole, and taken back whole."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Checked, not yet taken in")
        DONE = "done", _("Taken into the readings")
        UNDONE = "undone", _("File taken back")
        DROPPED = "dropped", _("Not taken into the readings")

    NEXT = {
        Status.DRAFT: frozenset({Status.DONE, Status.DROPPED}),
        Status.DONE: frozenset({Status.UNDONE}),
    }

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="reading_batches", verbose_name=_("Site")
    )
    status = models.CharField(_("Status"), max_length=8, choices=Status, default=Status.DRAFT)
    file_name = models.CharField(_("File"), max_length=100)
    digest = models.CharField(max_length=64)
    # The rows as they were read, until they are taken in or dropped.
    content = EncryptedText()
    rows = models.PositiveIntegerField(_("Rows"), default=0)
    accepted = models.PositiveIntegerField(_("Rows kept"), default=0)
    repeated = models.PositiveIntegerField(_("Already known"), default=0)
    refused = models.PositiveIntegerField(_("Refused"), default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("File sent by")
    )
    uploaded_at = models.DateTimeField(_("File sent at"), db_default=Now())
    ended_at = models.DateTimeField(_("Decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("file of readings")
        verbose_name_plural = _("files of readings")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "digest"],
                condition=Q(status="done"),
                name="a_file_is_taken_in_once",
            )
        ]

    def __str__(self) -> str:
        return f"readings {self.pk}"


class ReadingQuerySet(models.QuerySet["Reading"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(within(user, "site"))

    def standing(self) -> Self:
        return self.filter(undone_at=None)

    def reliable(self) -> Self:
        """Measured by an instrument that was calibrated, or by none of ours."""
        return self.standing().filter(is_overdue=False)

    def of(self, participant: Participant) -> Self:
        return self.standing().filter(participant=participant).order_by("measured_at", "pk")


class Reading(models.Model):
    """One measured value of one person, in the unit of its kind."""

    class Kind(models.TextChoices):
        SYSTOLIC = "systolic", _("Systolic blood pressure")
        DIASTOLIC = "diastolic", _("Diastolic blood pressure")
        PULSE = "pulse", _("Pulse")
        WEIGHT = "weight", _("Body weight")
        HEIGHT = "height", _("Body height")
        WAIST = "waist", _("Waist")
        BODY_FAT = "body_fat", _("Body fat")
        BMI = "bmi", _("Body mass index")
        GLUCOSE_FASTING = "glucose_fasting", _("Fasting glucose")
        GLUCOSE = "glucose", _("Glucose")
        GRIP = "grip", _("Grip strength")
        TEMPERATURE = "temperature", _("Temperature")

    class Channel(models.TextChoices):
        COUNTER = "counter", _("Counter")
        FILE = "file", _("File")
        SITE = "site", _("Instrument of the site")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="readings", verbose_name=_("Participant")
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="readings", verbose_name=_("Site"))
    instrument = models.ForeignKey(
        Instrument,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="readings",
        verbose_name=_("Instrument"),
    )
    kind = models.CharField(_("Kind"), max_length=16, choices=Kind)
    value = models.DecimalField(_("Value"), max_digits=6, decimal_places=1)
    unit = models.CharField(_("Unit"), max_length=8)
    stated_value = models.DecimalField(_("As stated"), max_digits=8, decimal_places=3)
    stated_unit = models.CharField(_("Unit as stated"), max_length=8)
    # As the person said at the counter, where a threshold needs it; otherwise empty.
    sex = models.CharField(_("Sex"), max_length=1, blank=True)
    # True where the instrument's calibration had run out on the day, or was never recorded.
    is_overdue = models.BooleanField(_("Calibration had run out"), default=False)
    measured_at = models.DateTimeField(_("Measured at"))
    received_at = models.DateTimeField(_("Received at"), db_default=Now())
    channel = models.CharField(_("Came by"), max_length=8, choices=Channel)
    recorded_by = models.CharField(_("Recorded by"), max_length=100)
    batch = models.ForeignKey(
        ReadingBatch,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="readings",
        verbose_name=_("File"),
    )
    undone_at = models.DateTimeField(_("No longer counts since"), null=True, blank=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        permissions = [
            ("enter_reading", _("Can enter readings")),
            ("import_reading", _("Can import readings and take a file back")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "kind", "measured_at"],
                condition=Q(undone_at=None),
                name="a_reading_is_kept_once",
            ),
            models.CheckConstraint(
                condition=Q(sex__in=["", "m", "f"]), name="a_readings_sex_is_m_or_f"
            ),
        ]
        indexes = [models.Index(fields=["site", "-id"], name="readings_of_a_site")]

    def __str__(self) -> str:
        return f"reading {self.pk}"

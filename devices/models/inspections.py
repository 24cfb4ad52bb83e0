import uuid
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core import clock

from .loans import Loan
from .stock import GRADES, Device, Site


class Inspection(models.Model):
    """What was found when a watch came back."""

    class Fault(models.TextChoices):
        SCREEN = "screen", _("Screen")
        STRAP = "strap", _("Strap")
        BATTERY = "battery", _("Battery")
        SENSOR = "sensor", _("Sensor")
        CHARGER = "charger", _("Charger missing")
        WATER = "water", _("Water damage")
        CASING = "casing", _("Casing")
        BUTTONS = "buttons", _("Buttons")
        PAIRING = "pairing", _("Does not connect")

    device = models.ForeignKey(
        Device, models.PROTECT, related_name="inspections", verbose_name=_("Watch")
    )
    loan = models.ForeignKey(
        Loan, models.PROTECT, null=True, blank=True, related_name="inspections"
    )
    grade = models.CharField(_("Grade"), max_length=1)
    faults = ArrayField(
        models.CharField(max_length=30), verbose_name=_("Faults"), default=list, blank=True
    )
    note = models.CharField(_("Note"), max_length=200, blank=True)
    # By which list; empty when the scan station gave a grade at once.
    checklist = models.ForeignKey(
        "devices.Checklist",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inspections",
        verbose_name=_("Checklist"),
    )
    inspected_at = models.DateTimeField(_("Inspected at"), db_default=Now())
    inspected_by = models.CharField(_("Inspected by"), max_length=100)

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        constraints = [
            models.CheckConstraint(
                condition=Q(grade__in=GRADES), name="an_inspection_grades_a_to_d"
            )
        ]

    def __str__(self) -> str:
        return f"inspection {self.pk}"

    @property
    def fault_names(self) -> list[str]:
        """Name the faults in words; one nobody knows any more as it was written."""
        known = {str(code): str(label) for code, label in self.Fault.choices}
        return [known.get(code, code) for code in self.faults]


class DataWipe(models.Model):
    """Proof that a watch was cleared of personal data before anyone else wears it."""

    class Method(models.TextChoices):
        FACTORY_RESET = "factory_reset", _("Factory reset")
        VENDOR_TOOL = "vendor_tool", _("Maker's tool")
        CRUSHED = "crushed", _("Destroyed")

    device = models.ForeignKey(
        Device, models.PROTECT, related_name="wipes", verbose_name=_("Watch")
    )
    loan = models.ForeignKey(Loan, models.PROTECT, null=True, blank=True, related_name="wipes")
    method = models.CharField(_("Wipe method"), max_length=40, choices=Method)
    # What shows it: the number of the tool's report or the crusher's receipt, what was seen after.
    proof = models.CharField(_("Proof"), max_length=100, blank=True)
    wiped_at = models.DateTimeField(_("Wiped at"), db_default=Now())
    wiped_by = models.CharField(_("Wiped by"), max_length=100)

    class Meta:
        verbose_name = _("data wipe")
        verbose_name_plural = _("data wipes")
        constraints = [
            models.CheckConstraint(
                condition=Q(method="factory_reset") | ~Q(proof=""),
                name="a_wipe_by_a_tool_names_its_report",
            )
        ]

    def __str__(self) -> str:
        return f"wipe {self.pk}"

    @property
    def number(self) -> str:
        """Name its certificate as papers do."""
        return f"WIPE-{self.pk:07d}"


class ScanQuerySet(models.QuerySet["Scan"]):
    def of_today(self, scanned_by: str) -> Self:
        """One person's scans since midnight, newest first."""
        since = clock.day_starts(clock.today())
        return self.filter(scanned_by=scanned_by, scanned_at__gte=since).order_by("-pk")

    def tally(self) -> dict[str, int]:
        undone = Q(undone_at__isnull=False)
        return self.aggregate(
            taken_in=models.Count("pk", filter=Q(outcome="taken_in") & ~undone),
            refused=models.Count("pk", filter=Q(outcome="refused")),
            undone=models.Count("pk", filter=undone),
        )


class Scan(models.Model):
    """One watch under the scanner. The station's own id makes sending it twice harmless."""

    class Outcome(models.TextChoices):
        TAKEN_IN = "taken_in", _("Taken in")
        REFUSED = "refused", _("Not taken in")

    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    text = models.CharField(_("As read"), max_length=64)
    outcome = models.CharField(_("Outcome"), max_length=8, choices=Outcome, default=Outcome.REFUSED)
    # Why it was refused, for machines and for the eye.
    code = models.CharField(max_length=24, blank=True)
    message = models.CharField(_("Message"), max_length=200, blank=True)
    device = models.ForeignKey(
        Device,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="scans",
        verbose_name=_("Watch"),
    )
    loan = models.ForeignKey(Loan, models.PROTECT, null=True, blank=True, related_name="scans")
    grade = models.CharField(_("Grade"), max_length=1, blank=True)
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Site")
    )
    # What an undo gives back.
    before = models.JSONField(default=dict)
    scanned_at = models.DateTimeField(_("Scanned at"), db_default=Now())
    scanned_by = models.CharField(_("Scanned by"), max_length=100)
    undone_at = models.DateTimeField(_("Undone at"), null=True, blank=True)

    objects = ScanQuerySet.as_manager()

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        constraints = [
            models.UniqueConstraint(fields=["client_id"], name="one_scan_per_client_id"),
            models.CheckConstraint(
                condition=Q(outcome="refused") | Q(device__isnull=False),
                name="a_watch_taken_in_is_known",
            ),
        ]
        indexes = [models.Index(fields=["scanned_by", "id"], name="scans_of_a_person")]

    def __str__(self) -> str:
        return f"scan {self.pk}"

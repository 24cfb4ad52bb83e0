import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import StaffUser
from seoul_health.core.stateful import Stateful

from .scopes import within
from .sites import Site
from .stock import Device, Lot, look


class ManifestQuerySet(models.QuerySet["Manifest"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(within(user, "site"))

    def arriving(self) -> Self:
        return self.filter(status=Manifest.Status.EXPECTED)


class Manifest(Stateful):
    """What a supplier says is in a delivery: looked at, expected, received, or taken back whole."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Looked at, nothing kept")
        EXPECTED = "expected", _("Expected from the supplier")
        RECEIVED = "received", _("Received")
        DROPPED = "dropped", _("Not taken in")
        UNDONE = "undone", _("Taken back")

    NEXT = {
        Status.DRAFT: frozenset({Status.EXPECTED, Status.RECEIVED, Status.DROPPED}),
        Status.EXPECTED: frozenset({Status.RECEIVED, Status.UNDONE}),
        Status.RECEIVED: frozenset({Status.UNDONE}),
    }

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="manifests", verbose_name=_("Lot"))
    site = models.ForeignKey(
        Site, models.PROTECT, related_name="manifests", verbose_name=_("Arrives at")
    )
    status = models.CharField(_("Status"), max_length=24, choices=Status, default=Status.DRAFT)
    due_on = models.DateField(_("Arrives on"), null=True, blank=True)
    file_name = models.CharField(_("File"), max_length=100)
    sha256 = models.CharField(max_length=64, editable=False)
    rows = models.PositiveIntegerField(_("Rows"), default=0)
    # Of the rows: to be entered, already in the register, and at fault.
    fresh = models.PositiveIntegerField(_("New"), default=0)
    known = models.PositiveIntegerField(_("Already known"), default=0)
    faulty = models.PositiveIntegerField(_("Refused"), default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Sent by")
    )
    uploaded_at = models.DateTimeField(_("File sent at"), db_default=Now())
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)

    objects = ManifestQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions = [("receive_manifest", _("Can receive deliveries"))]
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "sha256"],
                condition=Q(status__in=["expected", "received"]),
                name="a_manifest_is_entered_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "expected"], ended_at=None)
                | Q(status__in=["received", "dropped", "undone"], ended_at__isnull=False),
                name="a_manifest_says_when_it_ended",
            ),
        ]
        indexes = [models.Index(fields=["status", "id"], name="manifests_by_status")]

    def __str__(self) -> str:
        return f"manifest {self.pk}"

    @property
    def number(self) -> str:
        return f"IN-{self.pk:06d}"


class ExpectedWatchQuerySet(models.QuerySet["ExpectedWatch"]):
    def live(self) -> Self:
        return self.filter(is_live=True)

    def arrived(self) -> Self:
        return self.filter(received_at__isnull=False)

    def missing(self) -> Self:
        """Announced, and not seen yet."""
        return self.filter(received_at__isnull=True, is_over=False)

    def looking_like(self, shape: str) -> Self:
        return self.annotate(look=look("serial")).filter(look=shape)

    def tally(self) -> dict[str, int]:
        arrived = Q(received_at__isnull=False)
        return self.aggregate(
            announced=Count("pk", filter=Q(is_over=False)),
            received=Count("pk", filter=arrived),
            over=Count("pk", filter=arrived & Q(is_over=True)),
            short=Count("pk", filter=Q(received_at__isnull=True, is_over=False)),
        )


class ExpectedWatch(models.Model):
    """One line of a delivery, and the watch it became when it was seen."""

    manifest = models.ForeignKey(
        Manifest, models.PROTECT, related_name="lines", db_index=False, verbose_name=_("Delivery")
    )
    line = models.PositiveIntegerField(_("Row"))
    serial = models.CharField(_("Serial number"), max_length=32)
    box = models.CharField(_("Box"), max_length=32, blank=True)
    asset_no = models.CharField(_("Asset number"), max_length=30, blank=True)
    imei = models.CharField(_("IMEI"), max_length=15, blank=True)
    mac = models.CharField(_("MAC address"), max_length=17, blank=True)
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Nobody had announced it, and somebody took it in all the same.
    is_over = models.BooleanField(_("Too many"), default=False)
    # False once the delivery was taken back or ended without it.
    is_live = models.BooleanField(default=True)
    device = models.OneToOneField(
        Device, models.PROTECT, null=True, blank=True, related_name="arrival"
    )
    scan = models.ForeignKey(
        "devices.ArrivalScan",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
        db_index=False,
    )
    received_at = models.DateTimeField(_("Received at"), null=True, blank=True)
    received_by = models.CharField(_("Received by"), max_length=100, blank=True)

    objects = ExpectedWatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("expected watch")
        verbose_name_plural = _("expected watches")
        constraints = [
            models.UniqueConstraint(
                look("serial"),
                condition=Q(is_live=True),
                name="no_two_expected_serials_look_alike",
            ),
            models.CheckConstraint(
                condition=Q(device=None, received_at=None)
                | Q(device__isnull=False, received_at__isnull=False),
                name="a_received_line_names_its_watch",
            ),
        ]
        indexes = [
            models.Index(fields=["manifest", "line"], name="lines_of_a_manifest"),
            models.Index(fields=["manifest", "box"], condition=~Q(box=""), name="lines_of_a_box"),
            models.Index(
                fields=["scan"], condition=Q(scan__isnull=False), name="lines_of_an_arrival"
            ),
        ]

    def __str__(self) -> str:
        return self.serial


class ArrivalScanQuerySet(models.QuerySet["ArrivalScan"]):
    def counting(self) -> Self:
        return self.filter(undone_at__isnull=True)

    def open_questions(self) -> Self:
        """What came though nobody had announced it, and nobody has decided about."""
        return self.counting().filter(outcome=ArrivalScan.Outcome.UNEXPECTED, decision="")


class ArrivalScan(models.Model):
    """One label of a delivery under the scanner; the station's id makes sending it twice safe."""

    class Outcome(models.TextChoices):
        RECEIVED = "received", _("Received")
        AGAIN = "again", _("Already scanned")
        ELSEWHERE = "elsewhere", _("Belongs elsewhere")
        UNEXPECTED = "unexpected", _("Not announced")
        UNREADABLE = "unreadable", _("Not a serial number")

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("Taken in as over-delivered")
        SENT_BACK = "sent_back", _("Goes back to the supplier")

    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    manifest = models.ForeignKey(Manifest, models.PROTECT, related_name="scans")
    text = models.CharField(_("As read"), max_length=64)
    outcome = models.CharField(_("Outcome"), max_length=10, choices=Outcome)
    message = models.CharField(_("Message"), max_length=200, blank=True)
    # How many watches came in: one, or all of a box.
    units = models.PositiveIntegerField(_("Watches"), default=0)
    decision = models.CharField(_("Decision"), max_length=10, choices=Decision, blank=True)
    decided_by = models.CharField(_("Decided by"), max_length=100, blank=True)
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    scanned_at = models.DateTimeField(_("Scanned at"), db_default=Now())
    scanned_by = models.CharField(_("Scanned by"), max_length=100)
    undone_at = models.DateTimeField(_("Undone at"), null=True, blank=True)

    objects = ArrivalScanQuerySet.as_manager()

    class Meta:
        verbose_name = _("scan of a delivery")
        verbose_name_plural = _("scans of deliveries")
        constraints = [
            models.UniqueConstraint(fields=["client_id"], name="one_arrival_per_client_id"),
            models.CheckConstraint(
                condition=Q(outcome="received", units__gte=1) | Q(units=0) | Q(decision="accepted"),
                name="only_a_received_scan_counts_watches",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None)
                | (~Q(decision="") & Q(outcome="unexpected", decided_at__isnull=False)),
                name="only_an_unexpected_watch_is_decided_about",
            ),
        ]

    def __str__(self) -> str:
        return f"arrival {self.pk}"


class StagedWatch(models.Model):
    """A row of a file that is only being looked at; the table is unlogged and lost in a crash."""

    manifest_id = models.PositiveBigIntegerField()
    line = models.PositiveIntegerField()
    # Spelled as the register spells it; as it was told where it cannot be.
    serial = models.CharField(max_length=64)
    shape = models.CharField(max_length=64)
    box = models.CharField(max_length=32)
    asset_no = models.CharField(max_length=30)
    imei = models.CharField(max_length=15)
    mac = models.CharField(max_length=17)
    site_id = models.PositiveBigIntegerField(null=True)
    problem = models.CharField(max_length=16)
    # The other watch, row or lot a problem speaks of.
    other = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manifest_id", "line"], name="one_staged_row_per_line")
        ]

    def __str__(self) -> str:
        return f"staged row {self.pk}"

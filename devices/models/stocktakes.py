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
from .stock import Device


class StocktakeQuerySet(models.QuerySet["Stocktake"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(within(user, "site"))

    def open(self) -> Self:
        return self.filter(status__in=["counting", "settling"])


class Stocktake(Stateful):
    """A count of what stands at a site against what the register says stands there."""

    class Status(models.TextChoices):
        COUNTING = "counting", _("Being counted")
        SETTLING = "settling", _("Differences being decided")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Given up")

    NEXT = {
        Status.COUNTING: frozenset({Status.SETTLING, Status.CANCELLED}),
        Status.SETTLING: frozenset({Status.COUNTING, Status.CLOSED, Status.CANCELLED}),
    }

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="stocktakes", verbose_name=_("Site")
    )
    status = models.CharField(_("Status"), max_length=24, choices=Status, default=Status.COUNTING)
    # Who counts does not see how many there ought to be.
    is_blind = models.BooleanField(_("Blind count"), default=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Started by")
    )
    started_at = models.DateTimeField(_("Started at"), db_default=Now())
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)

    objects = StocktakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("stocktake")
        verbose_name_plural = _("stocktakes")
        permissions = [
            ("count_stocktake", _("Can count stock")),
            ("settle_stocktake", _("Can decide about differences of a stocktake")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["site"],
                condition=Q(status__in=["counting", "settling"]),
                name="one_open_stocktake_per_site",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["counting", "settling"], ended_at=None)
                | Q(status__in=["closed", "cancelled"], ended_at__isnull=False),
                name="a_stocktake_says_when_it_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"stocktake {self.pk}"

    @property
    def number(self) -> str:
        return f"ST-{self.pk:06d}"


class CountedWatchQuerySet(models.QuerySet["CountedWatch"]):
    def missing(self) -> Self:
        return self.filter(is_expected=True, found_at__isnull=True)

    def surplus(self) -> Self:
        return self.filter(is_expected=False, found_at__isnull=False)

    def differing(self) -> Self:
        return self.filter(
            Q(is_expected=True, found_at__isnull=True)
            | Q(is_expected=False, found_at__isnull=False)
        )

    def undecided(self) -> Self:
        return self.differing().filter(decision="")

    def tally(self) -> dict[str, int]:
        found = Q(found_at__isnull=False)
        return self.aggregate(
            expected=Count("pk", filter=Q(is_expected=True)),
            found=Count("pk", filter=found & Q(is_expected=True)),
            missing=Count("pk", filter=Q(is_expected=True, found_at__isnull=True)),
            surplus=Count("pk", filter=found & Q(is_expected=False)),
        )


class CountedWatch(models.Model):
    """One watch of a stocktake: expected, found, or the one without the other."""

    class Decision(models.TextChoices):
        MOVED_ON = "moved_on", _("Left or came in the meantime")
        FOUND = "found", _("Found after all")
        LOST = "lost", _("Written off as lost")
        PLACED = "placed", _("Belongs here from now on")
        TAKEN_IN = "taken_in", _("Taken in as come back")
        LEFT = "left", _("Left as the register has it")

    stocktake = models.ForeignKey(Stocktake, models.PROTECT, related_name="watches", db_index=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="counts")
    is_expected = models.BooleanField(_("Expected"))
    # As the register had it when the count began.
    status_then = models.CharField(_("Status"), max_length=24, choices=Device.Status)
    site_then = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    found_at = models.DateTimeField(_("Found at"), null=True, blank=True)
    found_by = models.CharField(_("Found by"), max_length=100, blank=True)
    decision = models.CharField(_("Decision"), max_length=10, choices=Decision, blank=True)
    note = models.CharField(_("Note"), max_length=200, blank=True)
    decided_by = models.CharField(_("Decided by"), max_length=100, blank=True)
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)

    objects = CountedWatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("counted watch")
        verbose_name_plural = _("counted watches")
        constraints = [
            models.UniqueConstraint(fields=["stocktake", "device"], name="a_watch_is_counted_once"),
            models.CheckConstraint(
                condition=Q(is_expected=True) | Q(found_at__isnull=False),
                name="a_counted_watch_was_expected_or_found",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None)
                | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="a_difference_is_decided_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"counted watch {self.pk}"


class CountScanQuerySet(models.QuerySet["CountScan"]):
    def counting(self) -> Self:
        return self.filter(undone_at__isnull=True)


class CountScan(models.Model):
    """One label of a stocktake under the scanner."""

    class Outcome(models.TextChoices):
        FOUND = "found", _("Found")
        AGAIN = "again", _("Already scanned")
        SURPLUS = "surplus", _("Not expected here")
        UNKNOWN = "unknown", _("Not in the register")

    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    stocktake = models.ForeignKey(Stocktake, models.PROTECT, related_name="scans")
    watch = models.ForeignKey(
        CountedWatch, models.PROTECT, null=True, blank=True, related_name="scans"
    )
    text = models.CharField(_("As read"), max_length=64)
    outcome = models.CharField(_("Outcome"), max_length=8, choices=Outcome)
    message = models.CharField(_("Message"), max_length=200, blank=True)
    scanned_at = models.DateTimeField(_("Scanned at"), db_default=Now())
    scanned_by = models.CharField(_("Scanned by"), max_length=100)
    undone_at = models.DateTimeField(_("Undone at"), null=True, blank=True)

    objects = CountScanQuerySet.as_manager()

    class Meta:
        verbose_name = _("scan of a stocktake")
        verbose_name_plural = _("scans of stocktakes")
        constraints = [
            models.UniqueConstraint(fields=["client_id"], name="one_count_per_client_id"),
            models.CheckConstraint(
                condition=Q(outcome="unknown")
                | Q(watch__isnull=False)
                | Q(undone_at__isnull=False),
                name="a_counted_scan_names_its_watch",
            ),
        ]

    def __str__(self) -> str:
        return f"count {self.pk}"

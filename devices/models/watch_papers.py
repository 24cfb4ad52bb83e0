from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import KeptFile, StaffUser

from .disposals import DisposalBatch
from .inspections import DataWipe, Inspection
from .repairs import RepairTicket
from .scopes import within

OWNERS = ("inspection", "wipe", "repair", "disposal")


def of_one_event() -> Q:
    """Say that a paper belongs to exactly one event."""
    either = Q()
    for owner in OWNERS:
        others = {f"{other}__isnull": other != owner for other in OWNERS}
        either |= Q(**others)
    return either


class WatchPaperQuerySet(models.QuerySet["WatchPaper"]):
    def visible_to(self, user: StaffUser) -> Self:
        """What happened to watches the user sees; papers of disposals are for the whole city."""
        seen = Q()
        for path in ("inspection__device", "wipe__device", "repair__device"):
            seen |= Q(**{f"{path}__isnull": False}) & within(user, f"{path}__site")
        return self.filter(seen | Q(disposal__isnull=False))


class WatchPaper(KeptFile):
    """A photograph or paper of something that happened to a watch, kept with the event."""

    FOLDER = "watches"

    inspection = models.ForeignKey(
        Inspection, models.PROTECT, null=True, blank=True, related_name="papers"
    )
    wipe = models.ForeignKey(DataWipe, models.PROTECT, null=True, blank=True, related_name="papers")
    repair = models.ForeignKey(
        RepairTicket, models.PROTECT, null=True, blank=True, related_name="papers"
    )
    disposal = models.ForeignKey(
        DisposalBatch, models.PROTECT, null=True, blank=True, related_name="papers"
    )
    uploaded_by = models.CharField(_("Sent by"), max_length=100)

    objects = WatchPaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo or paper of a watch")
        verbose_name_plural = _("photos and papers of watches")
        constraints = [
            models.CheckConstraint(
                condition=of_one_event(), name="a_paper_of_a_watch_belongs_to_one_event"
            ),
            models.UniqueConstraint(
                fields=[*OWNERS, "sha256"],
                nulls_distinct=False,
                name="a_paper_of_a_watch_is_kept_once",
            ),
        ]

    def __str__(self) -> str:
        return f"paper {self.pk}"

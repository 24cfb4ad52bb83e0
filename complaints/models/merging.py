from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .complaints import Complaint
from .conversation import Message


class MergeQuerySet(models.QuerySet["Merge"]):
    def live(self) -> Self:
        return self.filter(ended_at=None)

    def into(self, lead: Complaint) -> Self:
        """Complaints that are answered together with this one, in the order they came."""
        return self.live().filter(lead=lead).order_by("pk")

    def to_answer(self) -> Self:
        """Those whose lead has been answered and who wait for their own answer."""
        return self.live().filter(answer__isnull=False).order_by("pk")


class Merge(models.Model):
    """A complaint answered together with another; number, clock and notice stay its own."""

    class Outcome(models.TextChoices):
        ANSWERED = "answered", _("Answered with the lead")
        ALONE = "alone", _("Answered by itself")
        UNMERGED = "unmerged", _("Taken out again")
        WITHDRAWN = "withdrawn", _("Withdrawn by the citizen")
        HANDED_ON = "handed_on", _("Given another lead")

    lead = models.ForeignKey(
        Complaint, models.PROTECT, related_name="merges", verbose_name=_("Lead")
    )
    child = models.ForeignKey(
        Complaint, models.PROTECT, related_name="merged_as", verbose_name=_("Complaint")
    )
    purpose = models.CharField(_("What they have in common"), max_length=200)
    merged_by = models.CharField(_("Merged by"), max_length=100)
    merged_at = models.DateTimeField(_("Merged at"), db_default=Now())
    # What it goes back to when it is taken out again.
    was_status = models.CharField(_("Status before"), max_length=24, choices=Complaint.Status)
    was_with = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Agent before"),
    )
    answer = models.ForeignKey(
        Message,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Answer of the lead"),
    )
    outcome = models.CharField(_("Outcome"), max_length=10, choices=Outcome, blank=True)
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(ended_at=None),
                name="one_live_merge_per_complaint",
            ),
            models.CheckConstraint(
                condition=~Q(lead=F("child")), name="a_complaint_is_not_merged_into_itself"
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="a_merge_says_why"),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | Q(ended_at__isnull=False) & ~Q(outcome=""),
                name="an_ended_merge_says_how",
            ),
        ]
        indexes = [
            models.Index(fields=["lead"], condition=Q(ended_at=None), name="live_merges_of_a_lead")
        ]

    def __str__(self) -> str:
        return f"merge {self.pk}"


class Split(models.Model):
    """A second matter of a complaint that became a complaint with a number of its own."""

    origin = models.ForeignKey(
        Complaint, models.PROTECT, related_name="splits", verbose_name=_("Split from")
    )
    part = models.OneToOneField(
        Complaint, models.PROTECT, related_name="split_of", verbose_name=_("Complaint")
    )
    reason = models.CharField(_("Reason"), max_length=200)
    split_by = models.CharField(_("Split by"), max_length=100)
    split_at = models.DateTimeField(_("Split at"), db_default=Now())

    class Meta:
        verbose_name = _("split")
        verbose_name_plural = _("splits")
        constraints = [
            models.CheckConstraint(
                condition=~Q(origin=F("part")), name="a_complaint_is_not_split_from_itself"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_split_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"split {self.pk}"

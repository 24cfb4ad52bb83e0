from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.stateful import Stateful

from .frozen import change_stays
from .rounds import EligibilityRule, Lane, RecruitmentRound


class RoundChangeQuerySet(models.QuerySet["RoundChange"]):
    def applied(self) -> Self:
        """The changes everybody may read of, newest first."""
        return self.filter(status=RoundChange.Status.APPLIED).order_by("-decided_at", "-pk")


class RoundChange(Stateful):
    """A change to a round that was announced: proposed by one person, decided by another."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPLIED = "applied", _("Put into force")
        DROPPED = "dropped", _("Dropped")

    class Kind(models.TextChoices):
        WINDOW = "window", _("Longer window")
        RULE = "rule", _("New version of the rules")

    NEXT = {Status.PROPOSED: frozenset({Status.APPLIED, Status.DROPPED})}

    round = models.ForeignKey(
        RecruitmentRound, models.PROTECT, related_name="changes", verbose_name=_("Round")
    )
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.PROPOSED)
    lane = models.ForeignKey(
        Lane, models.PROTECT, null=True, blank=True, related_name="changes", verbose_name=_("Lane")
    )
    closed_at_before = models.DateTimeField(_("Closed at before"), null=True, blank=True)
    closes_at = models.DateTimeField(_("Closes at"), null=True, blank=True)
    rule = models.OneToOneField(
        EligibilityRule, models.PROTECT, null=True, blank=True, related_name="change",
        verbose_name=_("Rule"),
    )  # fmt: skip
    reason = models.CharField(_("Reason"), max_length=200)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Proposed by")
    )
    proposed_at = models.DateTimeField(_("Proposed at"), db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Decided by"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)

    objects = RoundChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a round")
        verbose_name_plural = _("changes of rounds")
        permissions = [("decide_roundchange", _("Can decide changes of announced rounds"))]
        triggers = [change_stays()]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="applied") | ~Q(decided_by=F("proposed_by")),
                name="two_people_change_a_round",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_at=None, decided_by=None)
                | Q(~Q(status="proposed"), decided_at__isnull=False, decided_by__isnull=False),
                name="a_decided_change_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(kind="rule", rule__isnull=False, lane=None, closes_at=None)
                | Q(
                    kind="window",
                    rule=None,
                    lane__isnull=False,
                    closes_at__gt=F("closed_at_before"),
                ),
                name="a_change_says_what_it_changes",
            ),
            models.UniqueConstraint(
                fields=["lane"],
                condition=Q(status="proposed"),
                name="one_open_change_per_lane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id}/{self.kind}/{self.pk}"

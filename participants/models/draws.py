from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from participants.rules.draw import Pot
from seoul_health.core.fields import EncryptedText
from seoul_health.core.models import StaffUser
from seoul_health.core.stateful import Stateful

from .rounds import Lane, Quota, RecruitmentRound

HASH = 64
TERMS = ("lane_id", "seed_source", "seed_form", "seed_due_on", "frozen_at", "roster_sha256")
POT_TERMS = (
    "draw_id", "quota_id", "code", "group", "value", "seats", "spill_order", "applied", "roster",
)  # fmt: skip


class DrawQuerySet(models.QuerySet["Draw"]):
    def public(self) -> Self:
        """Draws citizens may know of: all that have a frozen roster."""
        shown = self.exclude(lane__round__status=RecruitmentRound.Status.DRAFT)
        return shown.select_related("lane__round").order_by("lane__kind", "pk")

    def unfinished(self) -> Self:
        """Published draws whose result has not reached every application."""
        return self.filter(status=Draw.Status.PUBLISHED, applied_at=None)


class Draw(Stateful):
    """The lottery of one lane: a frozen roster, a seed from outside, and what came of it.

    Nothing here can be taken back: triggers hold the roster, the seed and the result.
    """

    class Status(models.TextChoices):
        FROZEN = "frozen", _("Roster frozen")
        SEEDED = "seeded", _("Seed entered")
        DRAWN = "drawn", _("Drawn")
        PUBLISHED = "published", _("Published")

    class SeedForm(models.TextChoices):
        LOTTO = "lotto", _("Six lottery numbers, ascending, two digits each, one space between")
        DIGITS = "digits", _("Digits only, as printed, nothing between")

    NEXT = {
        Status.FROZEN: frozenset({Status.SEEDED}),
        Status.SEEDED: frozenset({Status.DRAWN}),
        Status.DRAWN: frozenset({Status.PUBLISHED}),
    }

    lane = models.ForeignKey(Lane, models.PROTECT, related_name="draws", verbose_name=_("Lane"))
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.FROZEN)
    seed_source = models.CharField(_("Where the seed comes from"), max_length=200)
    seed_form = models.CharField(_("How the seed is written"), max_length=8, choices=SeedForm)
    seed_due_on = models.DateField(_("Seed known on"))
    frozen_at = models.DateTimeField(_("Frozen at"))
    roster_count = models.PositiveIntegerField(_("Applications"), default=0)
    roster_sha256 = models.CharField(_("Roster hash"), max_length=HASH, blank=True)
    # What the first person typed; the second does not get to see it.
    first_seed = EncryptedText(null=True)
    first_seed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, related_name="+", verbose_name=_("First entry by")
    )
    first_seed_at = models.DateTimeField(_("First entry at"), null=True)
    seed = models.CharField(_("Seed"), max_length=60, blank=True)
    second_seed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, related_name="+", verbose_name=_("Second entry by")
    )
    seeded_at = models.DateTimeField(_("Second entry at"), null=True)
    drawn_at = models.DateTimeField(_("Drawn at"), null=True)
    result_sha256 = models.CharField(_("Result hash"), max_length=HASH, blank=True)
    published_at = models.DateTimeField(_("Published at"), null=True)
    # From then on every application of the roster knows its result.
    applied_at = models.DateTimeField(_("Carried out at"), null=True)

    objects = DrawQuerySet.as_manager()

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        permissions = [("run_draw", _("Can freeze, draw and publish lotteries"))]
        constraints = [
            models.UniqueConstraint(fields=["lane"], name="one_draw_per_lane"),
            models.CheckConstraint(
                condition=Q(second_seed_by=None) | ~Q(second_seed_by=F("first_seed_by")),
                name="a_seed_takes_two_people",
                violation_error_message=_("Two different people enter the seed."),
            ),
            models.CheckConstraint(
                condition=Q(status="frozen", seed="", second_seed_by=None, drawn_at=None)
                | ~Q(status="frozen")
                & ~Q(seed="")
                & Q(first_seed_by__isnull=False, second_seed_by__isnull=False),
                name="a_draw_has_a_seed_once_it_is_seeded",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["frozen", "seeded"], drawn_at=None, result_sha256="")
                | Q(status__in=["drawn", "published"], drawn_at__isnull=False)
                & ~Q(result_sha256=""),
                name="a_draw_has_a_result_once_it_is_drawn",
            ),
            models.CheckConstraint(
                condition=Q(status="published", published_at__isnull=False)
                | Q(published_at=None, applied_at=None) & ~Q(status="published"),
                name="a_draw_is_carried_out_once_it_is_published",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="draws_stay", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="terms_stay",
                operation=pgtrigger.UpdateOf(*TERMS, "roster_count"),
                condition=~pgtrigger.Q(old__roster_sha256=""),
            ),
            pgtrigger.Protect(
                name="seed_stays",
                operation=pgtrigger.UpdateOf(
                    "first_seed", "first_seed_by_id", "first_seed_at", "seed", "second_seed_by_id",
                    "seeded_at",
                ),
                condition=~pgtrigger.Q(old__seed=""),
            ),
            pgtrigger.Protect(
                name="result_stays",
                operation=pgtrigger.UpdateOf("drawn_at", "result_sha256"),
                condition=pgtrigger.Q(old__drawn_at__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.lane.round.code}/{self.lane.kind}"

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    @property
    def public_status(self) -> str:
        """Say where the public sees it: nothing is told of the steps in between."""
        return str(self.Status.PUBLISHED if self.is_published else self.Status.FROZEN)


class DrawPotQuerySet(models.QuerySet["DrawPot"]):
    def light(self) -> Self:
        """Read the terms without the rosters, in spill-over order."""
        return self.defer("roster", "ranked").order_by("spill_order", "code")


class DrawPot(models.Model):
    """One quota's part of a draw: its seats, who drew for them, and in which order they came."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="pots", verbose_name=_("Draw"))
    quota = models.ForeignKey(Quota, models.PROTECT, related_name="+", verbose_name=_("Quota"))
    # Copies of the quota's terms, as they were when the roster was frozen.
    code = models.CharField(_("Code"), max_length=30)
    group = models.CharField(_("Group"), max_length=16, choices=Quota.Group)
    value = models.CharField(_("Value"), max_length=30, blank=True)
    seats = models.PositiveIntegerField(_("Seats"))
    spill_order = models.PositiveSmallIntegerField(_("Spill-over order"))
    applied = models.PositiveIntegerField(_("Applications"))
    # Public ids of the applications, sorted; and in drawn order.
    roster = ArrayField(models.UUIDField())
    ranked = ArrayField(models.UUIDField(), null=True)

    objects = DrawPotQuerySet.as_manager()

    class Meta:
        verbose_name = _("draw pot")
        verbose_name_plural = _("draw pots")
        constraints = [
            models.UniqueConstraint(fields=["draw", "quota"], name="one_pot_per_draw_and_quota")
        ]
        triggers = [
            pgtrigger.Protect(
                name="pot_terms_stay",
                operation=pgtrigger.UpdateOf(*POT_TERMS) | pgtrigger.Delete,
            ),
            pgtrigger.Protect(
                name="ranks_stay",
                operation=pgtrigger.UpdateOf("ranked"),
                condition=pgtrigger.Q(old__ranked__isnull=False),
            ),
            pgtrigger.Trigger(
                name="no_pot_after_the_freeze",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=(
                    "IF EXISTS (SELECT FROM participants_draw WHERE id = NEW.draw_id"
                    " AND roster_sha256 <> '') THEN"
                    " RAISE EXCEPTION 'the roster of draw % is frozen', NEW.draw_id;"
                    " END IF; RETURN NEW;"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id}/{self.code}"

    @property
    def terms(self) -> Pot:
        return Pot(self.code, self.seats, self.spill_order, self.applied)

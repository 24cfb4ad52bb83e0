"""Campaigns: so many points for the first so many people, until the places or the money are gone.

A place is a row made at the release, and it is taken by updating it: whoever locks a free place
has it, nobody waits for a counter, and there is no place number above the last.
"""

from datetime import date
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.models import DecidedByTwo, StaffUser
from seoul_health.core.models.staff import Scope

from .accounts import Transfer
from .activities import Activity
from .guards import arriving

MOST_PLACES = 1_000_000
TERMS = (
    "code", "name_ko", "name_en", "starts_on", "ends_on", "kind", "steps", "days", "item",
    "points", "places", "budget",
)  # fmt: skip
TERMS_CHANGED = "OLD.status <> 'draft' AND ({old}) IS DISTINCT FROM ({new})".format(
    old=", ".join(f"OLD.{name}" for name in TERMS), new=", ".join(f"NEW.{name}" for name in TERMS)
)
BEYOND_THE_LAST = """
number > (SELECT least(coalesce(places, 1000000), coalesce(budget / points, 1000000))
    FROM points_campaign WHERE id = arrived.campaign_id)
"""


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def released(self) -> Self:
        return self.filter(status=Campaign.Status.RELEASED)

    def drafts(self) -> Self:
        return self.filter(status=Campaign.Status.DRAFT)

    def announced(self) -> Self:
        return self.exclude(status=Campaign.Status.DRAFT)

    def over(self, today: date) -> Self:
        return self.released().filter(ends_on__lt=today)


class Campaign(DecidedByTwo):
    """Points beside the rules, for a number of people or up to a sum, whichever ends first."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RELEASED = "released", _("Released")
        CLOSED = "closed", _("Closed")

    class Kind(models.TextChoices):
        STEPS = "steps", _("So many steps on one day")
        GOAL_DAYS = "goal_days", _("So many goal days in the window")
        ACTIVITY = "activity", _("An activity in the window")

    NEXT = {
        Status.DRAFT: frozenset({Status.RELEASED}),
        Status.RELEASED: frozenset({Status.CLOSED}),
    }

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    name_ko = models.CharField(_("Name in Korean"), max_length=60)
    name_en = models.CharField(_("Name in English"), max_length=80)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.DRAFT)
    starts_on = models.DateField(_("First day"))
    ends_on = models.DateField(_("Last day"))
    kind = models.CharField(_("What qualifies"), max_length=12, choices=Kind)
    steps = models.PositiveIntegerField(_("Steps on a day"), null=True, blank=True)
    days = models.PositiveSmallIntegerField(_("Goal days"), null=True, blank=True)
    item = models.CharField(_("Activity"), max_length=30, choices=Activity, blank=True)
    points = models.PositiveIntegerField(_("Points of a person"))
    places = models.PositiveIntegerField(_("Places"), null=True, blank=True)
    budget = models.PositiveBigIntegerField(_("Budget in points"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta(DecidedByTwo.Meta):
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        permissions = [
            ("release_campaign", _("Can release campaigns")),
            ("close_campaign", _("Can close campaigns")),
        ]
        constraints = [
            *DecidedByTwo.Meta.constraints,
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")),
                name="a_campaign_ends_after_it_starts",
                violation_error_message=_("A campaign must not end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(kind="steps", steps__gt=0, days=None, item="")
                | Q(kind="goal_days", steps=None, days__gt=0, item="")
                | (Q(kind="activity", steps=None, days=None) & ~Q(item="")),
                name="a_campaign_says_what_qualifies",
                violation_error_message=_(
                    "Give the steps, the goal days or the activity that qualifies, and only that."
                ),
            ),
            models.CheckConstraint(
                condition=Q(points__gt=0)
                & (Q(places__gt=0, places__lte=MOST_PLACES) | Q(places=None))
                & (Q(budget__gte=F("points")) | Q(budget=None))
                & (Q(places__isnull=False) | Q(budget__isnull=False)),
                name="a_campaign_has_an_end_of_places_or_money",
                violation_error_message=_(
                    "Give a number of places (at most 1,000,000) or a budget of at least one"
                    " person's points."
                ),
            ),
            models.CheckConstraint(
                condition=Q(status="draft", decided_at=None, closed_at=None)
                | Q(status="released", decided_at__isnull=False, closed_at=None)
                | Q(status="closed", decided_at__isnull=False, closed_at__isnull=False),
                name="a_campaign_says_when_it_was_released_and_closed",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="what_a_campaign_promised_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(TERMS_CHANGED),
            ),
            pgtrigger.Protect(
                name="released_campaigns_stay",
                operation=pgtrigger.Delete,
                condition=~pgtrigger.Q(old__status="draft"),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        return self.name_ko if get_language() == "ko" else self.name_en

    @property
    def size(self) -> int:
        """How many people it can pay: its places, or what its budget buys if that is less."""
        bought = MOST_PLACES if self.budget is None else self.budget // self.points
        return min(self.places or MOST_PLACES, bought, MOST_PLACES)

    @property
    def is_cut_by_budget(self) -> bool:
        return self.places is None or self.size < self.places

    def counts_on(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


class CampaignPlaceQuerySet(models.QuerySet["CampaignPlace"]):
    def free(self) -> Self:
        return self.filter(participant=None)

    def taken(self) -> Self:
        return self.filter(participant__isnull=False)

    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)


class CampaignPlace(models.Model):
    """One numbered place; once taken, it keeps its person and its transfer."""

    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        related_name="numbered",
        db_index=False,
        verbose_name=_("Campaign"),
    )
    number = models.PositiveIntegerField(_("Place"))
    participant = models.ForeignKey(
        Participant,
        models.PROTECT,
        null=True,
        related_name="campaign_places",
        verbose_name=_("Participant"),
    )
    transfer = models.OneToOneField(
        Transfer, models.PROTECT, null=True, related_name="+", verbose_name=_("Transfer")
    )
    earned_on = models.DateField(_("Earned on"), null=True)
    taken_at = models.DateTimeField(_("Taken at"), null=True)

    objects = CampaignPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place of a campaign")
        verbose_name_plural = _("places of campaigns")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "number"], name="one_place_per_campaign_and_number"
            ),
            models.UniqueConstraint(
                fields=["campaign", "participant"], name="one_place_per_campaign_and_person"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="places_count_from_one"),
            models.CheckConstraint(
                condition=Q(participant=None, transfer=None, earned_on=None, taken_at=None)
                | Q(
                    participant__isnull=False,
                    transfer__isnull=False,
                    earned_on__isnull=False,
                    taken_at__isnull=False,
                ),
                name="a_place_is_taken_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "number"],
                condition=Q(participant=None),
                name="free_places_of_a_campaign",
            )
        ]
        triggers = [
            arriving("a_campaign_has_no_more_places", BEYOND_THE_LAST),
            pgtrigger.Protect(
                name="taken_places_stay",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__participant__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.number}"

"""How full campaigns are, what is left of their money, and what each person may hope for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from participants.models import Participant
from points.models import Campaign, CampaignPlace
from points.services import qualifying
from seoul_health.core import clock

KEPT_FOR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a campaign stands."""

    campaign: Campaign
    taken: int

    @property
    def size(self) -> int:
        return self.campaign.size

    @property
    def left(self) -> int:
        return 0 if self.campaign.status == Campaign.Status.CLOSED else self.size - self.taken

    @property
    def spent(self) -> int:
        return self.taken * self.campaign.points

    @property
    def money_left(self) -> int:
        return self.left * self.campaign.points

    @property
    def percent(self) -> int:
        return 100 * self.taken // self.size

    def stage(self, today: date) -> str:
        """Say in one word what somebody can still do here."""
        if self.campaign.status == Campaign.Status.CLOSED or self.campaign.ends_on < today:
            return "over"
        if self.campaign.starts_on > today:
            return "upcoming"
        return "open" if self.left else "full"


def standings(campaigns: Iterable[Campaign]) -> list[Standing]:
    """Count the places that are taken, of all campaigns at once."""
    known = list(campaigns)
    places = CampaignPlace.objects.taken().filter(campaign__in=known).values_list("campaign")
    counted = dict(places.annotate(taken=Count("pk")))
    return [Standing(campaign, counted.get(campaign.pk, 0)) for campaign in known]


def taken_by_day(campaign: Campaign) -> list[tuple[date, int]]:
    """Count the places taken on each Seoul day since the first one."""
    seoul_day = TruncDate("taken_at", tzinfo=clock.KST)
    rows = campaign.numbered.taken().annotate(day=seoul_day).values_list("day")
    return list(rows.annotate(count=Count("pk")).order_by("day"))


@dataclass(frozen=True, slots=True)
class Hope:
    """What one campaign is for one person: a state, and the reason for it."""

    standing: Standing
    state: str
    reason: str
    have: int
    place_no: int | None


def hopes_of(participant: Participant) -> list[Hope]:
    """Tell a person of every campaign of the last half-year and of those announced."""
    today = clock.today()
    announced = Campaign.objects.announced().filter(ends_on__gte=today - KEPT_FOR)
    mine = dict(
        CampaignPlace.objects.filter(participant=participant).values_list("campaign", "number")
    )
    wanted = announced | Campaign.objects.filter(Q(pk__in=mine))
    found = standings(wanted.distinct().order_by("-starts_on", "pk")[:50])
    return [hope_of(one, participant, mine.get(one.campaign.pk), today) for one in found]


def hope_of(standing: Standing, participant: Participant, number: int | None, today: date) -> Hope:
    campaign, stage = standing.campaign, standing.stage(today)
    need = need_of(campaign)
    if number is not None:
        return Hope(standing, "awarded", "awarded", need, number)
    if stage == "upcoming":
        return Hope(standing, "upcoming", "not_started", 0, None)
    have = min(need, qualifying.progress_of(campaign, participant))
    if not standing.left and campaign.status != Campaign.Status.CLOSED:
        reason = "budget_spent" if campaign.is_cut_by_budget else "campaign_full"
        return Hope(standing, "full", reason, have, None)
    if stage == "over":
        return Hope(standing, "over", "campaign_over", have, None)
    return Hope(standing, "open", "goal_not_reached", have, None)


def need_of(campaign: Campaign) -> int:
    return campaign.steps or campaign.days or 1


def page_of_places(campaign: Campaign, places: Any, *, after: int, most: int) -> list[Any]:
    """Give a page of the places that are taken, in order of their number."""
    rows = places.filter(campaign=campaign, number__gt=after).taken()
    return list(rows.select_related("participant", "transfer").order_by("number")[:most])

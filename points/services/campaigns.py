"""Campaigns: money set aside at the release, places taken one by one, the rest given back.

A place is a row. Whoever reaches the goal locks a free one, passing over those that others hold
just now; only when every free place is held by somebody does it wait, so the last place is given
exactly once and nobody is turned away from a place that becomes free again.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction

from participants.models import Participant
from points.errors import BudgetSpent, CampaignFull, CampaignStartsTooSoon
from points.models import Account, Campaign, CampaignPlace, Pot, Reason
from points.services import ledger, qualifying
from points.services.accounts import lock_purses, pot
from points.services.rulebook import known_campaigns
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import finds_free
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser

log = structlog.get_logger("campaigns")

AT_ONCE = 500
FREE_PLACE = """
SELECT id FROM points_campaignplace WHERE campaign_id = %s AND participant_id IS NULL
ORDER BY number LIMIT 1 FOR UPDATE
"""
LAY_OUT = """
INSERT INTO points_campaignplace (campaign_id, number)
SELECT %(campaign)s, number FROM generate_series(1, %(size)s) AS number
"""


@transaction.atomic
def release_campaign(campaign: Campaign, *, by: StaffUser) -> None:
    """Open a drafted campaign, by a second person, for days that have not passed."""
    if campaign.starts_on < clock.today():
        raise CampaignStartsTooSoon(day=clock.today())
    campaign.move(Campaign.Status.RELEASED, by=by, **campaign.decided(by))
    open_places(campaign)


def open_places(campaign: Campaign) -> None:
    """Number the places of a campaign and set aside what they will cost."""
    with connection.cursor() as cursor:
        cursor.execute(LAY_OUT, {"campaign": campaign.pk, "size": campaign.size})
    ledger.post(
        f"campaign-budget:{campaign.code}",
        source=pot(Pot.FUND),
        target=pot(Pot.CAMPAIGNS),
        amount=campaign.size * campaign.points,
        reason=Reason.CAMPAIGN_BUDGET,
        business_date=clock.today(),
    )


def award_reached(participant: Participant, days: Iterable[date]) -> None:
    """Give a person the places that these days have brought; a full campaign is no error."""
    known = known_campaigns()
    if not known:
        return
    walked = list(days)
    for campaign in known:
        if not any(campaign.counts_on(day) for day in walked):
            continue
        earned_on = qualifying.reached_by(campaign, participant)
        if earned_on is not None:
            try:
                give_place(campaign, participant, earned_on=earned_on)
            except CampaignFull:
                log.info("campaign_full", campaign=campaign.code)


@transaction.atomic
def give_place(
    campaign: Campaign,
    participant: Participant,
    *,
    earned_on: date,
    at: datetime | None = None,
) -> CampaignPlace:
    """Give somebody who qualifies a place and its points, once; or say why there is none."""
    purse = lock_purses([participant.pk])[participant.pk]
    mine = campaign.numbered.filter(participant=participant).first()
    if mine is not None:
        return mine
    place = take_free_place(campaign)
    transfer = ledger.post(
        f"campaign:{campaign.code}:{participant.pk}",
        source=pot(Pot.CAMPAIGNS),
        target=Account.objects.get(pk=purse),
        amount=campaign.points,
        reason=Reason.CAMPAIGN,
        business_date=earned_on,
        case=campaign.code,
    )
    place.participant, place.transfer = participant, transfer
    place.earned_on, place.taken_at = earned_on, at or clock.now()
    place.save(update_fields=["participant", "transfer", "earned_on", "taken_at"])
    return place


def take_free_place(campaign: Campaign) -> CampaignPlace:
    """Lock the first place that nobody holds; if all are held, wait for what becomes of them.

    Those who wait do so in the order of the numbers: none of them holds what another one wants.
    """
    with connection.cursor() as cursor:
        if not finds_free(cursor, f"{FREE_PLACE} SKIP LOCKED", [campaign.pk]):
            cursor.execute(FREE_PLACE, [campaign.pk])
        row = cursor.fetchone()
    if row is None:
        raise BudgetSpent if campaign.is_cut_by_budget else CampaignFull
    return CampaignPlace.objects.get(pk=row[0])


def award_waiting(campaign: Campaign) -> int:
    """Give places to those who reached the goal and whom no sync told; give how many."""
    given = 0
    for person, earned_on in qualifying.waiting(campaign, most=AT_ONCE):
        try:
            give_place(campaign, Participant.objects.get(pk=person), earned_on=earned_on)
        except CampaignFull:
            break
        given += 1
    return given


def sweep_campaigns(*, by: Actor) -> int:
    """Award who waits in every running campaign, and close those that are over."""
    given, today = 0, clock.today()
    for campaign in Campaign.objects.released().filter(starts_on__lte=today).order_by("pk"):
        if campaign.numbered.free().exists():
            given += award_waiting(campaign)
        if campaign.ends_on < today - timedelta(days=settings.STEPS_GRACE_DAYS + 1):
            close_campaign(campaign, by=by, why="over")
    return given


@transaction.atomic
def close_campaign(campaign: Campaign, *, by: Actor, why: str) -> None:
    """End a campaign for good and give back what was not spent; who has a place keeps it."""
    if not why.strip():
        raise ReasonNeeded
    campaign.move(Campaign.Status.CLOSED, by=by, why=why, closed_at=clock.now())
    left, _each = CampaignPlace.objects.filter(pk__in=locked_free_places(campaign)).delete()
    if left:
        ledger.post(
            f"campaign-rest:{campaign.code}",
            source=pot(Pot.CAMPAIGNS),
            target=pot(Pot.FUND),
            amount=left * campaign.points,
            reason=Reason.CAMPAIGN_REST,
            business_date=clock.today(),
        )
    audit.record("rest_given_back", campaign, by=by, places=left)


def locked_free_places(campaign: Campaign) -> list[int]:
    """Wait for whoever is taking a place, in the order in which they wait; give what is left."""
    free = campaign.numbered.free().order_by("number").select_for_update()
    return list(free.values_list("pk", flat=True))

"""Points for what was walked, by the same services that run every night."""

import uuid
from datetime import date, timedelta

from participants.models import Participant
from points.models import Account
from points.services.awards import WEEK_GRACE, judge_days
from points.services.payouts import check_payable, request_payout
from points.services.proof import prove
from points.services.settlement import settle_day, settle_week
from seoul_health.core.errors import DomainError

from .copy import public_id
from .plans import HERO_DAYS, HEROES, World
from .staff import LOADER

PAYOUTS = 300
LEAST = 5_000
SUNDAY = 6


def settled_days(world: World) -> list[date]:
    """Give the days of everybody's walking, from the first to yesterday."""
    return [world.today - timedelta(days=back) for back in range(world.days, 0, -1)]


def settle(day: date, world: World) -> int:
    """Settle a day, and its week when the week is over with it; give how many points."""
    points = settle_day(day, by=LOADER).points
    if day.weekday() == SUNDAY and day + WEEK_GRACE <= world.today:
        points += settle_week(day, by=LOADER).points
    return points


def judge_earlier(world: World) -> None:
    """Judge what the demo people walked before everybody else set out."""
    earlier = [world.today - timedelta(days=back) for back in range(HERO_DAYS, world.days, -1)]
    for hero in Participant.objects.order_by("pk")[:HEROES]:
        judge_days(hero, earlier, by=LOADER)


def request_payouts(world: World) -> int:
    """Let some people ask for their points; the worker pays them once the site runs."""
    dice = world.dice("payouts")
    asked = 0
    rich = Account.objects.purses().filter(balance__gte=LEAST)
    heroes = Participant.objects.order_by("pk").values("pk")[:HEROES]
    purses = rich.exclude(participant__in=heroes).order_by("pk").select_related("participant")
    for purse in purses[: PAYOUTS * 2]:
        if asked == min(PAYOUTS, world.size // 20) or purse.participant is None:
            break
        try:
            check_payable(purse.participant, LEAST)
        except DomainError:
            continue
        amount = min(purse.balance, LEAST + dice.randrange(20) * 500)
        request_payout(purse.participant, amount=amount, key=uuid.UUID(public_id(dice)))
        asked += 1
    return asked


def prove_points() -> None:
    """Check that every day has its points and every point its day, or fail loudly."""
    proof = prove(by=LOADER)
    if not proof.ok:
        gaps = {name: count for name, count in proof.gaps.items() if count}
        raise AssertionError(f"the demo's points do not prove: {gaps}")

"""Lotteries at any step, made by the services that make them in life."""

from datetime import timedelta

import time_machine
from django.utils import timezone

from participants.models import Application, Draw, Lane, Quota
from participants.services import draws, rounds
from seoul_health.core import clock
from tests.conftest import JOB
from tests.participants.recruiting import add_lane, approved, draft_round

SEED = "03 11 19 27 33 45"
SOURCE = "제1252회 로또 당첨번호"


def lottery_lane(people, *, seats=2, others=()):
    """Make a closed lottery lane in which these people were approved, quota by quota.

    `others` are further quotas: (code, seats, spill order, people).
    """
    lane = add_lane(draft_round(), method=Lane.Method.LOTTERY, seats=seats)
    members = {"general": people}
    for code, number, order, who in others:
        Quota.objects.create(lane=lane, code=code, seats=number, spill_order=order)
        members[code] = who
    announce(lane.round)
    for quota in lane.quotas.all():
        for person in members[quota.code]:
            approved(person, lane, quota=quota)
    return closed(lane)


def lottery_lanes(people):
    """Make two closed lottery lanes of one round, everybody in the first."""
    lane = add_lane(draft_round(), method=Lane.Method.LOTTERY, seats=2)
    other = add_lane(lane.round, method=Lane.Method.LOTTERY, kind=Lane.Kind.NEEDS_WATCH)
    announce(lane.round)
    for person in people:
        approved(person, lane)
    return closed(lane), other


def announce(found):
    rounds.announce(found, by=JOB)
    rounds.open_round(found, by=JOB)


def closed(lane: Lane) -> Lane:
    rounds.close_round(lane.round, by=JOB)
    return lane


def frozen(lane: Lane, *, by=JOB) -> Draw:
    return draws.freeze(
        lane,
        seed_source=SOURCE,
        seed_form=Draw.SeedForm.LOTTO,
        seed_due_on=clock.today() + timedelta(days=1),
        by=by,
    )


def on_the_day(draw: Draw):
    """Travel to the moment the seed is known."""
    moment = clock.day_starts(draw.seed_due_on) + timedelta(hours=21)
    return time_machine.travel(max(moment, timezone.now()), tick=False)


def seeded(draw: Draw, first, second, *, seed: str = SEED) -> Draw:
    with on_the_day(draw):
        draws.enter_seed(draw, seed, by=first)
        draws.enter_seed(draw, seed, by=second)
    return draw


def drawn(draw: Draw, first, second, *, seed: str = SEED) -> Draw:
    seeded(draw, first, second, seed=seed)
    draws.draw_lots(draw, by=first)
    return draw


def statuses(lane: Lane) -> dict[str, str]:
    rows = Application.objects.filter(lane=lane)
    return {str(one.public_id): one.status for one in rows}

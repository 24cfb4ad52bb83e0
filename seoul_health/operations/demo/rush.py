"""A whole town applying to one round within two days: what the round's dashboard is about."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from participants.models import Application, Participant, Quota
from participants.services.numbers import receipt_signs

from .copy import copy_rows, draw, next_ids, public_id
from .plans import BASES, HEROES, World
from .recruitment import REJECTIONS

FIELDS = (
    "id", "public_id", "receipt_no", "participant", "round", "lane", "quota", "basis", "status",
    "sequence", "created_at", "submitted_at", "decided_at", "rule", "failed_rules", "reason",
    "rank", "seat", "seat_no",
)  # fmt: skip
# Of the first two days: most come in the first minutes, the others over the evenings.
FIRST_MINUTES, FIRST_HOUR, TWO_DAYS = 10, 60, 47 * 60
LATE = 0.97
BATCH = 1_000
UNDECIDED = ("submitted", "submitted", "under_review", "on_hold")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One applicant at the gate."""

    after: float
    participant: int
    quota: Quota
    basis: str


def copy_rush(world: World) -> int:
    """Write one application for nearly everybody, in the order in which they came."""
    dice = world.dice("rush")
    arrivals = sorted(arrivals_of(world, dice), key=lambda one: (one.after, one.participant))
    numbers = next_ids(Application, len(arrivals))
    order = draw("participants_arrival", len(arrivals))
    rows = _rows(list(zip(arrivals, numbers, order, strict=True)), world, dice)
    return sum(copy_rows(Application, FIELDS, some) for some in batched(rows))


def batched(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Cut rows into short statements: the triggers of one long COPY wait for its end."""
    while some := list(islice(rows, BATCH)):
        yield some


def arrivals_of(world: World, dice: Random) -> Iterator[Arrival]:
    """Let everybody but the nine demo people and those without an address come."""
    quotas = {
        (quota.lane.kind, quota.code): quota
        for quota in Quota.objects.select_related("lane").filter(
            lane__round=world.rounds.rush.round
        )
    }
    people = Participant.objects.order_by("pk").values_list("pk", "senior_from")[HEROES:]
    for participant, senior_from in people.iterator(chunk_size=5_000):
        yield Arrival(
            after=minutes(dice),
            participant=participant,
            quota=quotas[wish(dice, is_senior=bool(senior_from and senior_from <= world.today))],
            basis=dice.choices(BASES, cum_weights=(88, 95, 98, 100))[0],
        )


def minutes(dice: Random) -> float:
    """Choose how long after the opening somebody comes."""
    chance = dice.random()
    if chance < 0.35:
        return min(dice.expovariate(1 / 2.5), FIRST_MINUTES)
    if chance < 0.6:
        return dice.uniform(1, FIRST_HOUR)
    return dice.uniform(FIRST_HOUR, TWO_DAYS)


def wish(dice: Random, *, is_senior: bool) -> tuple[str, str]:
    """Choose a lane and the seats of it somebody asks for."""
    if dice.random() < 0.58:
        return "needs_watch", "senior" if is_senior and dice.random() < 0.7 else "general"
    return "own_device", "one-person" if dice.random() < 0.06 else "general"


def _rows(
    arrivals: list[tuple[Arrival, int, int]], world: World, dice: Random
) -> Iterator[tuple[Any, ...]]:
    rush = world.rounds.rush
    opened = rush.lanes["own_device"].opens_at
    taken: Counter[int] = Counter()
    waiting: Counter[int] = Counter()
    for place, (arrival, number, order) in enumerate(arrivals):
        quota, came = arrival.quota, opened + timedelta(minutes=arrival.after)
        status = _status(quota, taken, is_late=place > len(arrivals) * LATE, dice=dice)
        decided = None if status in UNDECIDED else _decided(came, dice, world)
        code, reason = dice.choice(REJECTIONS) if status == "rejected" else ("", "")
        taken[quota.pk] += status == "selected"
        waiting[quota.pk] += status == "waitlisted"
        yield (
            number,
            public_id(dice),
            f"A-{came:%y%m}-{receipt_signs(order)}",
            arrival.participant,
            rush.round.pk,
            quota.lane_id,
            quota.pk,
            arrival.basis,
            status,
            order,
            came - timedelta(seconds=dice.randint(20, 900)),
            came,
            decided,
            rush.rule.pk if decided else None,
            [code] if code else [],
            reason,
            waiting[quota.pk] if status == "waitlisted" else None,
            quota.pk if status == "selected" else None,
            taken[quota.pk] if status == "selected" else None,
        )


def _status(quota: Quota, taken: Counter[int], *, is_late: bool, dice: Random) -> str:
    chance = dice.random()
    if is_late and chance < 0.6:
        return dice.choice(UNDECIDED)
    if chance > 0.95:
        return "rejected"
    return "selected" if taken[quota.pk] < quota.seats else "waitlisted"


def _decided(came: datetime, dice: Random, world: World) -> datetime:
    return min(came + timedelta(minutes=dice.randint(60, 7_000)), world.now)

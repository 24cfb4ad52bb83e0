"""The whole demo, part by part, with a line of progress for each."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from devices.models import DaySteps, Device, Loan, Shipment, SyncReceipt
from participants.models import Application, Consent, Participant, Participation, Profile
from points.models import Account, Award, Payout, Transfer
from points.services.accounts import open_purses
from seoul_health.core import clock

from .copy import analyse
from .lending import copy_lending
from .money import judge_earlier, request_payouts, settle_period
from .people import copy_people
from .plans import Chunk, World, plan_chunks
from .recruitment import copy_recruitment, fill_seats
from .rounds import load_rounds
from .staff import load_staff
from .stock import Stock, copy_idle, load_stock
from .walking import copy_walking, days_for

ONE_TRANSACTION = 20_000
FILLED = (
    Participant, Profile, Consent, Application, Participation, Device, Loan, Shipment, DaySteps,
    SyncReceipt,
)  # fmt: skip
Say = Callable[[str], None]


@dataclass
class Totals:
    """What was written, by name, and how long it takes."""

    say: Say
    started: float = field(default_factory=time.monotonic)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, **counts: int) -> None:
        for name, count in counts.items():
            self.counts[name] = self.counts.get(name, 0) + count

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.say(f"{name}: {time.monotonic() - begun:.1f} s")


def load_demo(*, size: int, seed: int, days: int | None, say: Say) -> Totals:
    """Fill an empty database with invented people; a small town all or nothing."""
    totals = Totals(say)
    whole = size <= ONE_TRANSACTION
    with transaction.atomic() if whole else nullcontext():
        world, stock = _lay_ground(size, seed, days, totals)
        each: Callable[[], AbstractContextManager[Any]] = (
            nullcontext if whole else transaction.atomic
        )
        _write_people(world, stock, totals, each=each)
    analyse(FILLED)
    with totals.part("points"):
        judge_earlier(world)
        totals.add(points=settle_period(world))
        totals.add(payouts=request_payouts(world))
    analyse((Account, Transfer, Award, Payout))
    return totals


def _lay_ground(size: int, seed: int, days: int | None, totals: Totals) -> tuple[World, Stock]:
    today = clock.today()
    with totals.part("staff, rounds and sites"), transaction.atomic():
        totals.add(staff=load_staff())
        world = World(
            seed=seed,
            size=size,
            days=days or days_for(size),
            today=today,
            now=clock.now().replace(microsecond=0),
            rounds=load_rounds(today),
        )
        stock = load_stock(world)
    totals.say(f"people walk {world.days} days back, the nine demo people 120")
    return world, stock


def _write_people(
    world: World,
    stock: Stock,
    totals: Totals,
    *,
    each: Callable[[], AbstractContextManager[Any]],
) -> None:
    with totals.part("people, loans and steps"):
        for chunk in plan_chunks(world):
            with each():
                _write_chunk(chunk, stock, totals)
            done = totals.counts["participants"]
            totals.say(f"{done:,} of {world.size:,} people, {totals.seconds:.0f} s")
    with totals.part("idle watches"), each():
        totals.add(watches=copy_idle(stock, world))
        fill_seats(world.rounds.running)


def _write_chunk(chunk: Chunk, stock: Stock, totals: Totals) -> None:
    copy_people(chunk)
    open_purses([plan.participant_id for plan in chunk.plans])
    copy_recruitment(chunk)
    loans = copy_lending(chunk, stock)
    days, receipts = copy_walking(chunk)
    totals.add(
        participants=len(chunk.plans), loans=loans, watches=loans, days=days, receipts=receipts
    )

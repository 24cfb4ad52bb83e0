"""The whole demo, part by part, with a line of progress for each."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction

from complaints.models import Complaint
from devices.models import DaySteps, Device, Loan, Shipment, SyncReceipt
from devices.services.receipts import open_days
from participants.models import Application, Consent, Participant, Participation, Profile
from points.models import Account, Award, Transfer
from points.services.accounts import open_purses
from points.services.forecasts import count_expiry
from seoul_health.core import clock

from .budget import load_budget
from .complaints import load_complaints
from .continuing import load_continuing
from .copy import analyse, hurry
from .draws import load_draws
from .duties import load_duties
from .earning import load_campaigns, load_draft_rule, load_visits
from .expiring import load_expiring
from .families import load_families
from .holds import decide_some, shake_some
from .incidents import load_incidents
from .inspecting import load_inspecting
from .lending import copy_lending
from .messages import load_messages
from .money import judge_earlier, prove_points, request_payouts, settle, settled_days
from .packing import load_packing
from .papers import attach_papers
from .partner import load_partner
from .people import copy_people
from .plans import HERO_DAYS, Chunk, World, plan_chunks
from .recovering import load_recovering
from .recruitment import copy_recruitment, fill_seats
from .reviews import load_reviews
from .rounds import load_rounds
from .rush import copy_rush
from .safety import load_guides, load_safety
from .sites import load_sites
from .staff import LOADER, load_staff
from .stock import Stock, copy_idle, load_stock
from .supplying import load_supplying
from .today import sync_today
from .walking import copy_walking, days_for
from .zones import load_zones

ONE_TRANSACTION = 20_000
FILLED = (
    Participant, Profile, Consent, Application, Participation, Device, Loan, Shipment, DaySteps,
    SyncReceipt, Complaint,
)  # fmt: skip
MONEY = (Account, Transfer, Award)
Say = Callable[[str], None]
Together = Callable[[], AbstractContextManager[Any]]


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
    totals, is_small = Totals(say), size <= ONE_TRANSACTION
    hurry()
    each: Callable[[], AbstractContextManager[Any]] = (
        nullcontext if is_small else transaction.atomic
    )
    with transaction.atomic() if is_small else nullcontext():
        world, stock = _lay_ground(size, seed, days, totals)
        _write_people(world, stock, totals, each=each)
        with totals.part("papers and complaints"), transaction.atomic():
            totals.add(papers=attach_papers(world), complaints=load_complaints(world))
            totals.add(reminders=load_duties(world))
            totals.add(merged=load_families(world))
            totals.add(alarms=load_safety(world), guides_opened=load_guides(world))
            totals.add(going_on=load_continuing(world), decisions=load_reviews(world))
            totals.add(drawn=load_draws(world))
        with totals.part("health zones"), transaction.atomic():
            totals.add(readings=load_zones(world))
    with totals.part("recovery"), transaction.atomic():
        totals.add(recovery_steps=load_recovering(world))
    with totals.part("inspections, repairs and disposals"), transaction.atomic():
        totals.add(supplied=load_supplying(world, stock))
        totals.add(looked_at=load_inspecting(world), packed=load_packing(world))
    with totals.part("messages"), transaction.atomic():
        totals.add(messages=load_messages(world))
    analyse(FILLED)
    _move_points(world, totals)
    if is_small:
        with totals.part("proof"):
            prove_points()
    else:
        say("prove the points with: manage.py prove_points")
    return totals


def _move_points(world: World, totals: Totals) -> None:
    with totals.part("points"):
        judge_earlier(world)
        shake_some(world)
        for number, day in enumerate(settled_days(world), start=1):
            totals.add(points=settle(day, world))
            if number & (number - 1) == 0:  # A table twice as big asks for other plans.
                analyse(MONEY)
        totals.add(expired=load_expiring(world))
        totals.add(holds=decide_some(world), visits=load_visits(world))
        totals.add(campaign_places=load_campaigns(world))
        totals.add(paid_of_old=load_partner(world))
        totals.add(payouts=request_payouts(world), uploads_today=sync_today(world))
        totals.add(made_good=load_incidents(world))
        load_draft_rule(world)
        count_expiry(by=LOADER)
        totals.add(budget=load_budget(world))
    analyse(MONEY)


def _lay_ground(size: int, seed: int, days: int | None, totals: Totals) -> tuple[World, Stock]:
    today = clock.today()
    open_days(today - timedelta(days=HERO_DAYS + 1), today + timedelta(days=1))
    with totals.part("staff, rounds and sites"), transaction.atomic():
        totals.add(staff=load_staff())
        world = World(
            seed=seed,
            size=size,
            days=days or days_for(size),
            today=today,
            now=clock.now().replace(microsecond=0),
            rounds=load_rounds(today, size),
        )
        stock = load_stock(world)
        totals.add(sites=load_sites(world, stock))
    totals.say(f"people walk {world.days} days back, the nine demo people 120")
    return world, stock


def _write_people(
    world: World,
    stock: Stock,
    totals: Totals,
    *,
    each: Together,
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
    with totals.part("a round everybody ran for"), each():
        totals.add(applications_in_a_rush=copy_rush(world))


def _write_chunk(chunk: Chunk, stock: Stock, totals: Totals) -> None:
    copy_people(chunk)
    open_purses([plan.participant_id for plan in chunk.plans])
    copy_recruitment(chunk)
    loans = copy_lending(chunk, stock)
    days, receipts = copy_walking(chunk)
    totals.add(
        participants=len(chunk.plans), loans=loans, watches=loans, days=days, receipts=receipts
    )

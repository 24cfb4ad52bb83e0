"""Invented people and their ways through the programme, a chunk at a time from one seed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from devices.models import Source
from seoul_health.core.clock import KST
from seoul_health.simulators.people import FAMILY_NAMES, GIVEN_NAMES, SEOUL, STREETS, person

from .rounds import DemoRounds
from .stories import HERO, NOWHERE, OPEN, PAST, RUNNING, STORIES, Story, weighed

HEROES = 9
CHUNK = 5_000
HERO_DAYS = 120
# Residents of the districts in tens of thousands, about.
CROWD = (
    14, 12, 21, 28, 33, 34, 38, 42, 29, 30, 49, 46, 31, 36, 43, 56, 39, 23, 37, 38, 48, 40,
    54, 65, 46,
)  # fmt: skip
BASES = ("resident", "worker", "student", "self_employed")
OWN_SOURCES = (Source.PHONE, Source.HEALTH_CONNECT, Source.HEALTHKIT, Source.WATCH)
FAMILIES, FAMILY_WEIGHTS = tuple(FAMILY_NAMES), tuple(accumulate(FAMILY_NAMES.values()))
GIVEN, GIVEN_WEIGHTS = tuple(GIVEN_NAMES), tuple(accumulate(GIVEN_NAMES.values()))
CROWD_WEIGHTS = tuple(accumulate(CROWD))


@dataclass(frozen=True)
class World:
    """What every part of the demo needs to know."""

    seed: int
    size: int
    days: int
    today: date
    now: datetime
    rounds: DemoRounds
    seated: Counter[int] = field(default_factory=Counter)

    @property
    def devices(self) -> int:
        return min(self.size * 4 // 5, 120_000)

    def dice(self, part: str, chunk: int = 0) -> Random:
        """Give a part its own dice: one part's throws never change another's."""
        return Random(f"{self.seed}/{self.size}/{part}/{chunk}")  # noqa: S311 - invented data


@dataclass(slots=True)
class Plan:
    """One invented person; the row numbers are filled in as the rows are written."""

    index: int
    ci: str
    name: str
    phone: str
    birth_date: date
    address: str
    district: str
    story: Story
    joined_at: datetime
    basis: str = "resident"
    is_verified: bool = True
    starts_on: date = date.max
    ends_on: date = date.max
    ended_at: datetime | None = None
    sources: tuple[str, ...] = ()
    pace: float = 1.0
    number: str = ""
    participant_id: int = 0
    participation_id: int = 0
    loan_id: int = 0

    @property
    def is_hero(self) -> bool:
        """Tell whether the identity simulator knows this one as demo-1 … demo-9."""
        return self.index < HEROES


@dataclass
class Chunk:
    """Some thousand people whose rows go out together."""

    number: int
    world: World
    plans: list[Plan] = field(default_factory=list)

    def dice(self, part: str) -> Random:
        return self.world.dice(part, self.number)


def plan_chunks(world: World) -> Iterator[Chunk]:
    for number, first in enumerate(range(0, world.size, CHUNK)):
        chunk = Chunk(number, world)
        dice = chunk.dice("plan")
        last = min(first + CHUNK, world.size)
        chunk.plans = [_plan(index, dice, world) for index in range(first, last)]
        yield chunk


def _plan(index: int, dice: Random, world: World) -> Plan:
    plan = _hero(index, dice, world) if index < HEROES else _stranger(index, dice, world)
    _set_dates(plan, dice, world)
    _set_walking(plan, dice)
    return plan


def _hero(index: int, dice: Random, world: World) -> Plan:
    known = person(f"demo-{index + 1}")
    return Plan(
        index=index,
        ci=known.ci,
        name=known.name,
        phone=known.phone,
        birth_date=known.birth_date,
        address=known.address,
        district=known.district,
        story=HERO,
        joined_at=_moment(dice, world.rounds.running.round.starts_on - timedelta(days=30)),
    )


def _stranger(index: int, dice: Random, world: World) -> Plan:
    district = dice.choices(SEOUL, cum_weights=CROWD_WEIGHTS)[0]
    number = dice.randrange(100_000_000)
    return Plan(
        index=index,
        ci=f"{world.seed}/{index}/{dice.getrandbits(128):032x}",
        name=dice.choices(FAMILIES, cum_weights=FAMILY_WEIGHTS)[0]
        + dice.choices(GIVEN, cum_weights=GIVEN_WEIGHTS)[0],
        phone=f"010-{number // 10_000 % 2_000:04}-{number % 10_000:04}",
        birth_date=_birth_date(dice, world.today),
        address=f"서울특별시 {district} {dice.choice(STREETS)} {dice.randint(1, 400)}",
        district=district,
        story=_story(index, dice, world),
        joined_at=world.now,
        basis=dice.choices(BASES, cum_weights=(88, 95, 98, 100))[0],
        is_verified=dice.random() > 0.12,
    )


def _story(index: int, dice: Random, world: World) -> Story:
    """Let every story happen once, then as often as it weighs."""
    if index - HEROES < len(STORIES):
        return STORIES[index - HEROES]
    stories, weights = weighed(world.devices / world.size)
    return dice.choices(stories, weights=weights)[0]


def _birth_date(dice: Random, today: date) -> date:
    """Make half of the people fifty and older, as they are."""
    age = dice.triangular(19.1, 85, 55)
    return today - timedelta(days=int(age * 365.25) + 1)


def _set_dates(plan: Plan, dice: Random, world: World) -> None:
    story, today = plan.story, world.today
    if story.round == NOWHERE:
        plan.joined_at = min(_moment(dice, today - timedelta(days=dice.randint(1, 300))), world.now)
        return
    found = {PAST: world.rounds.past, RUNNING: world.rounds.running, OPEN: world.rounds.open}[
        story.round
    ].round
    plan.starts_on, plan.ends_on = found.starts_on, found.ends_on
    if story.round == RUNNING and not plan.is_hero:
        first = max(found.starts_on, today - timedelta(days=world.days))
        plan.starts_on = first + timedelta(days=dice.randint(0, max(1, world.days // 6)))
    elif story.round == OPEN:
        plan.starts_on = today - timedelta(days=dice.randint(0, min(5, world.days)))
    if story.participation == "withdrawn":
        span = max(1, (today - plan.starts_on).days)
        plan.ended_at = _moment(dice, today - timedelta(days=dice.randint(1, (span + 1) // 2)))
    elif story.participation == "completed":
        plan.ended_at = _moment(dice, plan.ends_on)
    plan.joined_at = min(
        _moment(dice, plan.starts_on - timedelta(days=dice.randint(15, 40))), world.now
    )


def _set_walking(plan: Plan, dice: Random) -> None:
    plan.pace = 1.15 + dice.random() * 0.3 if plan.is_hero else dice.gammavariate(6, 1 / 6)
    if plan.story.loan:
        with_phone = plan.is_hero or dice.random() < 0.2
        plan.sources = (Source.WATCH, Source.PHONE) if with_phone else (Source.WATCH,)
    else:
        plan.sources = (dice.choice(OWN_SOURCES),)


def _moment(dice: Random, day: date) -> datetime:
    """Choose a waking moment of a Seoul day."""
    return datetime.combine(day, time(8 + dice.randrange(13), dice.randrange(60)), KST)

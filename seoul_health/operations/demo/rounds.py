"""The programme's real recruitment rounds, and rounds around today that can be used."""

from dataclasses import dataclass
from datetime import date, timedelta

from participants.models import RecruitmentRound
from seoul_health.core import clock

from .real_rounds import real_rounds
from .round_plans import (
    EVERYBODY,
    FIRST_COME,
    OWN,
    STATUS,
    WATCH,
    DemoRound,
    LanePlan,
    QuotaPlan,
    RoundPlan,
    at,
    lane,
    tell,
    write,
)
from .round_plans import draft as write_draft

# Shares of the town that find a seat in the round everybody ran for.
WATCHES, SENIORS, OWN_DEVICES, ALONE = 0.24, 0.06, 0.28, 0.02
RUSH_BEGAN, RUSH_ENDED = timedelta(days=10), timedelta(days=8)


@dataclass(frozen=True)
class DemoRounds:
    past: DemoRound
    running: DemoRound
    open: DemoRound
    rush: DemoRound


def load_rounds(today: date, size: int) -> DemoRounds:
    """Write all rounds and give the four that demo people apply to."""
    for plan in real_rounds():
        write(plan)
    past, running, usable, announced = rounds_around(today)
    write(announced)
    found = write(past), write(running), write(usable)
    rush = rush_round(today, size, follows=running)
    write_draft(next_draft(today))
    return DemoRounds(*found, rush=tell(write_draft(rush), rush))


def rounds_around(today: date) -> tuple[RoundPlan, RoundPlan, RoundPlan, RoundPlan]:
    """One round that is over, one running, one open for the next sixty days, one announced."""
    return (
        _round_at(add(today, -11), STATUS.ENDED, ends_on=add(today, -4)),
        _round_at(add(today, -4), STATUS.RUNNING, ends_on=add(today, 3)),
        _open_round(today),
        _round_at(add(today, 3), STATUS.ANNOUNCED, ends_on=add(today, 9)),
    )


def add(today: date, months: int) -> date:
    return clock.add_months(today, months)


def _round_at(starts_on: date, status: RecruitmentRound.Status, *, ends_on: date) -> RoundPlan:
    opens, closes = starts_on - timedelta(days=35), starts_on - timedelta(days=14)
    return RoundPlan(
        f"{starts_on:%Y-%m}", f"{starts_on:%Y년 %-m월} 정기 모집", status, (starts_on, ends_on),
        EVERYBODY, (19, None), starts_on,
        (
            lane(WATCH, FIRST_COME, opens, closes, general=700_000, senior=100_000),
            lane(OWN, FIRST_COME, opens, closes, general=900_000),
        ),
    )  # fmt: skip


def _open_round(today: date) -> RoundPlan:
    opens, closes = today - timedelta(days=14), today + timedelta(days=60)
    return RoundPlan(
        f"{today:%Y-%m}-open", f"{today:%Y년 %-m월} 수시 모집", STATUS.OPEN,
        (today - timedelta(days=7), add(today, 6)),
        EVERYBODY, (19, None), today,
        (
            lane(WATCH, FIRST_COME, opens, closes, general=300_000, senior=20_000),
            lane(OWN, FIRST_COME, opens, closes, general=500_000),
        ),
        follows=f"{add(today, -11):%Y-%m}",
    )  # fmt: skip


def rush_round(today: date, size: int, *, follows: RoundPlan) -> RoundPlan:
    """Describe the next round, for which the whole town applied within two days."""
    window = at(today - RUSH_BEGAN), at(today - RUSH_ENDED)
    watches = (
        QuotaPlan("general", seats(size, WATCHES)),
        QuotaPlan("senior", seats(size, SENIORS), "senior"),
    )
    own = (
        QuotaPlan("general", seats(size, OWN_DEVICES)),
        QuotaPlan("one-person", seats(size, ALONE), "one_person"),
    )
    starts_on = follows.days[1] + timedelta(days=1)
    return RoundPlan(
        f"{starts_on:%Y-%m}-next", f"{starts_on:%Y년 %-m월} 연속 참여 모집", STATUS.CLOSED,
        (starts_on, add(starts_on, 6)),
        EVERYBODY, (19, None), starts_on,
        (LanePlan(WATCH, FIRST_COME, window, watches), LanePlan(OWN, FIRST_COME, window, own)),
        may_be_taking_part=True,
        follows=follows.code,
    )  # fmt: skip


def next_draft(today: date) -> RoundPlan:
    """Describe a round an official is still working on."""
    starts_on = add(today, 8)
    opens, closes = starts_on - timedelta(days=35), starts_on - timedelta(days=28)
    return RoundPlan(
        f"{starts_on:%Y-%m}-draft", f"{starts_on:%Y년 %-m월} 정기 모집(안)", STATUS.DRAFT,
        (starts_on, add(starts_on, 6)),
        EVERYBODY, (19, None), starts_on,
        (
            lane(WATCH, FIRST_COME, opens, closes, general=30_000, senior=5_000, new_mother=1_000),
            lane(OWN, FIRST_COME, opens, closes, general=0),
        ),
    )  # fmt: skip


def seats(size: int, share: float) -> int:
    return max(2, int(size * share))

"""The programme's real recruitment rounds, and rounds around today that can be used."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from participants.models import EligibilityRule, Lane, Quota, RecruitmentRound
from seoul_health.core import clock
from seoul_health.core.clock import KST

STATUS = RecruitmentRound.Status
RESIDENTS_AND_WORKERS = ("resident", "worker", "self_employed")
EVERYBODY = ("resident", "worker", "student", "self_employed")
WATCH, OWN = Lane.Kind.NEEDS_WATCH, Lane.Kind.OWN_DEVICE
FIRST_COME, ROLLING = Lane.Method.FIRST_COME, Lane.Method.ROLLING
BY_WEEKDAY = Lane.Method.WEEKDAY_BY_BIRTH_YEAR
TEN = time(10)


@dataclass(frozen=True)
class LanePlan:
    kind: Lane.Kind
    method: Lane.Method
    opens_at: datetime
    closes_at: datetime
    quotas: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class RoundPlan:
    code: str
    name: str
    status: RecruitmentRound.Status
    starts_on: date
    ends_on: date
    bases: tuple[str, ...]
    ages: tuple[int, int | None]
    counted_on: date
    lanes: tuple[LanePlan, ...]


@dataclass(frozen=True)
class DemoRound:
    """A round the demo people take part in, with the rows they point to."""

    round: RecruitmentRound
    rule: EligibilityRule
    lanes: dict[str, Lane]
    quotas: dict[str, Quota]


@dataclass(frozen=True)
class DemoRounds:
    past: DemoRound
    running: DemoRound
    open: DemoRound


def load_rounds(today: date) -> DemoRounds:
    """Write all rounds and give the three that demo people use."""
    for plan in real_rounds():
        _write(plan)
    past, running, usable, announced = rounds_around(today)
    _write(announced)
    return DemoRounds(past=_write(past), running=_write(running), open=_write(usable))


def real_rounds() -> tuple[RoundPlan, ...]:
    """The five rounds of 2021 to 2024, as they were announced."""
    return (
        RoundPlan(
            "2021-1", "1기 온서울 건강온 시범사업", STATUS.ARCHIVED,
            date(2021, 11, 9), date(2022, 7, 31),
            RESIDENTS_AND_WORKERS, (19, 64), date(2021, 12, 31),
            (_lane(WATCH, FIRST_COME, date(2021, 11, 1), date(2021, 12, 7), general=50_000),),
        ),
        RoundPlan(
            "2022-2", "2기 손목닥터9988", STATUS.ARCHIVED,
            date(2023, 1, 2), date(2023, 8, 31),
            RESIDENTS_AND_WORKERS, (19, 69), date(2022, 12, 31),
            (
                _lane(
                    WATCH, BY_WEEKDAY, date(2022, 12, 5), date(2022, 12, 24),
                    general=161_500, new_mother=1_000, metabolic=2_500, one_person=15_000,
                ),
            ),
        ),
        RoundPlan(
            "2023-3", "3기 손목닥터9988", STATUS.ARCHIVED,
            date(2023, 9, 11), date(2024, 3, 10),
            EVERYBODY, (19, 75), date(2023, 8, 28),
            (
                _lane(WATCH, FIRST_COME, date(2023, 8, 28), date(2023, 9, 9), general=120_000),
                _lane(OWN, FIRST_COME, date(2023, 8, 28), date(2023, 9, 9), general=30_000),
            ),
        ),
        RoundPlan(
            "2023-3-more", "3기 추가 모집", STATUS.ARCHIVED,
            date(2023, 12, 11), date(2024, 6, 30),
            EVERYBODY, (19, 75), date(2023, 11, 27),
            (
                _lane(WATCH, FIRST_COME, date(2023, 11, 27), date(2023, 12, 9), general=50_000),
                _lane(OWN, FIRST_COME, date(2023, 12, 18), date(2023, 12, 30), general=20_000),
            ),
        ),
        RoundPlan(
            "2024-standing", "2024 상시 모집", STATUS.ENDED,
            date(2024, 3, 5), date(2025, 12, 31),
            EVERYBODY, (19, None), date(2024, 3, 4),
            (_lane(OWN, ROLLING, date(2024, 3, 4), date(2024, 12, 31), general=1_000_000),),
        ),
    )  # fmt: skip


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
        f"{starts_on:%Y-%m}", f"{starts_on:%Y년 %-m월} 정기 모집", status, starts_on, ends_on,
        EVERYBODY, (19, None), starts_on,
        (
            _lane(WATCH, FIRST_COME, opens, closes, general=700_000, senior=100_000),
            _lane(OWN, FIRST_COME, opens, closes, general=900_000),
        ),
    )  # fmt: skip


def _open_round(today: date) -> RoundPlan:
    opens, closes = today - timedelta(days=14), today + timedelta(days=60)
    return RoundPlan(
        f"{today:%Y-%m}-open", f"{today:%Y년 %-m월} 수시 모집", STATUS.OPEN,
        today - timedelta(days=7), add(today, 6),
        EVERYBODY, (19, None), today,
        (
            _lane(WATCH, FIRST_COME, opens, closes, general=300_000, senior=20_000),
            _lane(OWN, FIRST_COME, opens, closes, general=500_000),
        ),
    )  # fmt: skip


def _lane(
    kind: Lane.Kind, method: Lane.Method, opens: date, closes: date, **quotas: int
) -> LanePlan:
    first, last = (datetime.combine(day, TEN, KST) for day in (opens, closes))
    return LanePlan(kind, method, first, last, tuple(quotas.items()))


def _write(plan: RoundPlan) -> DemoRound:
    announced = min(lane.opens_at for lane in plan.lanes) - timedelta(days=14)
    row = RecruitmentRound.objects.create(
        code=plan.code,
        name=plan.name,
        status=plan.status,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        announced_at=min(announced, clock.now()),
    )
    rule = EligibilityRule.objects.create(
        round=row,
        effective_from=clock.seoul_day(announced),
        reference_date=plan.counted_on,
        min_age=plan.ages[0],
        max_age=plan.ages[1],
        bases=list(plan.bases),
    )
    lanes: dict[str, Lane] = {}
    quotas: dict[str, Quota] = {}
    for lane_plan in plan.lanes:
        lane = Lane.objects.create(
            round=row,
            kind=lane_plan.kind,
            method=lane_plan.method,
            opens_at=lane_plan.opens_at,
            closes_at=lane_plan.closes_at,
        )
        lanes[lane.kind] = lane
        for place, (group, seats) in enumerate(lane_plan.quotas):
            quota = Quota.objects.create(
                lane=lane, code=group.replace("_", "-"), group=group, seats=seats, spill_order=place
            )
            quotas.setdefault(lane.kind, quota)
    return DemoRound(round=row, rule=rule, lanes=lanes, quotas=quotas)

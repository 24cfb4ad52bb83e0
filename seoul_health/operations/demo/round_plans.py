"""How a demo round is described, and how its rows are written: drafted first, told afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from participants.models import EligibilityRule, Lane, Quota, RecruitmentRound
from participants.models.rounds import usual_evidence
from seoul_health.core import clock
from seoul_health.core.clock import KST

STATUS = RecruitmentRound.Status
RESIDENTS_AND_WORKERS = ("resident", "worker", "self_employed")
EVERYBODY = ("resident", "worker", "student", "self_employed")
WATCH, OWN = Lane.Kind.NEEDS_WATCH, Lane.Kind.OWN_DEVICE
FIRST_COME, ROLLING = Lane.Method.FIRST_COME, Lane.Method.ROLLING
BY_WEEKDAY = Lane.Method.WEEKDAY_BY_BIRTH_YEAR
TEN, SIX = time(10), time(18)
Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class QuotaPlan:
    """Seats of a lane; a wave or a special day has a window of its own."""

    code: str
    seats: int
    group: str = "general"
    value: str = ""
    window: Window | None = None


@dataclass(frozen=True)
class LanePlan:
    kind: Lane.Kind
    method: Lane.Method
    window: Window
    quotas: tuple[QuotaPlan, ...]
    weekdays: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RoundPlan:
    code: str
    name: str
    status: RecruitmentRound.Status
    days: tuple[date, date]
    bases: tuple[str, ...]
    ages: tuple[int, int | None]
    counted_on: date
    lanes: tuple[LanePlan, ...]
    evidence: Mapping[str, list[str]] = field(default_factory=usual_evidence)
    may_be_taking_part: bool = False
    follows: str = ""


@dataclass(frozen=True)
class DemoRound:
    """A round the demo people take part in, with the rows they point to."""

    round: RecruitmentRound
    rule: EligibilityRule
    lanes: dict[str, Lane]
    quotas: dict[str, Quota]


def at(day: date, hour: time = TEN) -> datetime:
    return datetime.combine(day, hour, KST)


def lane(
    kind: Lane.Kind, method: Lane.Method, opens: date, closes: date, **quotas: int
) -> LanePlan:
    """Describe a lane from ten to ten, whose quotas are named after their groups."""
    plans = tuple(
        QuotaPlan(group.replace("_", "-"), seats, group) for group, seats in quotas.items()
    )
    return LanePlan(kind, method, (at(opens), at(closes)), plans)


def draft(plan: RoundPlan) -> DemoRound:
    """Write a round that nobody was told of yet."""
    row = RecruitmentRound.objects.create(
        code=plan.code,
        name=plan.name,
        starts_on=plan.days[0],
        ends_on=plan.days[1],
        follows=RecruitmentRound.objects.filter(code=plan.follows).first(),
    )
    rule = EligibilityRule.objects.create(
        round=row,
        effective_from=clock.seoul_day(announced_at(plan)),
        reference_date=plan.counted_on,
        min_age=plan.ages[0],
        max_age=plan.ages[1],
        bases=list(plan.bases),
        evidence_needed=dict(plan.evidence),
        no_unreturned_watch=not plan.may_be_taking_part,
        no_live_participation=not plan.may_be_taking_part,
    )
    lanes, quotas = write_lanes(row, plan)
    return DemoRound(round=row, rule=rule, lanes=lanes, quotas=quotas)


def write_lanes(row: RecruitmentRound, plan: RoundPlan) -> tuple[dict[str, Lane], dict[str, Quota]]:
    lanes: dict[str, Lane] = {}
    quotas: dict[str, Quota] = {}
    for lane_plan in plan.lanes:
        made = Lane.objects.create(
            round=row,
            kind=lane_plan.kind,
            method=lane_plan.method,
            opens_at=lane_plan.window[0],
            closes_at=lane_plan.window[1],
            weekdays=dict(lane_plan.weekdays),
        )
        lanes[made.kind] = made
        for place, quota_plan in enumerate(lane_plan.quotas):
            quotas.setdefault(made.kind, write_quota(made, quota_plan, place))
    return lanes, quotas


def write_quota(made: Lane, plan: QuotaPlan, place: int) -> Quota:
    opens_at, closes_at = plan.window or (None, None)
    return Quota.objects.create(
        lane=made,
        code=plan.code,
        group=plan.group,
        value=plan.value,
        seats=plan.seats,
        spill_order=place,
        opens_at=opens_at,
        closes_at=closes_at,
    )


def announced_at(plan: RoundPlan) -> datetime:
    return min(each.window[0] for each in plan.lanes) - timedelta(days=14)


def tell(found: DemoRound, plan: RoundPlan) -> DemoRound:
    """Bring a round to where its story stands; from now on it stays as it is."""
    found.round.status = plan.status
    found.round.announced_at = min(announced_at(plan), clock.now())
    found.round.save(update_fields=["status", "announced_at"])
    return found


def write(plan: RoundPlan) -> DemoRound:
    return tell(draft(plan), plan)

"""Two lotteries: one drawn and public, one whose frozen roster waits for its seed."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from participants.models import Application, Draw, Lane, Participant, Participation, Quota
from participants.services import draw_results, draws
from participants.services.numbers import receipt_signs
from seoul_health.core.audit import System
from seoul_health.core.models import StaffUser

from .copy import copy_rows, draw, public_id
from .plans import World
from .round_plans import EVERYBODY, OWN, STATUS, DemoRound, RoundPlan, lane, write

LOADER = System("operations.load_demo")
LOTTERY = Lane.Method.LOTTERY
SEED = "03 11 19 27 33 45"
MOST, NINE = 240, 9
SHARES = (("general", 0.75), ("senior", 0.05), ("new_mother", 0.2))
APPLICATION = (
    "public_id", "receipt_no", "participant", "round", "lane", "quota", "basis", "status",
    "sequence", "created_at", "submitted_at", "decided_at", "rule", "failed_rules", "reason",
)  # fmt: skip


def load_draws(world: World) -> int:
    """Let some who take part in nothing apply to both; draw the first as officials would."""
    dice = world.dice("draws")
    people = applicants(world)
    drawn = copy_lottery(world, dice, people, "lot", "추첨 모집", ended=12)
    waiting = copy_lottery(world, dice, people[::2], "lot-next", "추가 추첨 모집", ended=3)
    past = freeze(world, drawn, number=1251, frozen=9, due=-1)
    freeze(world, waiting, number=1253, frozen=1, due=6)
    for username in ("recruit", "reviewer"):
        draws.enter_seed(past, SEED, by=StaffUser.objects.get(username=username))
    draws.draw_lots(past, by=LOADER)
    draws.publish(past, by=LOADER)
    draw_results.carry_out(past, by=LOADER)
    return past.roster_count


def applicants(world: World) -> list[int]:
    """Choose people of no live participation, but for the nine whose stories are told."""
    busy = Participation.objects.live().values("participant")
    free = Participant.objects.filter(withdrawn_at=None, verified_at__isnull=False)
    found = free.exclude(pk__in=busy).order_by("pk").values_list("pk", flat=True)
    return list(found[NINE : NINE + MOST])


def copy_lottery(
    world: World, dice: Random, people: Sequence[int], code: str, name: str, *, ended: int
) -> DemoRound:
    """Write a closed round with one lottery lane and its approved applications."""
    closes = world.today - timedelta(days=ended)
    starts = world.today + timedelta(days=30)
    plan = RoundPlan(
        f"{world.today:%Y-%m}-{code}", f"{world.today:%Y년 %-m월} {name}", STATUS.CLOSED,
        (starts, starts + timedelta(days=180)), EVERYBODY, (19, None), starts,
        (
            lane(
                OWN, LOTTERY, closes - timedelta(days=10), closes,
                general=len(people) // 4 + 1, senior=len(people) // 10 + 1,
                new_mother=len(people) // 20 + 1,
            ),
        ),
    )  # fmt: skip
    found = write(plan)
    quotas = list(Quota.objects.filter(lane__round=found.round).order_by("spill_order"))
    arrivals = draw("participants_arrival", len(people))
    submitted = world.now - timedelta(days=ended + 5)
    weights = [share for _group, share in SHARES]
    copy_rows(
        Application,
        APPLICATION,
        (
            (
                public_id(dice), f"A-{submitted:%y%m}-{receipt_signs(arrival)}", person,
                found.round.pk, found.lanes[OWN].pk, dice.choices(quotas, weights)[0].pk,
                "resident", "approved", arrival, submitted, submitted,
                submitted + timedelta(days=2), found.rule.pk, [], "",
            )
            for person, arrival in zip(people, arrivals, strict=True)
        ),
    )  # fmt: skip
    return found


def freeze(world: World, found: DemoRound, *, number: int, frozen: int, due: int) -> Draw:
    """Freeze a roster as of some days ago, with the lottery that decides it."""
    due_on = world.today + timedelta(days=due)
    made = Draw.objects.create(
        lane=found.lanes[OWN],
        seed_source=f"(시연용) 제{number}회 로또 6/45 당첨번호, {due_on:%Y-%m-%d} 추첨",
        seed_form=Draw.SeedForm.LOTTO,
        seed_due_on=due_on,
        frozen_at=world.now - timedelta(days=frozen),
    )
    draws.fix_roster(made, by=LOADER)
    return made

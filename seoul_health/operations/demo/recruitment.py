"""Applications in every state, and the participations that came of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pgtrigger

from participants.models import Application, Offer, Participation, Quota
from participants.services.numbers import receipt_signs

from .copy import copy_rows, draw, next_ids, public_id
from .plans import Chunk, Plan, World
from .round_plans import DemoRound
from .stories import OPEN, PAST, RUNNING

APPLICATION = (
    "id", "public_id", "receipt_no", "participant", "round", "lane", "quota", "basis", "status",
    "sequence", "created_at", "submitted_at", "decided_at", "rule", "failed_rules", "reason",
    "rank", "seat", "seat_no", "wait_told_at",
)  # fmt: skip
PARTICIPATION = (
    "id", "public_id", "participant", "round", "application", "rule", "basis", "needs_watch",
    "status", "starts_on", "ends_on", "ended_at",
)  # fmt: skip
OFFER = ("application", "status", "made_at", "expires_at", "told_at")
OFFERED_FOR = timedelta(hours=48)
HOLDERS = ("selected", "confirmed")
UNDECIDED = frozenset({"draft", "submitted", "under_review", "on_hold", "withdrawn"})
REJECTIONS = (
    ("not_resident", "서울시 주민등록이 확인되지 않습니다."),
    ("evidence_missing", "재직증명서가 제출되지 않았습니다."),
    ("watch_not_returned", "이전에 빌려 간 워치가 반납되지 않았습니다."),
    ("evidence_missing", "학생증 사본을 알아볼 수 없습니다."),
)
HOLDS = ("재직증명서의 발급일을 확인하고 있습니다.", "주소 확인을 기다리고 있습니다.")


def copy_recruitment(chunk: Chunk) -> None:
    """Write the applications of one chunk, then the participations of those confirmed."""
    applicants = [plan for plan in chunk.plans if plan.story.round]
    numbers = next_ids(Application, len(applicants))
    arrivals = draw("participants_arrival", len(applicants))
    dice = chunk.dice("recruitment")
    copy_rows(
        Application,
        APPLICATION,
        (
            _application(plan, number, arrival, dice, chunk.world)
            for plan, number, arrival in zip(applicants, numbers, arrivals, strict=True)
        ),
    )
    copy_rows(
        Offer,
        OFFER,
        (
            (number, "open", chunk.world.now, chunk.world.now + OFFERED_FOR, chunk.world.now)
            for plan, number in zip(applicants, numbers, strict=True)
            if plan.story.application == "selected"
        ),
    )
    confirmed = [
        (plan, number)
        for plan, number in zip(applicants, numbers, strict=True)
        if plan.story.participation
    ]
    for (plan, _), number in zip(confirmed, next_ids(Participation, len(confirmed)), strict=True):
        plan.participation_id = number
    copy_rows(Participation, PARTICIPATION, _participations(confirmed, dice, chunk.world))


def fill_seats(found: DemoRound) -> None:
    """Leave no seat of a round free, so that its waiting list goes on waiting."""
    for quota in Quota.objects.filter(lane__round=found.round):
        held = Application.objects.filter(seat=quota).count()
        with pgtrigger.ignore("participants.Quota:what_was_announced_stays"):
            Quota.objects.filter(pk=quota.pk).update(seats=held)


def round_of(plan: Plan, world: World) -> DemoRound:
    rounds = world.rounds
    return {PAST: rounds.past, RUNNING: rounds.running, OPEN: rounds.open}[plan.story.round]


def _application(
    plan: Plan, number: int, arrival: int, dice: Random, world: World
) -> tuple[Any, ...]:
    found, status = round_of(plan, world), plan.story.application
    lane_kind = "needs_watch" if plan.story.loan or _wants_watch(plan, dice) else "own_device"
    lane, quota = found.lanes[lane_kind], found.quotas[lane_kind]
    created = min(plan.joined_at + timedelta(minutes=dice.randint(3, 30)), world.now)
    submitted = None if status == "draft" else _after(created, dice, 30, world)
    decided = None if status in UNDECIDED or not submitted else _after(submitted, dice, 4000, world)
    code, reason = _reason(status, dice)
    return (
        number,
        public_id(dice),
        f"A-{created:%y%m}-{receipt_signs(arrival)}",
        plan.participant_id,
        found.round.pk,
        lane.pk,
        quota.pk,
        plan.basis,
        status,
        arrival if submitted else None,
        created,
        submitted,
        decided,
        found.rule.pk if decided else None,
        code,
        reason,
        arrival if status == "waitlisted" else None,
        *(seats_of(quota, world) if status in HOLDERS else (None, None)),
        world.now if status == "waitlisted" else None,
    )


def seats_of(quota: Quota, world: World) -> tuple[int, int]:
    """Give the next free seat of a quota."""
    world.seated[quota.pk] += 1
    return quota.pk, world.seated[quota.pk]


def _wants_watch(plan: Plan, dice: Random) -> bool:
    return not plan.story.participation and dice.random() < 0.6


def _after(moment: datetime, dice: Random, minutes: int, world: World) -> datetime:
    return min(moment + timedelta(minutes=dice.randint(1, minutes)), world.now)


def _reason(status: str, dice: Random) -> tuple[list[str], str]:
    if status == "rejected":
        code, reason = dice.choice(REJECTIONS)
        return [code], reason
    return [], dice.choice(HOLDS) if status == "on_hold" else ""


def _participations(
    confirmed: list[tuple[Plan, int]], dice: Random, world: World
) -> Iterator[tuple[Any, ...]]:
    for plan, application in confirmed:
        found = round_of(plan, world)
        yield (
            plan.participation_id,
            public_id(dice),
            plan.participant_id,
            found.round.pk,
            application,
            found.rule.pk,
            plan.basis,
            bool(plan.story.loan),
            plan.story.participation,
            plan.starts_on,
            plan.ends_on,
            plan.ended_at,
        )

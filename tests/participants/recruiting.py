"""Rounds and applications, made by the services that make them in life."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pgtrigger

from participants.models import (
    Application,
    EligibilityRule,
    Lane,
    Participant,
    Quota,
    RecruitmentRound,
)
from participants.services import applications, rounds
from seoul_health.core import clock
from tests.conftest import JOB

codes = itertools.count(1)
CONSENTS = [
    {"purpose": "service", "version": "2026-01"},
    {"purpose": "health", "version": "2026-01"},
]
EVERYBODY = ["resident", "worker", "student", "self_employed"]


def draft_round(*, starts_in: int = 0, days: int = 180, **rule: Any) -> RecruitmentRound:
    """Make a round with its rule, and no lanes yet."""
    today = clock.today()
    found = RecruitmentRound.objects.create(
        code=f"test-{next(codes)}",
        name="정기 모집",
        starts_on=today + timedelta(days=starts_in),
        ends_on=today + timedelta(days=starts_in + days),
    )
    terms = {"reference_date": today, "min_age": 19, "bases": EVERYBODY, **rule}
    EligibilityRule.objects.create(round=found, effective_from=today - timedelta(days=30), **terms)
    return found


def add_lane(
    found: RecruitmentRound,
    *,
    kind: str = Lane.Kind.OWN_DEVICE,
    method: str = Lane.Method.FIRST_COME,
    seats: int = 10,
    opens_in: timedelta = timedelta(hours=-1),
    closes_in: timedelta = timedelta(days=5),
    **quota: Any,
) -> Lane:
    now = clock.now()
    lane = Lane.objects.create(
        round=found, kind=kind, method=method, opens_at=now + opens_in, closes_at=now + closes_in
    )
    Quota.objects.create(lane=lane, seats=seats, **{"code": "general", **quota})
    return lane


@contextmanager
def thawed() -> Iterator[None]:
    """Let a test move the windows, seats and days of a round that was announced."""
    parts = ("RecruitmentRound", "Lane", "Quota", "EligibilityRule")
    with pgtrigger.ignore(*(f"participants.{part}:what_was_announced_stays" for part in parts)):
        yield


def open_lane(*, rule: dict[str, Any] | None = None, starts_in: int = 0, **lane: Any) -> Lane:
    """Make a lane of a round that takes applications."""
    found = draft_round(starts_in=starts_in, **(rule or {}))
    made = add_lane(found, **lane)
    rounds.announce(found, by=JOB)
    rounds.open_round(found, by=JOB)
    made.refresh_from_db()
    return made


def submitted(participant: Participant, lane: Lane, **terms: Any) -> Application:
    terms = {"quota": None, "basis": "resident", "consents": CONSENTS, "submit": True, **terms}
    return applications.apply(participant, lane=lane, **terms)


def approved(participant: Participant, lane: Lane, **terms: Any) -> Application:
    application = submitted(participant, lane, **terms)
    applications.approve(application, by=JOB)
    return application


def born(years: int, *, days: int = 0) -> date:
    """Give the birth date of somebody who turned so many years old some days ago."""
    today = clock.today()
    return date(today.year - years, today.month, min(today.day, 28)) - timedelta(days=days)

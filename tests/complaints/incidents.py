"""Incidents made the way the product makes them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from complaints.models import Complaint, Incident, MakeGoodRun, MemberCheck
from complaints.services import incidents, making_good, member_checks
from complaints.services.incidents import Case
from complaints.services.making_good import Offer
from complaints.services.member_checks import Terms
from participants.models import Participant
from points.models import Transfer
from seoul_health.core import clock
from seoul_health.core.models import StaffUser
from tests.conftest import JOB
from tests.points.builders import take_part

from .builders import category

HOUR = timedelta(hours=1)


def opened(
    by: StaffUser,
    *,
    next_at: datetime | None = None,
    about: Sequence[Complaint] = (),
    **terms: Any,
) -> Incident:
    terms = {
        "title": "걸음 수 0 표시",
        "scope": "안드로이드 앱 2.9.0 사용자",
        "severity": "partial",
        "components": ["steps"],
        "started_at": clock.now() - HOUR,
        "category": category(),
        **terms,
    }
    text = "원인을 확인하고 있습니다."
    return incidents.open_incident(
        Case(**terms), text=text, next_at=next_at or clock.now() + 6 * HOUR, by=by, about=about
    )


def touched(
    incident: Incident, people: Sequence[Participant], *, days: int = 1, day: date | None = None
) -> MemberCheck:
    """Let people take part and be found by a check of so many days."""
    for person in people:
        if not person.participations.exists():
            take_part(person)
    last = day or clock.today()
    terms = Terms(last - timedelta(days=days - 1), last, usual_walkers=False)
    return member_checks.check_members(incident, terms, by=JOB)


def requested(
    check: MemberCheck, by: StaffUser, *, basis: str = "day", rate: int = 100, budget: int = 10**6
) -> MakeGoodRun:
    return making_good.request_run(
        check, Offer(basis, rate, budget, "장애 보상 결정 2026-12호"), by=by
    )


def given() -> list[tuple[str, int]]:
    """Give the compensation in the book: whose, and how much."""
    rows = Transfer.objects.filter(reason="compensation").order_by("key")
    return [(row.key, row.amount) for row in rows]

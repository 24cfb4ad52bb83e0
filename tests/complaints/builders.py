"""Complaints made the way the product makes them."""

from datetime import datetime
from typing import Any

import time_machine

from complaints.models import Category, Complaint
from complaints.services import intake
from participants.models import Participant
from seoul_health.core.clock import KST
from tests.conftest import JOB

MONDAY = datetime(2026, 11, 23, 10, tzinfo=KST)
AGENT = {
    "last_name": "이",
    "first_name": "상담",
    "department": "건강관리과",
    "office_phone": "02-1811-9988",
}


def at(year: int, month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=KST)


def category(code: str = "points_missing") -> Category:
    return Category.objects.get(code=code)


def file_one(
    participant: Participant | None, *, code: str = "points_missing", **terms: Any
) -> intake.Slip:
    terms = {"channel": "app", "title": "어제 걸음이 0으로 나옵니다", **terms}
    terms = {"text": "분명히 걸었는데 포인트가 없습니다.", "by": participant or JOB, **terms}
    return intake.file_complaint(participant, category=category(code), **terms)


def receive_one(
    participant: Participant | None, *, at: datetime = MONDAY, **terms: Any
) -> Complaint:
    """File a complaint and receive it at the same moment."""
    with time_machine.travel(at, tick=False):
        complaint = file_one(participant, **terms).complaint
        if complaint.status == Complaint.Status.PENDING_INTAKE:
            intake.receive(complaint, by=JOB)
    return complaint

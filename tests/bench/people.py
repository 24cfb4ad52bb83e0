"""Participants for benchmarks, made in bulk with the same rows the services make."""

import uuid
from datetime import datetime, timedelta

from participants.models import (
    Application,
    EligibilityRule,
    Lane,
    Participant,
    Participation,
    RecruitmentRound,
)
from seoul_health.core import clock


def running_round() -> tuple[RecruitmentRound, Lane, EligibilityRule]:
    today = clock.today()
    found, _ = RecruitmentRound.objects.get_or_create(
        code="bench",
        defaults={
            "name": "bench",
            "status": RecruitmentRound.Status.RUNNING,
            "starts_on": today - timedelta(days=30),
            "ends_on": today + timedelta(days=150),
        },
    )
    opened: datetime = clock.now() - timedelta(days=40)
    lane, _ = Lane.objects.get_or_create(
        round=found,
        kind=Lane.Kind.OWN_DEVICE,
        defaults={"opens_at": opened, "closes_at": opened + timedelta(days=5)},
    )
    rule, _ = EligibilityRule.objects.get_or_create(
        round=found,
        version=1,
        defaults={
            "effective_from": today - timedelta(days=40),
            "reference_date": today,
            "bases": ["resident"],
        },
    )
    return found, lane, rule


def walking_people(count: int) -> list[Participant]:
    """Make verified participants in a live participation."""
    found, lane, rule = running_round()
    people = Participant.objects.bulk_create(
        Participant(
            number=f"P-B-{uuid.uuid4().hex[:10]}",
            ci_hash=uuid.uuid4().hex * 2,
            district="종로구",
            verified_at=clock.now(),
        )
        for _ in range(count)
    )
    applications = Application.objects.bulk_create(
        Application(
            receipt_no=f"A-B-{uuid.uuid4().hex[:12]}",
            participant=person,
            round=found,
            lane=lane,
            basis="resident",
            status=Application.Status.CONFIRMED,
            rule=rule,
        )
        for person in people
    )
    Participation.objects.bulk_create(
        Participation(
            participant=application.participant,
            round=found,
            application=application,
            rule=rule,
            basis="resident",
            starts_on=found.starts_on,
            ends_on=found.ends_on,
        )
        for application in applications
    )
    return people

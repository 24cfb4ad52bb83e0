"""Participants for benchmarks, made in bulk with the same rows the services make."""

import uuid
from datetime import timedelta

from django.db.models import Max

from participants.models import (
    Application,
    Consent,
    EligibilityRule,
    Lane,
    Participant,
    Participation,
    Profile,
    Quota,
    RecruitmentRound,
)
from seoul_health.core import clock

SEATS = 100_000_000


def running_round() -> tuple[RecruitmentRound, Lane, EligibilityRule]:
    """Give the round of the benchmarks, made once: laid out as a draft, then running."""
    found = RecruitmentRound.objects.filter(code="bench").first() or lay_out()
    return found, found.lanes.get(), found.rules.get()


def lay_out() -> RecruitmentRound:
    today, opened = clock.today(), clock.now() - timedelta(days=40)
    found = RecruitmentRound.objects.create(
        code="bench",
        name="bench",
        starts_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=150),
    )
    lane = Lane.objects.create(
        round=found,
        kind=Lane.Kind.OWN_DEVICE,
        opens_at=opened,
        closes_at=opened + timedelta(days=5),
    )
    Quota.objects.create(lane=lane, code="general", seats=SEATS)
    EligibilityRule.objects.create(
        round=found,
        effective_from=today - timedelta(days=40),
        reference_date=today,
        bases=["resident"],
    )
    RecruitmentRound.objects.filter(pk=found.pk).update(status=RecruitmentRound.Status.RUNNING)
    found.refresh_from_db()
    return found


def seats_taken(quota: Quota) -> int:
    top = Application.objects.filter(seat=quota).aggregate(top=Max("seat_no"))["top"]
    return top or 0


def walking_people(count: int) -> list[Participant]:
    """Make verified participants in a live participation."""
    found, lane, rule = running_round()
    seats = lane.quotas.get()
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
            seat=seats,
            seat_no=seat_no,
        )
        for seat_no, person in enumerate(people, start=seats_taken(seats) + 1)
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


def newcomers(count: int) -> list[Participant]:
    """Make verified residents with a profile and their consents, who have applied to nothing."""
    people = Participant.objects.bulk_create(
        Participant(
            number=f"P-N-{uuid.uuid4().hex[:10]}",
            ci_hash=uuid.uuid4().hex * 2,
            district="종로구",
            is_resident=True,
            verified_at=clock.now(),
        )
        for _ in range(count)
    )
    Profile.objects.bulk_create(profile_of(person) for person in people)
    Consent.objects.bulk_create(
        Consent(participant=person, purpose=purpose, version="2026-01", recorded_by="bench")
        for person in people
        for purpose in (Consent.Purpose.SERVICE, Consent.Purpose.HEALTH)
    )
    return people


def profile_of(person: Participant) -> Profile:
    profile = Profile(
        participant=person,
        name="김걷기",
        phone="010-1234-5678",
        birth_date="1980-05-17",
        address="서울특별시 종로구 세종대로 209",
    )
    profile.index()
    return profile

"""Watches, people and loans as the services make them."""

import itertools
import uuid
from datetime import date, timedelta
from typing import Any

from devices.gateways.courier import Consignment, Direction, Progress, Tracking
from devices.models import Device, DeviceModel, Loan, Lot, Site
from devices.services import inspections, loans
from participants.models import (
    Application,
    EligibilityRule,
    Lane,
    Participant,
    Participation,
    Quota,
    RecruitmentRound,
)
from seoul_health.core import clock
from tests.conftest import JOB

serials = itertools.count(1)
rounds = itertools.count(1)


def make_lot(code: str = "LOT-2026-1") -> Lot:
    model, _ = DeviceModel.objects.get_or_create(
        code="band-3", defaults={"name": "Band 3", "maker": "Maker"}
    )
    lot, _ = Lot.objects.get_or_create(
        code=code,
        defaults={
            "model": model,
            "supplier": "한강전자",
            "contract_no": "2026-0099",
            "unit_price": 55_000,
            "received_on": date(2026, 1, 5),
        },
    )
    return lot


def make_site(code: str = "jongno") -> Site:
    site, _ = Site.objects.get_or_create(
        code=code,
        defaults={
            "name": "종로구보건소",
            "kind": Site.Kind.HEALTH_CENTRE,
            "district": "종로구",
            "address": "서울특별시 종로구 자하문로19길 36",
            "lat": "37.580000",
            "lng": "126.970000",
        },
    )
    return site


def make_watch(serial: str = "", **fields: Any) -> Device:
    fields.setdefault("lot", make_lot())
    return Device.objects.create(serial=serial or f"SW-{next(serials):06d}", **fields)


def join(participant: Participant, *, needs_watch: bool = True) -> Participation:
    """Let somebody take part from today on."""
    today = clock.today()
    recruitment = RecruitmentRound.objects.create(
        code=f"round-{next(rounds)}",
        name="Round",
        starts_on=today,
        ends_on=today + timedelta(days=180),
    )
    lane = Lane.objects.create(
        round=recruitment,
        kind=Lane.Kind.NEEDS_WATCH,
        opens_at=clock.now(),
        closes_at=clock.now() + timedelta(days=1),
    )
    EligibilityRule.objects.create(
        round=recruitment, effective_from=today, reference_date=today, bases=["resident"]
    )
    Quota.objects.create(lane=lane, code="general", seats=50)
    return join_lane(lane, participant, needs_watch=needs_watch)


def join_lane(lane: Lane, participant: Participant, *, needs_watch: bool = True) -> Participation:
    """Let somebody take part by a seat of this lane."""
    today, quota = clock.today(), lane.quotas.get()
    application = Application.objects.create(
        receipt_no=uuid.uuid4().hex[:20],
        participant=participant,
        round=lane.round,
        lane=lane,
        basis="resident",
        status=Application.Status.CONFIRMED,
        seat=quota,
        seat_no=1 + Application.objects.filter(seat=quota).count(),
    )
    return Participation.objects.create(
        participant=participant,
        round=lane.round,
        application=application,
        rule=lane.round.rules.get(),
        basis="resident",
        needs_watch=needs_watch,
        starts_on=today,
        ends_on=today + timedelta(days=180),
    )


def reserved_loan(participant: Participant) -> Loan:
    make_watch()
    return fresh(loans.reserve_watch(join(participant), by=JOB))


def shipped_loan(participant: Participant) -> Loan:
    loan = reserved_loan(participant)
    loans.ship(loan, by=JOB)
    return fresh(loan)


def delivered_loan(participant: Participant) -> Loan:
    loan = reserved_loan(participant)
    loans.mark_delivered(loan, by=JOB)
    return fresh(loan)


def live_loan(participant: Participant) -> Loan:
    loan = delivered_loan(participant)
    loans.accept(loan, terms="2026-01", by=participant)
    return fresh(loan)


def returned_loan(participant: Participant) -> Loan:
    loan = live_loan(participant)
    loans.scan_in(loan.device.serial, by=JOB)
    return fresh(loan)


def inspected_watch(participant: Participant) -> Device:
    loan = returned_loan(participant)
    inspections.inspect(loan.device, grade="B", by=JOB)
    return Device.objects.get(pk=loan.device_id)


def fresh(loan: Loan) -> Loan:
    return Loan.objects.select_related("device", "participant").get(pk=loan.pk)


def standing(loan: Loan) -> tuple[str, str]:
    """Where a loan and its watch stand in the database."""
    found = fresh(loan)
    return found.status, found.device.status


class Parcels:
    """A courier with a memory, who may be told to fail."""

    def __init__(self, *, fails: Exception | None = None) -> None:
        self.fails = fails
        self.booked: dict[str, tuple[Direction, str]] = {}
        self.progress: dict[str, Progress] = {}

    def ship(self, reference: str, *, direction: Direction, serial: str) -> Consignment:
        if self.fails:
            raise self.fails
        self.booked.setdefault(reference, (direction, serial))
        number = f"68{list(self.booked).index(reference):09d}"
        return Consignment("한강택배", number)

    def track(self, tracking_no: str) -> Tracking | None:
        if self.fails:
            raise self.fails
        status = self.progress.get(tracking_no)
        return Tracking(tracking_no, status, clock.now()) if status else None

"""Loans in every state, each with the watch, parcels and papers that belong to that state."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from devices.models import DataWipe, Device, Inspection, Loan, RecoveryStep, Shipment
from seoul_health.core import clock
from seoul_health.core.clock import KST

from .copy import copy_rows, next_ids, public_id
from .plans import Chunk, Plan, World
from .stock import DEVICE, Stock, registered

LOAN = (
    "id", "public_id", "device", "participant", "participation", "status", "reserved_at", "due_on",
    "accepted_at", "accepted_terms", "recalled_at", "returned_at", "closed_at",
)  # fmt: skip
SHIPMENT = (
    "loan", "direction", "status", "reference", "carrier", "tracking_no", "planned_at",
    "asked_at", "delivered_at",
)  # fmt: skip
RECOVERY = ("loan", "kind", "taken_at", "cost", "note", "taken_by")
INSPECTION = ("device", "loan", "grade", "faults", "note", "inspected_at", "inspected_by")
WIPE = ("device", "loan", "method", "wiped_at", "wiped_by")
# Of each loan's state: the watch's state, and whether the watch holds personal data.
WATCHES = {
    "reserved": ("allocated", False), "shipped": ("shipped", False),
    "delivered": ("on_loan", False), "live": ("on_loan", True),
    "recall_requested": ("on_loan", True), "returning": ("returning", True),
    "returned": ("awaiting_inspection", True), "closed": ("in_stock", False),
    "lost": ("lost", True), "damaged": ("on_loan", True), "bought_out": ("disposed", True),
    "cancelled": ("in_stock", False),
}  # fmt: skip
WORN = frozenset(WATCHES) - {"reserved", "shipped", "delivered", "cancelled"}
RECALLED = frozenset({"recall_requested", "returning", "returned", "closed"})
BACK = frozenset({"returned", "closed"})
TERMS = "2026-01"
CARRIER = "simulated-courier"
LADDER = (
    (-14, "message", 20, "반납 예정일 안내"), (-7, "message", 20, "반납 예정일 안내"),
    (0, "message", 20, "반납일 안내"), (7, "message", 20, "반납 지연 안내"),
    (14, "call", 900, "통화: 이번 주 반납 약속"), (30, "visit", 12_000, "방문: 부재, 안내문 부착"),
    (45, "letter", 3_100, "등기 우편 발송"),
)  # fmt: skip
FAULTS: tuple[tuple[str, list[str], str], ...] = (
    ("A", [], ""),
    ("B", [], "잔흠집"),
    ("C", ["strap"], "스트랩 교체 필요"),
    ("D", ["screen"], "화면 파손"),
)
OFFICER = "staff:device"


@dataclass
class Papers:
    """The rows of one chunk, by table."""

    devices: list[tuple[Any, ...]] = field(default_factory=list)
    loans: list[tuple[Any, ...]] = field(default_factory=list)
    shipments: list[tuple[Any, ...]] = field(default_factory=list)
    recovery: list[tuple[Any, ...]] = field(default_factory=list)
    inspections: list[tuple[Any, ...]] = field(default_factory=list)
    wipes: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Times:
    """When the steps of one loan happened."""

    reserved: datetime
    accepted: datetime
    due_on: date
    recalled: datetime
    returned: datetime
    closed: datetime
    now: datetime


def copy_lending(chunk: Chunk, stock: Stock) -> int:
    """Write one chunk's loans with everything around them; give how many."""
    borrowers = [plan for plan in chunk.plans if plan.story.loan]
    devices, loans = next_ids(Device, len(borrowers)), next_ids(Loan, len(borrowers))
    dice, papers = chunk.dice("lending"), Papers()
    for plan, device, loan in zip(borrowers, devices, loans, strict=True):
        plan.loan_id = loan
        _lend(plan, device, dice, papers, stock=stock, world=chunk.world)
    copy_rows(Device, ("id", *DEVICE), papers.devices)
    copy_rows(Loan, LOAN, papers.loans)
    copy_rows(Shipment, SHIPMENT, papers.shipments)
    copy_rows(RecoveryStep, RECOVERY, papers.recovery)
    copy_rows(Inspection, INSPECTION, papers.inspections)
    copy_rows(DataWipe, WIPE, papers.wipes)
    return len(borrowers)


def _lend(
    plan: Plan, device: int, dice: Random, papers: Papers, *, stock: Stock, world: World
) -> None:
    status, times, public = plan.story.loan, _times(plan, dice, world), public_id(dice)
    serial, lot = stock.serial()
    shelf, holds = WATCHES[status]
    site = stock.centres.get(plan.district, stock.depot)
    grade, faults, note = dice.choices(FAULTS, weights=(60, 25, 10, 5))[0]
    if status == "closed" and grade == "D":
        shelf = "in_repair"
    papers.devices.append(
        (
            device, serial, lot.pk, site.pk, shelf, holds,
            grade if status == "closed" else "A", registered(lot),
        )
    )  # fmt: skip
    papers.loans.append(
        (
            plan.loan_id, public, device, plan.participant_id, plan.participation_id, status,
            times.reserved, times.due_on,
            times.accepted if status in WORN else None,
            TERMS if status in WORN else "",
            times.recalled if status in RECALLED else None,
            times.returned if status in BACK else None,
            times.closed if status in {"closed", "bought_out"} else None,
        )
    )  # fmt: skip
    _add_parcels(plan, public, times, dice, papers)
    if status in RECALLED or plan.story.is_late:
        _add_recovery(plan, times, world, papers)
    if status == "closed":
        papers.inspections.append(
            (device, plan.loan_id, grade, faults, note, times.closed, OFFICER)
        )
        papers.wipes.append((device, plan.loan_id, "factory_reset", times.closed, OFFICER))


def _times(plan: Plan, dice: Random, world: World) -> Times:
    """Choose moments that follow one another and have all happened."""
    reserved = min(_office_hour(plan.starts_on, dice), world.now - timedelta(minutes=40))
    accepted = min(reserved + timedelta(days=dice.randint(2, 4)), world.now)
    due_on = clock.add_months(accepted.date(), 6)
    if plan.story.is_late:
        due_on = world.today - timedelta(days=dice.randint(1, 90))
    ended = plan.ended_at or world.now
    recalled = max(min(ended + timedelta(days=1), world.now), accepted)
    returned = min(recalled + timedelta(days=dice.randint(3, 9)), world.now)
    closed = min(returned + timedelta(days=dice.randint(1, 5)), world.now)
    return Times(reserved, accepted, due_on, recalled, returned, closed, world.now)


def _office_hour(day: date, dice: Random) -> datetime:
    return datetime.combine(day, time(9 + dice.randrange(9), dice.randrange(60)), KST)


def _add_parcels(plan: Plan, public: str, times: Times, dice: Random, papers: Papers) -> None:
    status = plan.story.loan
    if status in {"reserved", "cancelled"}:
        return
    is_out = status == "shipped"
    papers.shipments.append(
        (
            plan.loan_id, "out", dice.choice(("accepted", "in_transit")) if is_out else "delivered",
            f"{public}-out-1", CARRIER, f"DEMO{plan.loan_id:010d}1",
            times.reserved + timedelta(minutes=30), times.now, None if is_out else times.accepted,
        )
    )  # fmt: skip
    if status in {"returning", *BACK}:
        under_way = status == "returning"
        papers.shipments.append(
            (
                plan.loan_id, "back", "in_transit" if under_way else "delivered",
                f"{public}-back-1", CARRIER, f"DEMO{plan.loan_id:010d}2", times.recalled, times.now,
                None if under_way else times.returned,
            )
        )  # fmt: skip


def _add_recovery(plan: Plan, times: Times, world: World, papers: Papers) -> None:
    ends = times.returned if plan.story.loan in BACK else world.now
    for offset, kind, cost, note in LADDER:
        taken = datetime.combine(times.due_on + timedelta(days=offset), time(10), KST)
        if times.accepted < taken < ends:
            by = "system:devices.recover" if kind == "message" else OFFICER
            papers.recovery.append((plan.loan_id, kind, taken, cost, note, by))

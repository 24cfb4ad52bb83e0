"""One complaint with its course: arrival, clock, messages and end, all at moments that fit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from complaints.models import Category, Channel, ClockEvent, Complaint, Message
from complaints.rules.calendar import WorkCalendar
from complaints.rules.clock import ClockEvent as Move
from complaints.rules.clock import EventKind, due
from complaints.services.deadlines import period_of
from complaints.services.intake import LETTERS, derive_secret
from complaints.services.steps import signature_of
from seoul_health.core import clock, crypto
from seoul_health.core.models import StaffUser

from .plans import HEROES, World
from .staff import LOADER
from .voices import ANSWER, DONE, EXTENSION, SUPPLEMENT, speak

WALKING = ("step_mismatch", "step_mismatch", "points_missing", "lost_record")
NEAR = timedelta(hours=4)
# How often complaints are in a state, and between how many hours ago they arrived then.
STATES: dict[str, tuple[int, int, int]] = {
    "received": (14, 1, 60), "answered": (40, 100, 2_000), "in_progress": (10, 4, 80),
    "supplement_requested": (5, 30, 90), "near_breach": (4, 1, 100), "breached": (6, 500, 900),
    "pending_intake": (3, 0, 1), "assigned": (3, 1, 60), "reopened": (3, 300, 700),
    "extended": (3, 30, 90), "consulting": (2, 30, 90), "inspecting": (1, 30, 90),
    "approval": (2, 10, 60), "withdrawn": (2, 30, 900), "transferred": (1, 60, 900),
    "returned": (1, 100, 900), "closed_repeat": (1, 100, 900), "exempt": (1, 100, 900),
}  # fmt: skip
IN_TIME = frozenset({"received", "assigned", "in_progress", "extended", "consulting", "approval"})
UNHANDLED = frozenset({"pending_intake", "received", "reopened", "withdrawn"})
MOVES = {
    "supplement_requested": EventKind.SUPPLEMENT_SENT,
    "inspecting": EventKind.INSPECTION_STARTED,
    "extended": EventKind.EXTENDED,
}
REASONS = {"supplement_requested": SUPPLEMENT, "extended": EXTENSION}


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody who walks and may complain, with the watch they hold."""

    participant_id: int
    loan_id: int | None


@dataclass
class Desk:
    """Everything one complaint is made with."""

    world: World
    calendar: WorkCalendar
    categories: list[Category]
    agents: list[StaffUser]
    citizens: list[Citizen]
    dice: Random
    numbers: set[str] = field(default_factory=set)
    nearly_due: dict[str, float] = field(default_factory=dict)


@dataclass
class Case:
    """One complaint with what happened to it."""

    complaint: Complaint
    events: list[ClockEvent] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def make_case(place: int, desk: Desk) -> Case:
    """Take every category and every state once, then as often as they come."""
    dice = desk.dice
    names = tuple(STATES)
    state = (
        names[place]
        if place < len(names)
        else dice.choices(names, weights=[often for often, *_ in STATES.values()])[0]
    )
    category = desk.categories[place % len(desk.categories)]
    if len(desk.categories) <= place < HEROES * 4 or (place % 5 == 4 and place > HEROES * 4):
        wanted = dice.choice(WALKING)
        category = next(one for one in desk.categories if one.code == wanted)
    case = Case(_complaint(category, desk.citizens[place % len(desk.citizens)], desk))
    _arrive(case.complaint, state, desk)
    _write_text(case.complaint, category.code, dice)
    if case.complaint.received_at is not None:
        _go_through(case, state, desk)
    return case


def _complaint(category: Category, citizen: Citizen, desk: Desk) -> Complaint:
    dice, is_guest = desk.dice, desk.dice.random() < 0.06
    phone = f"010-1{dice.randrange(1000):03}-{dice.randrange(10_000):04}"
    return Complaint(
        category=category,
        kind=category.default_kind,
        published_days=category.published_days,
        channel=dice.choice((Channel.APP, Channel.APP, Channel.WEB)),
        participant_id=None if is_guest else citizen.participant_id,
        guest_name="홍길동" if is_guest else None,
        guest_phone=phone if is_guest else None,
        loan_id=citizen.loan_id if category.code.startswith("watch") and not is_guest else None,
    )


def _write_text(complaint: Complaint, category: str, dice: Random) -> None:
    """Let the citizen write of a day before the complaint arrived."""
    day = clock.seoul_day(complaint.arrived_at) - timedelta(days=dice.randint(1, 2))
    words = f"{day.month}월 {day.day}일"
    complaint.title, complaint.text = speak(category, words, dice)
    if category in WALKING:
        complaint.about_date = day


def _arrive(complaint: Complaint, state: str, desk: Desk) -> None:
    """Choose the arrival so that the state is true today, and number the complaint by it."""
    hours = _hours_ago(complaint, state, desk)
    complaint.arrived_at = desk.world.now - timedelta(hours=hours)
    if state != "pending_intake":
        complaint.received_at = complaint.arrived_at
        complaint.due_at = _due_at(complaint, [], desk)
    complaint.receipt_no = _receipt_no(complaint.arrived_at, desk)
    complaint.secret_digest = crypto.digest(derive_secret(complaint.receipt_no))


def _hours_ago(complaint: Complaint, state: str, desk: Desk) -> float:
    _, newest, oldest = STATES[state]
    hours = desk.dice.uniform(newest, oldest)
    if state == "near_breach":
        return _nearly_due(complaint, desk) - desk.dice.random() / 4
    while state in IN_TIME and hours > 0.05 and not _is_in_time(complaint, hours, desk):
        hours /= 2
    return hours


def _nearly_due(complaint: Complaint, desk: Desk) -> float:
    """Find how long ago a complaint of this kind came that falls due within four hours.

    On a Sunday there is none: then it is the one that came last.
    """
    if complaint.kind not in desk.nearly_due:
        ages = (quarter / 2 for quarter in range(1, 600))
        fitting = (age for age in ages if _is_in_time(complaint, age, desk, within=NEAR))
        desk.nearly_due[complaint.kind] = next(fitting, 0.5)
    return desk.nearly_due[complaint.kind]


def _is_in_time(
    complaint: Complaint, hours: float, desk: Desk, *, within: timedelta = timedelta.max
) -> bool:
    complaint.arrived_at = desk.world.now - timedelta(hours=hours)
    return timedelta() < _due_at(complaint, [], desk) - desk.world.now <= within


def _due_at(complaint: Complaint, moves: Sequence[Move], desk: Desk) -> datetime:
    start = complaint.reopened_at or complaint.received_at or complaint.arrived_at
    found = due(start, period_of(complaint), moves, desk.calendar, as_of=desk.world.now)
    if complaint.received_at:
        complaint.article = found.article
    return found.due_at


def _receipt_no(arrived: datetime, desk: Desk) -> str:
    while True:
        number = f"C-{arrived:%y%m}-{''.join(desk.dice.choices(LETTERS, k=6))}"
        if number not in desk.numbers:
            desk.numbers.add(number)
            return number


def _go_through(case: Case, state: str, desk: Desk) -> None:
    """Let a received complaint go its way to the state it is in now."""
    complaint, dice = case.complaint, desk.dice
    status = {"near_breach": "received", "breached": "in_progress", "extended": "in_progress"}
    complaint.status = status.get(state, state)
    complaint.version = 2 if state in UNHANDLED else 4
    _mark(case, ClockEvent.Kind.RECEIVED, at=complaint.arrived_at)
    agent = dice.choice(desk.agents)
    if state not in UNHANDLED and complaint.status != "received":
        complaint.handler = agent
    if state in MOVES:
        _move_clock(case, state, agent, desk)
    if state in {"answered", "reopened"}:
        _answer(case, agent, desk)
    if state == "reopened":
        _reopen(case, desk)


def _move_clock(case: Case, state: str, agent: StaffUser, desk: Desk) -> None:
    complaint, before = case.complaint, case.complaint.due_at
    at = _while_it_runs(complaint, desk)
    complaint.due_at = _due_at(complaint, [Move(MOVES[state], at)], desk)
    reason = REASONS.get(state, "")
    _mark(case, MOVES[state], at=at, reason=reason, before=before)
    if reason:
        purpose = "supplement" if state == "supplement_requested" else "extension"
        _say(case, Message.Purpose(purpose), reason, agent=agent, at=at)


def _answer(case: Case, agent: StaffUser, desk: Desk) -> None:
    """Answer, nearly always before it was due."""
    complaint, dice = case.complaint, desk.dice
    at = _while_it_runs(complaint, desk)
    if dice.random() < 0.07:
        at = min(at + timedelta(days=9), desk.world.now)
    complaint.answered_at, complaint.handler = at, agent
    complaint.version = 5
    if dice.random() < 0.4:
        complaint.satisfaction = dice.choices((1, 2, 3, 4, 5), weights=(8, 8, 18, 36, 30))[0]
    text = ANSWER.format(
        agent=signature_of(agent)["signed_by"],
        phone=agent.office_phone,
        title=complaint.title,
        done=dice.choice(DONE),
    )
    _say(case, Message.Purpose.ANSWER, text, agent=agent, at=at)


def _reopen(case: Case, desk: Desk) -> None:
    complaint, before = case.complaint, case.complaint.due_at
    complaint.handler, complaint.satisfaction, complaint.reopen_count = None, 2, 1
    complaint.reopened_at = desk.world.now - timedelta(hours=desk.dice.uniform(0.2, 20))
    complaint.due_at = _due_at(complaint, [], desk)
    at, why = complaint.reopened_at, "답변이 부족합니다."
    _mark(case, ClockEvent.Kind.REOPENED, at=at, reason=why, before=before)


def _while_it_runs(complaint: Complaint, desk: Desk) -> datetime:
    """Choose a moment after the receipt and before the due time, which has passed."""
    begin, now = complaint.arrived_at, desk.world.now
    span = min(complaint.due_at or now, now) - begin
    return begin + max(span, timedelta(seconds=2)) * desk.dice.uniform(0.2, 0.9)


def _mark(
    case: Case, kind: str, *, at: datetime, reason: str = "", before: datetime | None = None
) -> None:
    if case.complaint.due_at is not None:
        case.events.append(
            ClockEvent(
                kind=kind,
                at=at,
                reason=reason,
                actor=LOADER.actor_name,
                due_before=before,
                due_after=case.complaint.due_at,
            )
        )


def _say(
    case: Case, purpose: Message.Purpose, text: str, *, agent: StaffUser, at: datetime
) -> None:
    case.messages.append(
        Message(
            author=Message.Author.STAFF,
            purpose=purpose,
            text=text,
            actor=agent.actor_name,
            at=at,
            **signature_of(agent),
        )
    )

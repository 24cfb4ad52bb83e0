"""The sweep: whatever a day or a week has earned and nobody has been awarded yet.

A sweep is cut into ranges of participants. Whoever locks a range settles it in one transaction,
so several workers share one sweep, and a range whose worker died is simply free again.
"""

from datetime import date, timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, Max, Min, Sum

from participants.models import Participant
from points.errors import PeriodNotOver, SettlementRunning
from points.models import Award, Settlement, SettlementChunk
from points.rules.earning import week_of
from points.services.accounts import steady_plans
from points.services.awards import WEEK_GRACE
from points.services.budget_counts import CLOSE_BELOW, watch_budget
from points.services.budget_guard import line_on
from points.services.due import Found, Question, ask_day, ask_week, hold_due, judged
from points.services.earnings import record_all, record_within
from points.services.pots import pot_sums
from points.services.rulebook import read_rulebook
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint, violated
from seoul_health.core.errors import IllegalMove
from seoul_health.core.tasks import enqueue

PEOPLE_PER_CHUNK = 10_000


def settle_day(day: date, *, by: Actor) -> Settlement:
    """Award everybody what a past day has earned and is missing."""
    return settle(plan_settlement(Settlement.Kind.DAY, day, by=by), by=by)


def settle_week(day: date, *, by: Actor) -> Settlement:
    """Award everybody the bonus of the week around a day, once its late records are in."""
    return settle(plan_settlement(Settlement.Kind.WEEK, day, by=by), by=by)


def last_closed_sunday() -> date:
    """Give the Sunday of the last week whose late records are in."""
    day = clock.today() - WEEK_GRACE
    return day - timedelta(days=day.isoweekday() % 7)


def settle_anew(kind: str, day: date, *, by: Actor) -> Settlement:
    """Carry on with the sweep of a period that is running, or run a new one."""
    period = week_of(day)[1] if kind == Settlement.Kind.WEEK else day
    running = Settlement.objects.running().filter(kind=kind, period=period).first()
    return settle(running or plan_settlement(kind, day, by=by), by=by)


@transaction.atomic
def plan_settlement(kind: str, day: date, *, by: Actor) -> Settlement:
    """Cut a sweep into ranges of participants; one sweep of a period at a time."""
    period, earliest = day, day + timedelta(days=1)
    if kind == Settlement.Kind.WEEK:
        period = week_of(day)[1]
        earliest = period + WEEK_GRACE
    if clock.today() < earliest:
        raise PeriodNotOver
    with constraint("one_running_settlement_per_period", SettlementRunning()):
        settlement = Settlement.objects.create(kind=kind, period=period, asked_by=by.actor_name)
    ends = Participant.objects.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"] or 0, ends["last"] or -1
    SettlementChunk.objects.bulk_create(
        SettlementChunk(settlement=settlement, first_id=low, last_id=low + PEOPLE_PER_CHUNK - 1)
        for low in range(first, last + 1, PEOPLE_PER_CHUNK)
    )
    audit.record("planned", settlement, by=by)
    return settlement


def settle(settlement: Settlement, *, by: Actor) -> Settlement:
    """Work through the ranges that nobody else holds, then close the sweep if all are done."""
    book = read_rulebook()
    ask = ask_day if settlement.kind == Settlement.Kind.DAY else ask_week
    asked = ask(book, settlement.period)
    keep_ahead(settlement.period, by=by)
    while settle_chunk(settlement, asked):
        keep_ahead(settlement.period, by=by)
    finish(settlement, by=by)
    settlement.refresh_from_db()
    return settlement


def keep_ahead(period: date, *, by: Actor) -> None:
    """Count the budget again before a range could come to its line."""
    line = line_on(period)
    if line and line.is_free and line.transfers_left < CLOSE_BELOW:
        watch_budget(line.budget, by=by)


def settle_chunk(settlement: Settlement, asked: Question | None) -> bool:
    """Settle one free range; a range the database refuses says so on the board."""
    held: list[int] = []
    try:
        return settle_free_chunk(settlement, asked, held)
    except DatabaseError as fault:
        note_fault(held, fault)
        raise


def note_fault(held: list[int], fault: DatabaseError) -> None:
    """Write down what stopped a range; figures and rows of the fault are left out."""
    name = violated(fault) if isinstance(fault, IntegrityError) else ""
    told = f"{type(fault).__name__} {name}".strip()[:120]
    SettlementChunk.objects.filter(pk__in=held).update(fault=told, failed_at=clock.now())


@transaction.atomic
def settle_free_chunk(settlement: Settlement, asked: Question | None, held: list[int]) -> bool:
    """Settle one free range; what is awarded already is left alone."""
    chunk = free_chunk(settlement)
    if chunk is None:
        return False
    held.append(chunk.pk)
    posted = capped = points = 0
    if asked:
        steady_plans()
        posted, capped, points = award_range(asked, chunk.first_id, chunk.last_id)
    settlement.chunks.filter(pk=chunk.pk).update(
        done_at=clock.now(), posted=posted, capped=capped, points=points, fault="", failed_at=None
    )
    return True


def free_chunk(settlement: Settlement) -> SettlementChunk | None:
    """Lock a range nobody holds, those that failed last."""
    waiting = settlement.chunks.filter(done_at=None).order_by(
        F("failed_at").asc(nulls_first=True), "pk"
    )
    return waiting.select_for_update(skip_locked=True).first()


@transaction.atomic
def resume_settlement(settlement: Settlement, *, by: Actor) -> None:
    """Ring for workers to carry on with a sweep; done ranges stay done."""
    if settlement.status != Settlement.Status.RUNNING:
        raise IllegalMove(what=settlement, to=settlement.status_label(Settlement.Status.RUNNING))
    audit.record("resumed", settlement, by=by)
    enqueue("points.run_settlement", settlement.pk)


def award_range(asked: Question, low: int, high: int) -> tuple[int, int, int]:
    """Award what a range of people is missing; give awards, those of zero, and points."""
    found = hold_due(asked, low, high)
    if found is None:
        return 0, 0, 0
    query, values = judged(asked, found)
    line = line_on(asked.period)
    if line is None or line.fits(found.number, asked.values["points"]):
        posted, points = record_all(query, values)
    else:
        posted, points = record_within(line.budget, query, values)
    capped = 0 if posted == found.number else capped_of(asked, found)
    return posted, capped, points


def capped_of(asked: Question, found: Found) -> int:
    zeros = Award.objects.filter(item=asked.item, period=asked.period, points=0)
    people = [int(person) for person in found.people.strip("{}").split(",")]
    return zeros.filter(participant__in=people).count()


@transaction.atomic
def finish(settlement: Settlement, *, by: Actor) -> bool:
    """Close a sweep whose ranges are all done; of several workers one does it."""
    held = Settlement.objects.running().select_for_update().filter(pk=settlement.pk).first()
    if held is None or held.chunks.filter(done_at=None).exists():
        return False
    sums = held.chunks.aggregate(posted=Sum("posted"), capped=Sum("capped"), points=Sum("points"))
    found: dict[str, Any] = {name: value or 0 for name, value in sums.items()}
    held.move(Settlement.Status.DONE, by=by, finished_at=clock.now(), pots=pot_sums(), **found)
    return True

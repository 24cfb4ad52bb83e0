"""A draft tried on everybody's past: in ranges of people like a settlement, counted at the end."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min
from psycopg import sql

from participants.models import Participant
from points.errors import RuleNotDraft, SimulationRuns, SpanNotOver, SpanTooLong
from points.models import EarningRule, SimulatedPerson, Simulation, SimulationChunk
from points.rules.simulating import as_if, fingerprint
from points.services.accounts import steady_plans
from points.services.rulebook import Rulebook, read_rulebook
from points.services.simulated_books import SimulatedBook, Span
from points.services.simulation_figures import figures_of
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.tasks import enqueue

PEOPLE_PER_CHUNK = 10_000
LONGEST = timedelta(days=366)

KEEP_PEOPLE = sql.SQL("""
    INSERT INTO points_simulatedperson (simulation_id, participant_id, district, is_senior,
        before, after, booked, capped_before, capped_after)
    SELECT %(simulation)s, person.id, person.district,
        coalesce(person.senior_from <= %(last)s, false), coalesce(before.points, 0),
        coalesce(after.points, 0), coalesce(booked.points, 0), before.capped, after.capped
    FROM participants_participant AS person
    LEFT JOIN (SELECT participant_id, sum(points) AS points,
            min(period) FILTER (WHERE points < due) AS capped
        FROM {before} WHERE period >= %(first)s GROUP BY participant_id) AS before
        ON before.participant_id = person.id
    LEFT JOIN (SELECT participant_id, sum(points) AS points,
            min(period) FILTER (WHERE points < due) AS capped
        FROM {after} WHERE period >= %(first)s GROUP BY participant_id) AS after
        ON after.participant_id = person.id
    LEFT JOIN (SELECT participant_id, sum(points) AS points FROM points_award
        WHERE participant_id BETWEEN %(low)s AND %(high)s
            AND period BETWEEN %(first)s AND %(last)s GROUP BY participant_id) AS booked
        ON booked.participant_id = person.id
    WHERE person.id BETWEEN %(low)s AND %(high)s AND (before.participant_id IS NOT NULL
        OR after.participant_id IS NOT NULL OR booked.participant_id IS NOT NULL)
""")
BY_MONTH = sql.SQL("""
    SELECT to_char(period, 'YYYY-MM'), sum(before)::bigint, sum(after)::bigint, sum(booked)::bigint
    FROM (
        SELECT period, points AS before, 0 AS after, 0 AS booked FROM {before}
        UNION ALL SELECT period, 0, points, 0 FROM {after}
        UNION ALL SELECT period, 0, 0, points FROM points_award
            WHERE participant_id BETWEEN %(low)s AND %(high)s
    ) AS told
    WHERE period BETWEEN %(first)s AND %(last)s GROUP BY 1
""")


@dataclass(frozen=True, slots=True)
class Question:
    """The rules that were in force, and the past in which the draft had been."""

    before: Rulebook
    after: Rulebook


def last_closed_day() -> date:
    """Give the last day for which no records can arrive any more."""
    return clock.today() - timedelta(days=settings.STEPS_GRACE_DAYS + 1)


@transaction.atomic
def plan_simulation(rule: EarningRule, *, first: date, last: date, by: Actor) -> Simulation:
    """Ask what a draft would have given over days that are closed; an earlier answer is void."""
    if first > last or last - first > LONGEST:
        raise SpanTooLong
    if last > last_closed_day():
        raise SpanNotOver(day=last_closed_day())
    held = EarningRule.objects.select_for_update().get(pk=rule.pk)
    if held.status != EarningRule.Status.DRAFT:
        raise RuleNotDraft
    if held.simulations.running().exists():
        raise SimulationRuns
    void_simulations(held, by=by)
    with constraint("one_live_simulation_per_rule", SimulationRuns()):
        simulation = Simulation.objects.create(
            rule=held,
            fingerprint=fingerprint(held.as_rule()),
            first_day=first,
            last_day=last,
            asked_by=by.actor_name,
        )
    cut_in_ranges(simulation)
    audit.record("planned", simulation, by=by, rule=held.code)
    enqueue("points.run_simulation", simulation.pk)
    return simulation


def cut_in_ranges(simulation: Simulation) -> None:
    ends = Participant.objects.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"] or 0, ends["last"] or -1
    SimulationChunk.objects.bulk_create(
        SimulationChunk(simulation=simulation, first_id=low, last_id=low + PEOPLE_PER_CHUNK - 1)
        for low in range(first, last + 1, PEOPLE_PER_CHUNK)
    )


@transaction.atomic
def void_simulations(rule: EarningRule, *, by: Actor) -> None:
    """Let no simulation of an earlier draft speak for this one."""
    for simulation in rule.simulations.live().select_for_update().order_by("pk"):
        simulation.move(Simulation.Status.VOID, by=by)


def simulate(simulation: Simulation, *, by: Actor) -> Simulation:
    """Work through the ranges that nobody else holds, then count if all are done."""
    asked = question(simulation)
    while simulate_chunk(simulation, asked):
        pass
    finish(simulation, by=by)
    simulation.refresh_from_db()
    return simulation


def question(simulation: Simulation) -> Question:
    book = read_rulebook()
    draft = replace(simulation.rule.as_rule(), code=f"draft:{simulation.rule.code}")
    first, last = simulation.first_day, simulation.last_day
    return Question(
        before=book,
        after=Rulebook(
            as_if(book.rules, draft, first, last), {**book.ids, draft.code: simulation.rule_id}
        ),
    )


@transaction.atomic
def simulate_chunk(simulation: Simulation, asked: Question) -> bool:
    """Simulate one free range; none is left once the simulation is void."""
    if not Simulation.objects.running().filter(pk=simulation.pk).exists():
        return False
    waiting = simulation.chunks.filter(done_at=None).order_by("pk")
    chunk = waiting.select_for_update(skip_locked=True).first()
    if chunk is None:
        return False
    steady_plans()
    span = Span(simulation.first_day, simulation.last_day, chunk.first_id, chunk.last_id)
    before = SimulatedBook("before", asked.before, span)
    after = SimulatedBook("after", asked.after, span)
    before.fill()
    after.fill()
    months = keep(simulation, before, after, span)
    simulation.chunks.filter(pk=chunk.pk).update(done_at=clock.now(), months=months)
    drop_books(before, after)
    return True


def keep(
    simulation: Simulation, before: SimulatedBook, after: SimulatedBook, span: Span
) -> dict[str, dict[str, int]]:
    """Write down what each person has in both books, and give the sums by month."""
    values = {
        "simulation": simulation.pk, "first": span.first, "last": span.last, **span.values,
    }  # fmt: skip
    books = {"before": before.awards, "after": after.awards}
    with connection.cursor() as cursor:
        cursor.execute(KEEP_PEOPLE.format(**books), values)
        cursor.execute(BY_MONTH.format(**books), values)
        rows = cursor.fetchall()
    return {
        month: {"before": known, "after": drafted, "booked": booked}
        for month, known, drafted, booked in rows
    }


def drop_books(*books: SimulatedBook) -> None:
    """Make room for the next range: several may be simulated in one transaction."""
    names = [name for book in books for name in (book.awards, book.reached)]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE {}").format(sql.SQL(", ").join(names)))


@transaction.atomic
def finish(simulation: Simulation, *, by: Actor) -> bool:
    """Count a simulation whose ranges are all done; of several workers one does it."""
    running = Simulation.objects.running().select_for_update()
    held = running.filter(pk=simulation.pk).first()
    if held is None or held.chunks.filter(done_at=None).exists():
        return False
    forget_void(held)
    held.move(Simulation.Status.DONE, by=by, finished_at=clock.now(), figures=figures_of(held))
    return True


def forget_void(simulation: Simulation) -> None:
    """Drop the people of earlier simulations of this draft; their figures stay."""
    void = Simulation.objects.filter(rule=simulation.rule_id, status=Simulation.Status.VOID)
    SimulatedPerson.objects.filter(simulation__in=void).delete()

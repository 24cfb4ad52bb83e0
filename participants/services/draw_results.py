"""Telling every application what the draw gave it: in blocks, and finished after any crash."""

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from participants.models import Draw, Lane, RecruitmentRound
from participants.rules.draw import Band, bands
from participants.services import notices, offers
from participants.services.draws import lock
from participants.services.notices import Planned
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

BLOCK = 20_000

# Only who is still approved moves: a block may be done again, and who withdrew stays withdrawn.
CARRY_OUT = """
WITH drawn AS (
    SELECT entry.id, %(first)s + entry.n - 1 AS rank
    FROM participants_drawpot AS pot,
        unnest(pot.ranked[%(first)s:%(last)s]) WITH ORDINALITY AS entry (id, n)
    WHERE pot.draw_id = %(draw)s AND pot.code = %(quota)s
), moved AS (
    UPDATE participants_application AS application
    SET status = %(status)s,
        seat_id = %(seat)s,
        seat_no = %(first_seat)s + drawn.rank - %(first)s,
        rank = drawn.rank - %(won)s
    FROM drawn
    WHERE application.public_id = drawn.id AND application.status = 'approved'
    RETURNING application.id, application.participant_id
), written AS (
    INSERT INTO core_auditevent (actor, verb, subject, detail)
    SELECT %(actor)s, %(status)s, 'participants.application:' || id,
        jsonb_build_object('before', 'approved', 'why', '')
    FROM moved
)
SELECT participant_id FROM moved
"""
# Seats of people who withdrew between the freeze and the draw: first to the own quota's waiting,
# then, pooled, to the others' in spill-over order.
FREE_SEATS = """
WITH free AS (
    SELECT quota.id AS seat, n AS seat_no,
        CASE WHEN %(pooled)s THEN 0 ELSE quota.id END AS pool,
        row_number() OVER (PARTITION BY CASE WHEN %(pooled)s THEN 0 ELSE quota.id END
            ORDER BY quota.spill_order, quota.code COLLATE "C", n) AS place
    FROM participants_quota AS quota
    CROSS JOIN LATERAL generate_series(1, quota.seats) AS n
    WHERE quota.lane_id = %(lane)s AND NOT EXISTS (
        SELECT FROM participants_application AS sitting
        WHERE sitting.seat_id = quota.id AND sitting.seat_no = n)
), waiting AS (
    SELECT application.id,
        CASE WHEN %(pooled)s THEN 0 ELSE quota.id END AS pool,
        row_number() OVER (PARTITION BY CASE WHEN %(pooled)s THEN 0 ELSE quota.id END
            ORDER BY quota.spill_order, quota.code COLLATE "C", application.rank, application.id)
            AS place
    FROM participants_application AS application
    JOIN participants_quota AS quota ON quota.id = application.quota_id
    WHERE application.lane_id = %(lane)s AND application.status = 'waitlisted'
), moved AS (
    UPDATE participants_application AS application
    SET status = 'selected', seat_id = free.seat, seat_no = free.seat_no, rank = NULL
    FROM waiting JOIN free USING (pool, place)
    WHERE application.id = waiting.id AND application.status = 'waitlisted'
    RETURNING application.id
)
INSERT INTO core_auditevent (actor, verb, subject, detail)
SELECT %(actor)s, 'selected', 'participants.application:' || id,
    jsonb_build_object('before', 'waitlisted', 'why', '')
FROM moved
"""


def carry_out(draw: Draw, *, by: Actor) -> None:
    """Give every application its result; interrupted or repeated, it comes to the same."""
    for block in blocks_of(draw):
        give_results(draw, block, by=by)
    finish(draw, by=by)


def blocks_of(draw: Draw) -> Iterator[Band]:
    """Cut the outcome into pieces short enough for one transaction each."""
    for band in bands(pot.terms for pot in draw.pots.light()):
        for first in range(band.first, band.last + 1, BLOCK):
            last = min(band.last, first + BLOCK - 1)
            seat_no = band.first_seat_no + first - band.first
            yield Band(band.quota, first, last, band.seat, seat_no)


@transaction.atomic
def give_results(draw: Draw, block: Band, *, by: Actor) -> None:
    """Move one block of applications and plan their messages."""
    if lock(draw).applied_at is not None:
        return
    pots = {pot.code: pot for pot in draw.pots.light()}
    terms: dict[str, Any] = {
        "draw": draw.pk,
        "quota": block.quota,
        "first": block.first,
        "last": block.last,
        "status": "selected" if block.seat else "waitlisted",
        "seat": pots[block.seat].quota_id if block.seat else None,
        "first_seat": block.first_seat_no if block.seat else None,
        "won": None if block.seat else winners(draw, block.quota),
        "actor": by.actor_name,
    }
    with connection.cursor() as cursor:
        cursor.execute(CARRY_OUT, terms)
        people = [int(person) for (person,) in cursor.fetchall()]
    values: dict[str, str | int] = {"round": draw.lane.round.name}
    notices.plan(
        "draw_done", (Planned(person, f"draw:{draw.pk}:{person}", values) for person in people)
    )


def winners(draw: Draw, quota: str) -> int:
    """Count the ranks of a quota that have a seat; the waiting list is numbered after them."""
    found = bands(pot.terms for pot in draw.pots.light())
    return sum(band.size for band in found if band.quota == quota and band.seat)


@transaction.atomic
def finish(draw: Draw, *, by: Actor) -> None:
    """Fill the seats of who withdrew, offer all seats, and turn the round once all are drawn."""
    # Two lanes that finish at once must see each other's end.
    round_ = RecruitmentRound.objects.select_for_update().get(pk=draw.lane.round_id)
    locked = lock(draw)
    if locked.applied_at is not None:
        return
    with connection.cursor() as cursor:
        for pooled in (False, True):
            terms: dict[str, Any] = {
                "lane": locked.lane_id,
                "pooled": pooled,
                "actor": by.actor_name,
            }
            cursor.execute(FREE_SEATS, terms)
    offers.make_offers(locked.lane, by=by)
    Draw.objects.filter(pk=locked.pk).update(applied_at=clock.now())
    audit.record("carried_out", locked, by=by)
    turn_round(round_, by=by)


def turn_round(round_: RecruitmentRound, *, by: Actor) -> None:
    lotteries = round_.lanes.filter(method=Lane.Method.LOTTERY)
    if lotteries.exclude(draws__applied_at__isnull=False).exists():
        return
    if round_.may(RecruitmentRound.Status.DRAWN):
        round_.move(RecruitmentRound.Status.DRAWN, by=by)


def carry_out_published(*, by: Actor) -> None:
    """Finish every published draw that a lost worker left half done."""
    for draw in Draw.objects.unfinished().select_related("lane__round").order_by("pk"):
        carry_out(draw, by=by)

"""Drawing a lane's lottery, against a bare ORDER BY of the same rows."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction

from participants.models import Draw, DrawPot, Lane, Quota, RecruitmentRound
from participants.services import draws
from seoul_health.core import clock
from seoul_health.core.audit import System
from seoul_health.core.models import StaffUser
from tests.bench.measure import alternate
from tests.bench.recruitment import APPROVED, MILLION, PEOPLE, SIZE, lay_out, run

JOB = System("bench")
SEED = "03 11 19 27 33 45"
BARE = """
SELECT count(*) FROM (
    SELECT public_id FROM participants_application WHERE quota_id = %(quota)s
    ORDER BY sha256(convert_to(%(seed)s || public_id::text, 'UTF8')) OFFSET 0) AS sorted
"""


def draw_vs_bare_sort() -> None:
    compare(SIZE)


def draw_vs_bare_sort_1m() -> None:
    compare(MILLION)


def compare(size: int) -> None:
    """Rank and keep the ranks, against sorting alone; then the whole draw with its two hashes."""
    lane = closed_lottery(size)
    for name, act in (("draw_vs_bare_sort", rank), ("whole_draw_vs_bare_sort", draw_whole)):
        alternate(
            name,
            ours=lambda act=act: seconds_of(act, lane, size),
            baseline=lambda: seconds_to_sort(lane),
            unit="ms",
            better="lower",
            n=size,
        )


def rank(draw: Draw) -> None:
    with transaction.atomic():
        draws.rank(draw)


def draw_whole(draw: Draw) -> None:
    draws.draw_lots(draw, by=JOB)


def closed_lottery(size: int) -> Lane:
    lane = lay_out(f"draw-{size}", seats=size // 3, method=Lane.Method.LOTTERY)
    run("TRUNCATE participants_participant CASCADE")
    run(PEOPLE, size=size)
    rule, quota = lane.round.rules.get(), lane.quotas.get()
    run(APPROVED, round=lane.round_id, lane=lane.pk, quota=quota.pk, rule=rule.pk)
    RecruitmentRound.objects.filter(pk=lane.round_id).update(status="closed")
    run("VACUUM ANALYZE participants_application")
    run("SET work_mem = '256MB'")  # The same for both.
    return Lane.objects.select_related("round").get(pk=lane.pk)


def seconds_of(act: Callable[[Draw], None], lane: Lane, size: int) -> float:
    draw = seeded(lane)
    started = time.perf_counter()
    act(draw)
    seconds = time.perf_counter() - started
    ranked = DrawPot.objects.get().ranked
    assert ranked is not None, "a drawn pot has ranks"
    assert len(ranked) == size
    return seconds * 1000


def seeded(lane: Lane) -> Draw:
    run("TRUNCATE participants_drawpot, participants_draw")
    draw = draws.freeze(
        lane,
        seed_source="bench",
        seed_form=Draw.SeedForm.LOTTO,
        seed_due_on=clock.today() + timedelta(days=1),
        by=JOB,
    )
    two = [StaffUser.objects.get_or_create(username=name)[0] for name in ("bench-1", "bench-2")]
    Draw.objects.update(
        status=Draw.Status.SEEDED, seed=SEED, first_seed_by=two[0], second_seed_by=two[1]
    )
    draw.refresh_from_db()
    return draw


def seconds_to_sort(lane: Lane) -> float:
    started = time.perf_counter()
    run(BARE, quota=Quota.objects.get(lane=lane).pk, seed=SEED)
    return (time.perf_counter() - started) * 1000

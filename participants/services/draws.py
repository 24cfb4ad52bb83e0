"""The lottery, step by step: freeze, seed by two people, draw once, publish."""

from datetime import date
from typing import Any

from django.db import connection, transaction

from participants.errors import (
    AlreadyFrozen,
    ApplicationsUndecided,
    DrawNotReady,
    NoQuotaChosen,
    NotALottery,
    OnePersonTwice,
    RosterChanged,
    RoundNotClosed,
    SeedMisspelt,
    SeedNotKnownYet,
    SeedsDiffer,
    SeedTooSoon,
)
from participants.models import Application, Draw, Lane, RecruitmentRound
from participants.rules.draw import fits, in_order, roster_head
from participants.services.draw_files import result_hash
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

Status = Draw.Status
UNDECIDED = (
    Application.Status.SUBMITTED,
    Application.Status.UNDER_REVIEW,
    Application.Status.ON_HOLD,
)

FREEZE_POTS = """
INSERT INTO participants_drawpot (
    draw_id, quota_id, code, "group", value, seats, spill_order, applied, roster)
SELECT %(draw)s, quota.id, quota.code, quota."group", quota.value, quota.seats, quota.spill_order,
    count(entry.id),
    coalesce(array_agg(entry.public_id ORDER BY entry.public_id)
        FILTER (WHERE entry.id IS NOT NULL), '{}')
FROM participants_quota AS quota
LEFT JOIN participants_application AS entry
    ON entry.quota_id = quota.id AND entry.lane_id = quota.lane_id AND entry.status = 'approved'
WHERE quota.lane_id = %(lane)s
GROUP BY quota.id
"""
ROSTER_HASH = """
SELECT encode(sha256(convert_to(%(head)s || coalesce(string_agg(
    array_to_string(pot.roster, place.ending) || place.ending, '' ORDER BY place.n), ''), 'UTF8')),
    'hex')
FROM unnest(%(quotas)s::text[], %(endings)s::text[]) WITH ORDINALITY AS place (quota, ending, n)
JOIN participants_drawpot AS pot ON pot.draw_id = %(draw)s AND pot.code = place.quota
WHERE pot.applied > 0
"""
# The whole draw: SHA-256 of the seed followed by the public id, ascending, in every quota.
RANK_POTS = """
UPDATE participants_drawpot AS pot
SET ranked = ARRAY(
    SELECT entry.id FROM unnest(pot.roster) AS entry (id)
    ORDER BY sha256(convert_to(%(seed)s || entry.id, 'UTF8')), entry.id)
WHERE draw_id = %(draw)s AND ranked IS NULL
"""


@transaction.atomic
def freeze(lane: Lane, *, seed_source: str, seed_form: str, seed_due_on: date, by: Actor) -> Draw:
    """Fix who is in the draw of a lane and which public number will decide it."""
    check_lane(lane, seed_due_on=seed_due_on)
    with constraint("one_draw_per_lane", AlreadyFrozen()):
        draw = Draw.objects.create(
            lane=lane,
            seed_source=" ".join(seed_source.split()),
            seed_form=seed_form,
            seed_due_on=seed_due_on,
            frozen_at=clock.now(),
        )
    fix_roster(draw, by=by)
    return draw


def fix_roster(draw: Draw, *, by: Actor) -> None:
    """Write down who is in the draw, for which seats; from here on the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute(FREEZE_POTS, {"draw": draw.pk, "lane": draw.lane_id})
    draw.roster_count = sum(pot.applied for pot in draw.pots.light())
    draw.roster_sha256 = roster_hash(draw)
    draw.save(update_fields=["roster_count", "roster_sha256"])
    audit.record("frozen", draw, by=by, roster_sha256=draw.roster_sha256, count=draw.roster_count)


def check_lane(lane: Lane, *, seed_due_on: date) -> None:
    if lane.method != Lane.Method.LOTTERY:
        raise NotALottery
    if lane.round.status != RecruitmentRound.Status.CLOSED:
        raise RoundNotClosed
    if seed_due_on <= clock.today():
        raise SeedTooSoon
    entries = Application.objects.filter(lane=lane)
    if undecided := entries.filter(status__in=UNDECIDED).count():
        raise ApplicationsUndecided(count=undecided)
    if adrift := entries.filter(status=Application.Status.APPROVED, quota=None).count():
        raise NoQuotaChosen(count=adrift)


def roster_hash(draw: Draw) -> str:
    """Fingerprint the roster as it is stored, and the terms it was frozen with."""
    terms = [
        ("round", draw.lane.round.code),
        ("lane", str(draw.lane.kind)),
        ("seed_source", draw.seed_source),
        ("seed_form", draw.seed_form),
        ("seed_due_on", draw.seed_due_on.isoformat()),
    ]
    pots = in_order(pot.terms for pot in draw.pots.light())
    values: dict[str, Any] = {
        "draw": draw.pk,
        "head": roster_head(terms, pots),
        "quotas": [pot.code for pot in pots],
        "endings": [f" {pot.code}\n" for pot in pots],
    }
    with connection.cursor() as cursor:
        cursor.execute(ROSTER_HASH, values)
        return str(cursor.fetchone()[0])


def enter_seed(draw: Draw, seed: str, *, by: StaffUser) -> None:
    """Take the seed from one of two people; the second must type exactly what the first did."""
    try:
        take_seed(draw, seed.strip(), by=by)
    except SeedsDiffer:
        # Recorded after the refusal has been rolled back: it is a fact worth keeping.
        audit.record("seed_differed", draw, by=by)
        raise


@transaction.atomic
def take_seed(draw: Draw, seed: str, *, by: StaffUser) -> None:
    locked = lock(draw)
    if locked.status != Status.FROZEN:
        raise DrawNotReady
    if clock.today() < locked.seed_due_on:
        raise SeedNotKnownYet(day=locked.seed_due_on.isoformat())
    if not fits(locked.seed_form, seed):
        raise SeedMisspelt(form=locked.get_seed_form_display())
    if locked.first_seed_by_id in (None, by.pk):
        keep_first(locked, seed, by=by)
    else:
        match_second(locked, seed, by=by)
    draw.refresh_from_db()


def keep_first(draw: Draw, seed: str, *, by: StaffUser) -> None:
    """Keep what the first person typed, who may correct it until the second agrees."""
    if draw.first_seed == seed:
        raise OnePersonTwice
    verb = "seed_typed" if draw.first_seed_by_id is None else "seed_retyped"
    draw.first_seed, draw.first_seed_by, draw.first_seed_at = seed, by, clock.now()
    draw.save(update_fields=["first_seed", "first_seed_by", "first_seed_at"])
    audit.record(verb, draw, by=by)


def match_second(draw: Draw, seed: str, *, by: StaffUser) -> None:
    if draw.first_seed != seed:
        raise SeedsDiffer
    with constraint("a_seed_takes_two_people", OnePersonTwice()):
        draw.move(Status.SEEDED, by=by, seed=seed, second_seed_by=by, seeded_at=clock.now())


@transaction.atomic
def draw_lots(draw: Draw, *, by: Actor) -> None:
    """Rank every application by the seed, once and for ever; nobody has to be told yet."""
    locked = lock(draw)
    if not locked.may(Status.DRAWN):
        raise DrawNotReady
    if roster_hash(locked) != locked.roster_sha256:
        raise RosterChanged
    rank(locked)
    locked.move(Status.DRAWN, by=by, drawn_at=clock.now(), result_sha256=result_hash(locked))
    draw.refresh_from_db()


def rank(draw: Draw) -> None:
    """Put the applications of every quota into their drawn order, in one statement."""
    with connection.cursor() as cursor:
        # A million ranks are sorted in memory rather than on the disk.
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(RANK_POTS, {"draw": draw.pk, "seed": draw.seed})


@transaction.atomic
def publish(draw: Draw, *, by: Actor) -> None:
    """Show the result to everybody; every application is then told, in the background."""
    draw.move(Status.PUBLISHED, by=by, published_at=clock.now())
    enqueue("participants.carry_out_draw", draw.pk)


def lock(draw: Draw) -> Draw:
    """Let two people or two clicks come one after the other."""
    rows = Draw.objects.select_for_update(of=("self",)).select_related("lane__round")
    return rows.get(pk=draw.pk)

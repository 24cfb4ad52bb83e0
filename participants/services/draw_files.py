"""What is published of a draw: its terms, and a line for every application."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from participants.models import Draw, DrawPot
from participants.rules.draw import FORMAT, Band, bands

LINES = 10_000

RESULT_HASH = """
SELECT encode(sha256(convert_to(coalesce(string_agg(
    array_to_string(pot.ranked[band.first:band.last], band.ending) || band.ending,
    '' ORDER BY band.n), ''), 'UTF8')), 'hex')
FROM unnest(%(quotas)s::text[], %(firsts)s::int[], %(lasts)s::int[], %(ends)s::text[])
    WITH ORDINALITY AS band (quota, first, last, ending, n)
JOIN participants_drawpot AS pot ON pot.draw_id = %(draw)s AND pot.code = band.quota
"""
RESULT_LINES = """
SELECT string_agg('{"application": "' || entry.id || %(middle)s || (%(first)s + entry.n - 1)
    || %(end)s, '' ORDER BY entry.n)
FROM participants_drawpot AS pot,
    unnest(pot.ranked[%(first)s:%(last)s]) WITH ORDINALITY AS entry (id, n)
WHERE pot.id = %(pot)s
"""
ROSTER_LINES = """
SELECT string_agg('{"application": "' || entry.id || %(end)s, '' ORDER BY entry.n)
FROM participants_drawpot AS pot,
    unnest(pot.roster[%(first)s:%(last)s]) WITH ORDINALITY AS entry (id, n)
WHERE pot.id = %(pot)s
"""


@dataclass(frozen=True)
class Entry:
    """One application's place in a published draw."""

    pot: DrawPot
    application: str
    rank: int | None = None
    seat: str = ""

    @property
    def outcome(self) -> str:
        return "selected" if self.seat else "waitlisted"


@dataclass(frozen=True)
class Share:
    """What one quota got out of a draw; nothing while the result is not published."""

    pot: DrawPot
    selected: int | None = None
    seats_received: int | None = None
    seats_given: int | None = None

    @property
    def waiting(self) -> int | None:
        return None if self.selected is None else self.pot.applied - self.selected


def shares_of(draw: Draw) -> list[Share]:
    """Sum a draw up by quota, in spill-over order."""
    pots = list(draw.pots.light())
    return shares(pots) if draw.is_published else [Share(pot) for pot in pots]


def shares(pots: list[DrawPot]) -> list[Share]:
    won = [band for band in bands(pot.terms for pot in pots) if band.seat]
    moved = [band for band in won if band.seat != band.quota]
    return [
        Share(
            pot,
            selected=sum(band.size for band in won if band.quota == pot.code),
            seats_received=sum(band.size for band in moved if band.quota == pot.code),
            seats_given=sum(band.size for band in moved if band.seat == pot.code),
        )
        for pot in pots
    ]


def result_hash(draw: Draw) -> str:
    """Fingerprint the whole result: by quota in spill-over order, there by rank."""
    found = bands(pot.terms for pot in draw.pots.light())
    columns: dict[str, Any] = {
        "draw": draw.pk,
        "quotas": [band.quota for band in found],
        "firsts": [band.first for band in found],
        "lasts": [band.last for band in found],
        "ends": [f" {band.quota} {ending_of(band)}\n" for band in found],
    }
    with connection.cursor() as cursor:
        cursor.execute(RESULT_HASH, columns)
        return str(cursor.fetchone()[0])


def ending_of(band: Band) -> str:
    return f"selected {band.seat}" if band.seat else "waitlisted -"


def header(draw: Draw) -> dict[str, Any]:
    """Give the terms of a draw: all a checker needs besides the lines."""
    known = draw.is_published
    return {
        "format": FORMAT,
        "round": draw.lane.round.code,
        "lane": str(draw.lane.kind),
        "seed_source": draw.seed_source,
        "seed_form": draw.seed_form,
        "seed_due_on": draw.seed_due_on.isoformat(),
        "quotas": [
            {"code": pot.code, "seats": pot.seats, "spill_order": pot.spill_order}
            for pot in draw.pots.light()
        ],
        "roster_count": draw.roster_count,
        "roster_sha256": draw.roster_sha256,
        "frozen_at": draw.frozen_at.isoformat(),
        "seed": draw.seed if known else None,
        "drawn_at": draw.drawn_at.isoformat() if known and draw.drawn_at else None,
        "result_sha256": draw.result_sha256 if known else None,
    }


def whole_file(draw: Draw) -> Iterator[str]:
    """Write the file a checker reads: the terms, then the roster or the result."""
    yield f"{json.dumps(header(draw), ensure_ascii=False)}\n"
    yield from result_lines(draw) if draw.is_published else roster_lines(draw)


def roster_lines(draw: Draw) -> Iterator[str]:
    for pot in draw.pots.light():
        end = f'", "quota": "{pot.code}"}}\n'
        yield from blocks(ROSTER_LINES, pot, 1, pot.applied, end=end)


def result_lines(draw: Draw) -> Iterator[str]:
    """Write the lines of a published result in blocks, so that memory stays flat."""
    pots = {pot.code: pot for pot in draw.pots.light()}
    for band in bands(pot.terms for pot in pots.values()):
        middle = f'", "quota": "{band.quota}", "rank": '
        pot = pots[band.quota]
        yield from blocks(
            RESULT_LINES, pot, band.first, band.last, middle=middle, end=outcome_of(band)
        )


def outcome_of(band: Band) -> str:
    seat = f'"{band.seat}"' if band.seat else "null"
    return f', "outcome": "{"selected" if band.seat else "waitlisted"}", "seat": {seat}}}\n'


def blocks(statement: str, pot: DrawPot, first: int, last: int, **text: str) -> Iterator[str]:
    for start in range(first, last + 1, LINES):
        end = min(last, start + LINES - 1)
        with connection.cursor() as cursor:
            cursor.execute(statement, {"pot": pot.pk, "first": start, "last": end, **text})
            yield str(cursor.fetchone()[0])


def entry_of(draw: Draw, application: str) -> Entry | None:
    """Find one application in a draw, with its result once that is published."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, array_position(ranked, %(application)s::uuid) FROM participants_drawpot"
            " WHERE draw_id = %(draw)s AND roster @> ARRAY[%(application)s::uuid]",
            {"draw": draw.pk, "application": application},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    pots = {pot.pk: pot for pot in draw.pots.light()}
    pot, rank = pots[row[0]], row[1]
    if not draw.is_published or rank is None:
        return Entry(pot, application)
    own = (band for band in bands(one.terms for one in pots.values()) if band.quota == pot.code)
    seat = next(band.seat for band in own if band.first <= rank <= band.last)
    return Entry(pot, application, rank, seat)

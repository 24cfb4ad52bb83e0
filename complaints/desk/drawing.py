"""A day by the hour, as bars: one row per source and one for what was counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from points.services.evidence import Evidence

LEFT, WIDTH, HEIGHT, GAP = 62, 284, 40, 18
SLOT = WIDTH / 24


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    height: float
    hour: int
    steps: int


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    total: int
    tone: str
    middle: float
    base: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    rows: tuple[Row, ...]
    height: float
    bar_width: float
    ticks: tuple[tuple[float, str], ...]


def draw(evidence: Evidence) -> Drawing | None:
    """Lay out the hours of every source and the merged day on one scale."""
    if not evidence.sources:
        return None
    rows: list[tuple[str, int, str, Sequence[int]]] = [
        (each.source, each.steps, f"c{number}", each.hours)
        for number, each in enumerate(evidence.sources, start=2)
    ]
    rows.append((_("Counted"), evidence.steps, "c1", evidence.merged))
    highest = max(1, *(max(hours) for *_rest, hours in rows))
    drawn = tuple(
        row_of(label, total, tone, hours, highest, number)
        for number, (label, total, tone, hours) in enumerate(rows)
    )
    ticks = tuple((round(LEFT + hour * SLOT, 1), str(hour)) for hour in range(0, 25, 6))
    return Drawing(drawn, len(rows) * (HEIGHT + GAP) + 14, round(SLOT - 2, 1), ticks)


def row_of(
    label: str, total: int, tone: str, hours: Sequence[int], highest: int, number: int
) -> Row:
    base = (number + 1) * (HEIGHT + GAP) - GAP / 2
    bars = tuple(
        Bar(
            x=round(LEFT + hour * SLOT + 1, 1),
            y=round(base - HEIGHT * steps / highest, 1),
            height=round(HEIGHT * steps / highest, 1),
            hour=hour,
            steps=steps,
        )
        for hour, steps in enumerate(hours)
        if steps
    )
    return Row(label, total, tone, base - HEIGHT / 2, base, bars)

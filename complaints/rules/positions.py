"""Positions of a walk: read strictly, kept as text, drawn without a map of anybody else's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, radians

# Seoul and what a walk home may reach; elsewhere a phone is mistaken.
SOUTH, NORTH, WEST, EAST = 33.0, 39.0, 124.0, 132.0
AHEAD = timedelta(minutes=5)
BEHIND = timedelta(hours=24)
METRES_PER_DEGREE = 111_195.0
EDGE = 24.0


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a phone was at a moment, and how sure it is in metres."""

    at: datetime
    lat: float
    lng: float
    accuracy: int = 0

    def as_text(self) -> str:
        return f"{self.lat:.6f},{self.lng:.6f},{self.accuracy}"


def read_fix(at: datetime, text: str) -> Fix:
    lat, lng, accuracy = text.split(",")
    return Fix(at, float(lat), float(lng), int(accuracy))


def in_reach(lat: float, lng: float) -> bool:
    return SOUTH <= lat <= NORTH and WEST <= lng <= EAST


def believable(at: datetime, now: datetime) -> bool:
    return now - BEHIND <= at <= now + AHEAD


@dataclass(frozen=True, slots=True)
class Spot:
    x: float
    y: float
    fix: Fix


@dataclass(frozen=True, slots=True)
class Drawing:
    """A track laid out in a frame, north at the top, and how long its scale bar is."""

    spots: tuple[Spot, ...]
    bar_width: float
    bar_metres: int

    @property
    def path(self) -> str:
        return " ".join(f"{spot.x:.1f},{spot.y:.1f}" for spot in self.spots)

    @property
    def last(self) -> Spot:
        return self.spots[-1]


def draw(fixes: Sequence[Fix], *, width: float, height: float) -> Drawing | None:
    """Lay positions out to scale; a single one stands in the middle."""
    if not fixes:
        return None
    middle_lat = (min(f.lat for f in fixes) + max(f.lat for f in fixes)) / 2
    middle_lng = (min(f.lng for f in fixes) + max(f.lng for f in fixes)) / 2
    east = METRES_PER_DEGREE * cos(radians(middle_lat))
    metres = [
        ((f.lng - middle_lng) * east, (middle_lat - f.lat) * METRES_PER_DEGREE) for f in fixes
    ]
    reach_x = max(50.0, *(abs(x) for x, _y in metres), 0.0)
    reach_y = max(50.0, *(abs(y) for _x, y in metres), 0.0)
    scale = min((width / 2 - EDGE) / reach_x, (height / 2 - EDGE) / reach_y)
    bar = bar_of(100 / scale)
    spots = (
        Spot(width / 2 + x * scale, height / 2 + y * scale, fix)
        for (x, y), fix in zip(metres, fixes, strict=True)
    )
    return Drawing(tuple(spots), bar * scale, bar)


def bar_of(metres: float) -> int:
    """Give the longest round length that is not above this one."""
    for step in (5000, 2000, 1000, 500, 200, 100, 50, 20, 10):
        if step <= metres:
            return step
    return 10

"""One measured value over time as SVG, over the bands it is judged by.

Pure functions, like charts.py: classes instead of styles, and a table for everybody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 520, 200
TOP, RIGHT, BOTTOM, LEFT = 16, 52, 24, 36
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Point:
    """One value at a moment; a doubtful one is drawn hollow and the line passes it by."""

    at: datetime
    value: float
    label: str
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """From a value up, or below it, a level of care."""

    value: float
    level: int
    is_floor: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """Turns moments and values into places on the page."""

    first: datetime
    seconds: float
    low: float
    high: float

    def x(self, at: datetime) -> float:
        share = (at - self.first).total_seconds() / self.seconds if self.seconds else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def frame_of(points: Sequence[Point], limits: Iterable[Limit]) -> Frame:
    """Make room for every value and for the nearest limit above and below."""
    values = [point.value for point in points]
    low, high = min(values), max(values)
    above = [limit.value for limit in limits if not limit.is_floor and limit.value >= low]
    below = [limit.value for limit in limits if limit.is_floor and limit.value <= high]
    low, high = min([low, *below[-1:]]), max([high, *sorted(above)[:1]])
    room = max((high - low) * 0.15, 1.0)
    first, last = points[0].at, points[-1].at
    return Frame(first, (last - first).total_seconds(), low - room, high + room)


def trend(points: Sequence[Point], limits: Sequence[Limit], *, title: str) -> SafeString:
    """Draw values in the order of their moments; without any there is nothing to draw."""
    if not points:
        return SafeString("")
    frame = frame_of(points, limits)
    marks = [
        *(band(limit, limits, frame) for limit in sorted(limits, key=lambda each: each.level)),
        path([point for point in points if not point.is_doubtful], frame),
        *(dot(point, frame) for point in points),
        *days(points, frame),
        last_label(points[-1], frame),
    ]
    drawn = format_html_join("", "{}", ((mark,) for mark in marks))
    shape = '<svg class="trend" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    return format_html(shape, WIDTH, HEIGHT, title, drawn)


def band(limit: Limit, limits: Sequence[Limit], frame: Frame) -> SafeString:
    """Colour what a level covers: up to the next graver one."""
    if not frame.low < limit.value < frame.high:
        return SafeString("")
    graver = [
        other.value
        for other in limits
        if other.is_floor == limit.is_floor and other.level > limit.level
    ]
    end = frame.low if limit.is_floor else frame.high
    if graver:
        end = max(graver) if limit.is_floor else min(graver)
    top, low = sorted((frame.y(limit.value), frame.y(end)))
    right = WIDTH - RIGHT
    shape = (
        '<rect class="band-{}" x="{}" y="{}" width="{}" height="{}"/>'
        '<line class="limit" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text x="{}" y="{}" text-anchor="end">{}</text>'
    )
    y = frame.y(limit.value)
    return format_html(
        shape,
        limit.level, LEFT, f"{top:.1f}", right - LEFT, f"{low - top:.1f}",
        LEFT, right, f"{y:.1f}", f"{y:.1f}",
        LEFT - 4, f"{y + 4:.1f}", f"{limit.value:g}",
    )  # fmt: skip


def path(points: Sequence[Point], frame: Frame) -> SafeString:
    if len(points) < FEWEST:
        return SafeString("")
    places = " ".join(f"{frame.x(point.at):.1f},{frame.y(point.value):.1f}" for point in points)
    return format_html('<polyline class="path" points="{}"/>', places)


def dot(point: Point, frame: Frame) -> SafeString:
    kind = "dot doubtful" if point.is_doubtful else "dot"
    shape = '<g><title>{}</title><circle class="{}" cx="{}" cy="{}" r="4"/></g>'
    x, y = f"{frame.x(point.at):.1f}", f"{frame.y(point.value):.1f}"
    return format_html(shape, point.label, kind, x, y)


def days(points: Sequence[Point], frame: Frame) -> list[SafeString]:
    """Name the first and the last day below."""
    ends = [(points[0], "start"), (points[-1], "end")][: len(points)]
    shape = '<text x="{}" y="{}" text-anchor="{}">{}</text>'
    return [
        format_html(shape, f"{frame.x(point.at):.1f}", HEIGHT - 6, side, f"{point.at:%Y-%m-%d}")
        for point, side in ends
    ]


def last_label(point: Point, frame: Frame) -> SafeString:
    shape = '<text class="last" x="{}" y="{}">{}</text>'
    x, y = f"{frame.x(point.at) + 8:.1f}", f"{frame.y(point.value) + 4:.1f}"
    return format_html(shape, x, y, f"{point.value:g}")

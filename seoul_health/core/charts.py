"""Small charts as SVG on the server: direct labels, links to the rows, a table for everybody.

Pure functions. No style attributes (the content security policy forbids them): colours are
classes c1…c5 of static/css/charts.css.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

COLOURS = 5
WIDTH, HEIGHT = 400, 190
TOP, RIGHT, BOTTOM, LEFT = 24, 4, 26, 4
NAME_WIDTH = 72


class TooManyColours(ValueError):
    """A chart of more than five series is a table."""


@dataclass(frozen=True, slots=True)
class Datum:
    label: str
    value: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    values: tuple[int, ...]
    hrefs: tuple[str, ...] = ()

    def href(self, place: int) -> str:
        return self.hrefs[place] if place < len(self.hrefs) else ""


def figure(value: int) -> str:
    return number_format(value, force_grouping=True)


def bar_chart(data: Sequence[Datum], *, title: str, unit: str = "") -> SafeString:
    """Draw one bar for each datum with its figure on top."""
    if not any(datum.value for datum in data):
        return nothing()
    slots, scale = slots_of(len(data)), scale_of(max(datum.value for datum in data))
    said = figures_that_fit([datum.value for datum in data])
    bars = [
        column(datum, *slot, scale=scale, unit=unit, said=place in said)
        for place, (datum, slot) in enumerate(zip(data, slots, strict=True))
    ]
    names = names_below([datum.label for datum in data], [middle for middle, _width in slots])
    series = Series(unit or title, tuple(datum.value for datum in data))
    table = table_view([datum.label for datum in data], [series], title=title)
    return whole(joined([axis(), *names, *bars]), title=title, table=table)


def stacked_bar_chart(labels: Sequence[str], series: Sequence[Series], *, title: str) -> SafeString:
    """Draw one bar for each label, split by series; the total stands on top."""
    check_colours(series)
    totals = [sum(each.values[place] for each in series) for place in range(len(labels))]
    if not any(totals):
        return nothing()
    slots, scale = slots_of(len(labels)), scale_of(max(totals))
    said = figures_that_fit(totals)
    bars = [
        stack(labels[place], place, series, *slot, scale=scale, said=place in said)
        for place, slot in enumerate(slots)
    ]
    names = names_below(labels, [middle for middle, _width in slots])
    table = table_view(labels, series, title=title)
    return whole(joined([axis(), *names, *bars]), title=title, table=table, key=legend(series))


def line_chart(labels: Sequence[str], series: Sequence[Series], *, title: str) -> SafeString:
    """Draw one line for each series; its name and last figure stand at its end."""
    check_colours(series)
    if not labels or not any(any(each.values) for each in series):
        return nothing()
    scale = scale_of(max(max(each.values) for each in series))
    places = along(len(labels), WIDTH - RIGHT - NAME_WIDTH)
    ends = spread([HEIGHT - BOTTOM - each.values[-1] * scale for each in series])
    lines = [
        line(each, colour, places, end, labels, scale=scale)
        for colour, (each, end) in enumerate(zip(series, ends, strict=True), 1)
    ]
    table = table_view(labels, series, title=title)
    marks = joined([axis(), *names_below(labels, places), *lines])
    return whole(marks, title=title, table=table)


def check_colours(series: Sequence[Series]) -> None:
    if len(series) > COLOURS:
        raise TooManyColours(len(series))


def scale_of(highest: int) -> float:
    return (HEIGHT - TOP - BOTTOM) / max(1, highest)


def slots_of(count: int) -> list[tuple[float, float]]:
    """Give each bar its middle and its width."""
    step = (WIDTH - LEFT - RIGHT) / count
    return [(LEFT + step * (place + 0.5), min(56.0, step * 0.62)) for place in range(count)]


def along(count: int, end: int) -> list[float]:
    start = LEFT + 16
    step = (end - start) / max(1, count - 1)
    return [start + step * place for place in range(count)]


def spread(heights: Sequence[float], *, apart: float = 16) -> list[float]:
    """Move labels apart until none covers another, keeping their order."""
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    lowest = float("-inf")
    moved = list(heights)
    for place in order:
        lowest = moved[place] = max(heights[place], lowest + apart)
    return moved


def at(number: float) -> str:
    return f"{number:.1f}"


def joined(marks: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((mark,) for mark in marks))


def axis() -> SafeString:
    low = HEIGHT - BOTTOM
    return format_html(
        '<line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/>', WIDTH, at(low), at(low)
    )


def text(words: str, x: float, y: float, *, kind: str = "", anchor: str = "middle") -> SafeString:
    shape = '<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>'
    return format_html(shape, kind, at(x), at(y), anchor, words)


def linked(mark: SafeString, href: str, words: str) -> SafeString:
    """Lead from a mark to the rows behind it; without rows it only says what it is."""
    if not href:
        return format_html("<g><title>{}</title>{}</g>", words, mark)
    shape = '<a href="{}" aria-label="{}"><title>{}</title>{}</a>'
    return format_html(shape, href, words, words, mark)


def box(
    x: float, y: float, width: float, height: float, kind: str, *, round_by: float
) -> SafeString:
    shape = '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>'
    return format_html(shape, kind, at(x), at(y), at(width), at(max(0.0, height)), round_by)


def hit_area(middle: float, width: float) -> SafeString:
    """Make a low bar as easy to click as a high one."""
    return box(middle - width / 2 - 4, TOP - 20, width + 8, HEIGHT - TOP + 18, "hit", round_by=6)


def column(
    datum: Datum, middle: float, width: float, *, scale: float, unit: str, said: bool
) -> SafeString:
    height = datum.value * scale
    top = HEIGHT - BOTTOM - height
    marks = [
        hit_area(middle, width),
        box(middle - width / 2, top, width, height, "c1", round_by=min(4, height / 2)),
    ]
    if said:
        marks.append(text(figure(datum.value), middle, top - 7, kind="value"))
    return linked(joined(marks), datum.href, f"{datum.label} {figure(datum.value)}{unit}")


def stack(
    label: str,
    place: int,
    series: Sequence[Series],
    middle: float,
    width: float,
    *,
    scale: float,
    said: bool,
) -> SafeString:
    values = [each.values[place] for each in series]
    tops = [HEIGHT - BOTTOM - sum_so_far * scale for sum_so_far in accumulate(values)]
    marks = [
        part(each, place, colour, middle, width, tops[colour - 1], label=label, scale=scale)
        for colour, each in enumerate(series, 1)
        if each.values[place]
    ]
    if said:
        marks.append(text(figure(sum(values)), middle, tops[-1] - 7, kind="value"))
    return joined(marks)


def part(
    series: Series,
    place: int,
    colour: int,
    middle: float,
    width: float,
    top: float,
    *,
    label: str,
    scale: float,
) -> SafeString:
    value = series.values[place]
    height = value * scale
    marks = [box(middle - width / 2, top, width, height - 1, f"c{colour}", round_by=2)]
    if height >= 18 and width >= 26:
        marks.append(text(figure(value), middle, top + height / 2 + 4, kind="on-fill"))
    words = f"{label} {series.name} {figure(value)}"
    return linked(joined(marks), series.href(place), words)


def line(
    series: Series,
    colour: int,
    places: Sequence[float],
    end: float,
    labels: Sequence[str],
    *,
    scale: float,
) -> SafeString:
    heights = [HEIGHT - BOTTOM - value * scale for value in series.values]
    path = " ".join(f"{at(x)},{at(y)}" for x, y in zip(places, heights, strict=True))
    drawn = format_html('<polyline class="line c{}" points="{}"/>', colour, path)
    dots = [
        linked(
            format_html('<circle class="dot c{}" cx="{}" cy="{}" r="4"/>', colour, at(x), at(y)),
            series.href(place),
            f"{labels[place]} {series.name} {figure(series.values[place])}",
        )
        for place, (x, y) in enumerate(zip(places, heights, strict=True))
    ]
    words = f"{series.name} {figure(series.values[-1])}"
    name = text(words, places[-1] + 10, end + 4, kind=f"name c{colour}", anchor="start")
    return joined([drawn, *dots, name])


def names_below(labels: Sequence[str], places: Sequence[float]) -> list[SafeString]:
    """Write as many labels as fit beside each other, the last one always."""
    room = (places[-1] - places[0]) / max(1, len(places) - 1)
    step = math.ceil(max(width_of(label) for label in labels) / max(1.0, room))
    last = len(labels) - 1
    shown = [place for place in range(len(labels)) if (last - place) % max(1, step) == 0]
    return [text(labels[place], places[place], HEIGHT - 8) for place in shown]


def width_of(words: str) -> float:
    """Guess how wide a label is drawn: a Hangul syllable is wider than a figure."""
    return 4.0 + sum(12.0 if sign > "\u1100" else 7.5 for sign in words)


def figures_that_fit(values: Sequence[int]) -> set[int]:
    """Say every figure where there is room, else the highest and the last."""
    room = (WIDTH - LEFT - RIGHT) / len(values)
    if max(width_of(figure(value)) for value in values) <= room:
        return set(range(len(values)))
    return {values.index(max(values)), len(values) - 1}


def legend(series: Sequence[Series]) -> SafeString:
    shape = (
        '<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="c{}" width="10" height="10"'
        ' rx="3"/></svg>{}</li>'
    )
    items = format_html_join(
        "", shape, ((place, each.name) for place, each in enumerate(series, 1))
    )
    return format_html('<ul class="chart-legend">{}</ul>', items)


def table_view(labels: Sequence[str], series: Sequence[Series], *, title: str) -> SafeString:
    heads = format_html_join("", '<th scope="col">{}</th>', ((each.name,) for each in series))
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        ((label, figures_of(series, place)) for place, label in enumerate(labels)),
    )
    shape = (
        "<details><summary>{}</summary><table><caption>{}</caption><thead><tr><th></th>{}</tr>"
        "</thead><tbody>{}</tbody></table></details>"
    )
    return format_html(shape, _("Show as a table"), title, heads, rows)


def figures_of(series: Sequence[Series], place: int) -> SafeString:
    return format_html_join("", "<td>{}</td>", ((figure(s.values[place]),) for s in series))


def whole(
    marks: SafeString, *, title: str, table: SafeString, key: SafeString | str = ""
) -> SafeString:
    shape = (
        '<figure class="chart">{}<svg viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>'
        "{}</figure>"
    )
    return format_html(shape, key, WIDTH, HEIGHT, title, marks, table)


def nothing() -> SafeString:
    return format_html('<p class="muted">{}</p>', _("There is nothing to show for this time yet."))

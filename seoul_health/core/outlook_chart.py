"""What has happened, what is expected and how sure that is: one line, its range, and a limit."""

from collections.abc import Iterable, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from seoul_health.core.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    Datum,
    Series,
    along,
    at,
    axis,
    figure,
    joined,
    names_below,
    nothing,
    scale_of,
    table_view,
    text,
    whole,
)


def outlook_chart(
    labels: Sequence[str],
    values: Sequence[int],
    band: Sequence[tuple[int, int]],
    *,
    known: int,
    limit: Datum,
    title: str,
    names: tuple[str, str],
) -> SafeString:
    """Draw what is known, then what is expected with its range, under a limit.

    The first `known` values have happened; `band` gives low and high of those after them.
    """
    if not any(values):
        return nothing()
    scale = scale_of(max(limit.value, *values, *(high for _low, high in band)))
    places = along(len(labels), WIDTH - RIGHT - 8)
    heights = [HEIGHT - BOTTOM - value * scale for value in values]
    points = list(zip(places, heights, strict=True))
    marks = [axis(), *names_below(labels, places), limit_line(limit, scale=scale)]
    if band:
        joint = points[known - 1 : known]
        over = [HEIGHT - BOTTOM - high * scale for _low, high in band]
        under = [HEIGHT - BOTTOM - low * scale for low, _high in band]
        ahead = places[known:]
        edge = [*joint, *zip(ahead, over, strict=True)]
        edge += list(zip(reversed(ahead), reversed(under), strict=True))
        marks.append(format_html('<polygon class="band c1" points="{}"/>', path_of(edge)))
        marks.append(
            format_html(
                '<polyline class="line c1 expected" points="{}"/>',
                path_of(points[max(0, known - 1) :]),
            )
        )
    shape = '<polyline class="line c1" points="{}"/>'
    marks.append(format_html(shape, path_of(points[:known])))
    lows = (*values[:known], *(low for low, _high in band))
    highs = (*values[:known], *(high for _low, high in band))
    series = [Series(title, tuple(values)), Series(names[0], lows), Series(names[1], highs)]
    return whole(joined(marks), title=title, table=table_view(labels, series, title=title))


def limit_line(limit: Datum, *, scale: float) -> SafeString:
    height = HEIGHT - BOTTOM - limit.value * scale
    shape = '<line class="limit" x1="0" x2="{}" y1="{}" y2="{}"/>'
    drawn = format_html(shape, WIDTH, at(height), at(height))
    words = f"{limit.label} {figure(limit.value)}"
    return joined([drawn, text(words, LEFT, height - 6, kind="value", anchor="start")])


def path_of(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{at(x)},{at(y)}" for x, y in points)

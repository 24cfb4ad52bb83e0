import pytest

from seoul_health.core.charts import (
    Datum,
    Series,
    TooManyColours,
    bar_chart,
    figures_that_fit,
    line_chart,
    spread,
    stacked_bar_chart,
)

MONTHS = ("9월", "10월", "11월")
ON_TIME = Series("기한 내", (120, 180, 1240), ("/a/", "/b/", "/c/"))
LATE = Series("지연", (30, 0, 40))


def test_a_bar_leads_to_its_rows_and_says_its_figure() -> None:
    drawn = bar_chart([Datum("9월", 1284, "/rows/?m=9"), Datum("10월", 7)], title="지급", unit="P")

    assert '<a href="/rows/?m=9" aria-label="9월 1,284P">' in drawn
    assert drawn.count("<a ") == 1
    assert ">1,284</text>" in drawn


def test_every_chart_has_a_table_for_readers() -> None:
    drawn = line_chart(MONTHS, [ON_TIME, LATE], title="회수")

    assert '<th scope="row">11월</th><td>1,240</td><td>40</td>' in drawn
    assert "<caption>회수</caption>" in drawn


def test_a_stack_says_its_total_and_leaves_out_empty_parts() -> None:
    drawn = stacked_bar_chart(MONTHS, [ON_TIME, LATE], title="회수")

    assert ">150</text>" in drawn
    assert ">1,280</text>" in drawn
    assert drawn.count('class="c2"') == 3  # two parts and the legend


@pytest.mark.parametrize("chart", [stacked_bar_chart, line_chart])
def test_a_sixth_colour_is_refused(chart) -> None:
    six = [Series(str(number), (1, 2, 3)) for number in range(6)]

    with pytest.raises(TooManyColours):
        chart(MONTHS, six, title="회수")


def test_charts_obey_the_content_security_policy() -> None:
    drawn = (
        bar_chart([Datum("9월", 3)], title="지급")
        + stacked_bar_chart(MONTHS, [ON_TIME], title="회수")
        + line_chart(MONTHS, [ON_TIME], title="회수")
    )

    assert "style" not in drawn
    assert "<script" not in drawn


def test_a_label_cannot_bring_markup() -> None:
    drawn = bar_chart([Datum("<b>", 3, '"><script>')], title="<i>")

    assert "<b>" not in drawn
    assert "<i>" not in drawn
    assert "<script>" not in drawn


@pytest.mark.parametrize("data", [[], [Datum("9월", 0)]])
def test_nothing_to_show_is_said_in_words(data: list[Datum]) -> None:
    drawn = bar_chart(data, title="지급")

    assert "<svg" not in drawn
    assert drawn.startswith('<p class="muted">')


def test_one_day_is_a_line_too() -> None:
    assert "<polyline" in line_chart(["9월"], [Series("접수", (4,))], title="민원")


def test_labels_at_one_height_are_moved_apart() -> None:
    assert spread([50, 50, 20]) == [50, 66, 20]


def test_crowded_bars_say_only_the_highest_and_the_last() -> None:
    assert figures_that_fit([1_000_000, 9_000_000, *[1_000_000] * 10]) == {1, 11}
    assert figures_that_fit([1, 2, 3]) == {0, 1, 2}

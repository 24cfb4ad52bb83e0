from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import translation

from seoul_health.core import tones
from seoul_health.core.templatetags import staff_list, ui

NOW = datetime(2026, 11, 22, 5, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_english_in_november():
    with translation.override("en"), time_machine.travel(NOW, tick=False):
        yield


def test_a_moment_is_shown_in_seoul_with_all_of_it_on_hover() -> None:
    assert ui.kst(NOW) == (
        '<time datetime="2026-11-22T14:05:00+09:00" title="2026-11-22 14:05:00 KST">'
        "Nov 22 (Sun) 14:05</time>"
    )


def test_another_year_says_its_year() -> None:
    assert "Dec 31, 2025 (Wed)" in ui.kst(date(2025, 12, 31))


def test_the_day_is_the_seoul_day() -> None:
    assert "Nov 23 (Mon) 00:30" in ui.kst(datetime(2026, 11, 22, 15, 30, tzinfo=UTC))


def test_nothing_is_a_dash() -> None:
    assert [ui.kst(None), ui.number(None), ui.points(None), ui.masked("", "name")] == ["–"] * 4


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=-3), "just now"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(since: timedelta, words: str) -> None:
    assert ui.ago(NOW - since) == words


def test_points_are_grouped() -> None:
    assert ui.points(1234567) == "1,234,567P"


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("남궁민수", "name", "남**수"),
        ("010-1234-5678", "phone", "010-****-5678"),
        (date(1961, 3, 9), "birth", "1961-**-**"),
    ],
)
def test_personal_data_is_masked_by_the_one_pattern(value, kind: str, shown: str) -> None:
    assert ui.masked(value, kind) == shown


def test_a_chip_escapes_its_word() -> None:
    assert ui.chip("<b>", "ok") == '<span class="chip ok">&lt;b&gt;</span>'


def test_an_import_difference_loses_its_inline_colours_only() -> None:
    shown = ui.without_styles('<ins style="background:#e6ffe6;">새</ins><span>style="x"</span>')

    assert shown == '<ins>새</ins><span>style="x"</span>'


def test_a_status_word_has_one_tone() -> None:
    words = [word for group in tones.WORDS.values() for word in group]

    assert len(words) == len(set(words))
    assert tones.tone_of("nobody placed this") == tones.NEUTRAL


@pytest.mark.parametrize(
    ("actor", "shown"),
    [("staff:kim", "kim"), ("participant:12", "Participant"), ("somebody", "somebody")],
)
def test_an_actor_is_named_without_personal_data(actor: str, shown: str) -> None:
    assert ui.actor(actor) == shown


def test_yes_and_no_are_said_and_not_only_drawn() -> None:
    assert ">Yes</span>" in staff_list.yes_or_no(True)
    assert ">No</span>" in staff_list.yes_or_no(False)

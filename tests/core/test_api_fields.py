import unicodedata
from datetime import UTC, date, datetime

import pytest
from rest_framework.exceptions import ValidationError

from seoul_health.core.api.fields import (
    PlainText,
    PublicId,
    StrictBoolean,
    StrictDate,
    StrictDateTime,
    StrictInteger,
)


def refuses(field, value):
    with pytest.raises(ValidationError):
        field.run_validation(value)


@pytest.mark.parametrize("value", [0, -1, 2**31 - 1])
def test_a_json_integer_is_taken(value):
    assert StrictInteger().run_validation(value) == value


@pytest.mark.parametrize(
    "value", ["９９", "1", "1_000", 1.0, 1e308, True, None, [1], 2**31, 2**70, -(2**63)]
)
def test_what_only_looks_like_an_integer_is_refused(value):
    refuses(StrictInteger(), value)


@pytest.mark.parametrize(
    "value",
    ["２０２６-01-01", "2026-02-30", "20260101", "0097-01-01", "9999-12-31", "2026-1-1", 1, None,
     "2026-01-01T00:00:00Z", "2026-01-01\n"],
)  # fmt: skip
def test_what_is_no_day_is_refused(value):
    refuses(StrictDate(), value)


def test_a_day_is_taken_as_it_is():
    assert StrictDate().run_validation("1988-06-01") == date(1988, 6, 1)


@pytest.mark.parametrize(
    "value",
    ["2026-06-30T23:59:60Z", "2026-06-30T24:00:00Z", "2026-06-30T10:00:00", "2026-06-30 10:00:00Z",
     "２０２６-06-30T10:00:00Z", "0001-01-01T00:00:00Z", "2026-06-30T10:00:00+99:00", 1, None],
)  # fmt: skip
def test_what_is_no_moment_is_refused(value):
    refuses(StrictDateTime(), value)


@pytest.mark.parametrize("value", ["2026-06-30T19:00:00+09:00", "2026-06-30T10:00:00.000Z"])
def test_a_moment_keeps_its_place_in_time(value):
    assert StrictDateTime().run_validation(value) == datetime(2026, 6, 30, 10, tzinfo=UTC)


@pytest.mark.parametrize("value", ["true", 1, 0, "", None, []])
def test_only_true_and_false_are_booleans(value):
    refuses(StrictBoolean(), value)


@pytest.mark.parametrize(
    "value",
    ["", "   ", "\u200b\u200b", "a\0b", "a\ud800", "서울\u202e구로", "e" + "\u0301" * 30, 7, True,
     None, ["a"], "a" * 21],
)  # fmt: skip
def test_text_nobody_can_read_is_refused(value):
    refuses(PlainText(max_length=20), value)


@pytest.mark.parametrize(
    "value",
    ["김😀하늘", "O'Brien", "ᄒᆞᆫ글", "金哲秀", "Null", "محمد علي", "👨‍👩‍👧", "two\nlines", "이"],
)
def test_the_names_people_have_are_taken(value):
    assert PlainText(max_length=20).run_validation(value) == value


def test_text_is_stored_in_one_spelling():
    decomposed = unicodedata.normalize("NFD", "서울")

    assert len(decomposed) == 5
    assert PlainText(max_length=20).run_validation(decomposed) == "서울"


@pytest.mark.parametrize(
    "value", [1, "1", "x" * 36, "{0b1d2a30-0000-4000-8000-000000000001}", None]
)
def test_an_id_is_taken_only_as_it_was_given_out(value):
    refuses(PublicId(), value)

import io

import pytest
from rest_framework.exceptions import ParseError

from seoul_health.core.api.parsers import StrictJSONParser

BAD = {
    "empty": b"",
    "cut off": b'{"a":',
    "duplicate keys": b'{"a":1,"a":2}',
    "not a number": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "escaped NUL": b'{"a":"\\u0000"}',
    "raw NUL": b'{"a":"\x00"}',
    "lone surrogate": b'{"a":"\\udfff"}',
    "lone surrogate in a key": b'{"\\ud800":1}',
    "deep list": b"[" * 100_000,
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "5,000 digits": b'{"a": ' + b"9" * 5_000 + b"}",
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "invalid UTF-8": b'{"a":"\xff"}',
}


def parse(body):
    return StrictJSONParser().parse(io.BytesIO(body))


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_what_is_not_plain_json_is_refused(body):
    with pytest.raises(ParseError):
        parse(body)


def test_honest_bodies_come_through():
    assert parse('{"이름": "🙂", "n": [1, 2.5, null, {"a": "\\u0041"}]}'.encode()) == {
        "이름": "🙂",
        "n": [1, 2.5, None, {"a": "A"}],
    }


def test_brackets_inside_strings_are_not_depth():
    assert parse(b'{"a": "' + b"[" * 500 + b'"}') == {"a": "[" * 500}


def test_escaped_quotes_do_not_end_a_string():
    assert parse(b'{"a": "\\"' + b"{" * 500 + b'"}') == {"a": '"' + "{" * 500}


def test_many_flat_items_are_not_depth():
    assert parse(b"[" + b"{}," * 900 + b"{}]") == [{}] * 901

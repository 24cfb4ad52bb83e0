import json
from typing import Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 32


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def whole_number(text: str) -> int:
    if len(text) > 20:
        raise ValueError("number too long")
    return int(text)


def unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def too_deep(text: str) -> bool:
    """Judge nesting before the parser recurses; brackets inside strings count against the sender
    only when there are very many of them."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = deepest = 0
    quoted = escaped = False
    for sign in text:
        if quoted:
            escaped, quoted = (sign == "\\" and not escaped), (sign != '"' or escaped)
        elif sign == '"':
            quoted = True
        elif sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest > DEEPEST


class StrictJSONParser(BaseParser):
    """JSON as the standard means it: no duplicate keys, NaN, lone surrogates or NUL characters."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            text = stream.read().decode("utf-8")
            # Escapes are rare in honest bodies; the text is re-encoded only to look for halves.
            if "\\u" in text or "\0" in text:
                self.check_characters(text)
            if too_deep(text):
                raise ValueError("too deep")
            return json.loads(
                text,
                object_pairs_hook=unique_pairs,
                parse_constant=refuse_constant,
                parse_int=whole_number,
            )
        except (ValueError, RecursionError) as exc:
            raise ParseError from exc

    def check_characters(self, text: str) -> None:
        decoded = json.dumps(json.loads(text), ensure_ascii=False)
        decoded.encode("utf-8")  # A lone surrogate cannot be encoded.
        if "\0" in text or "\\u0000" in decoded:
            raise ValueError("NUL character")

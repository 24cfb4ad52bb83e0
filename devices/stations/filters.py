"""Choices of a list that live in its address, so that a page can be bookmarked and gone back to."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, QueryDict

PAGE = 50


def chosen(request: HttpRequest, allowed: Mapping[str, Any]) -> dict[str, str]:
    """Read the filters of a list; what nobody offers is dropped."""
    found = {name: request.GET.get(name, "").strip()[:60] for name in allowed}
    return {
        name: value
        for name, value in found.items()
        if value and (allowed[name] is None or value in allowed[name])
    }


def address(filters: Mapping[str, str], **changes: str | int) -> str:
    """Write filters as an address with some of them changed; an empty one falls away."""
    query = QueryDict(mutable=True)
    for name, value in {**filters, **changes}.items():
        if value != "":
            query[name] = str(value)
    return f"?{query.urlencode()}"


def cursor_of(request: HttpRequest) -> int:
    """Read after which row the page begins; nonsense begins at the beginning."""
    after = request.GET.get("after", "")
    return int(after) if is_number(after) else 0


def ticked(request: HttpRequest, name: str) -> list[int]:
    """Read which rows were ticked; nonsense is left out."""
    return [int(text) for text in request.POST.getlist(name) if is_number(text)]


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18

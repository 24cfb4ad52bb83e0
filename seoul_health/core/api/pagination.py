from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Keyset paging by row number, newest first; the cursor is opaque."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "per_page"
    max_page_size = 200

    def decode_cursor(self, request: Any) -> Any:
        """Take only a cursor we gave out; another one is a malformed request, not a fault."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound as exc:
            raise self.malformed() from exc
        if cursor and cursor.position is not None and not is_row_number(str(cursor.position)):
            raise self.malformed()
        return cursor

    def malformed(self) -> ValidationError:
        return ValidationError({self.cursor_query_param: [self.invalid_cursor_message]})


def is_row_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19

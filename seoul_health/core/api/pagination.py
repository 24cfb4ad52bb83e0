from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Keyset paging by row number, newest first; the cursor is opaque."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "per_page"
    max_page_size = 200

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from .errors import DomainError


@contextmanager
def constraint(name: str, error: DomainError) -> Iterator[None]:
    """Let the database decide a race, and say so in the programme's own words."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as exc:
        if violated(exc) == name:
            raise error from exc
        raise


def violated(exc: IntegrityError) -> str:
    """Name the constraint that an error is about."""
    return getattr(getattr(exc.__cause__, "diag", None), "constraint_name", None) or ""


def finds_free(
    cursor: CursorWrapper, query: str, params: Sequence[Any] | Mapping[str, Any]
) -> bool:
    """Run a query that passes over what others hold; say whether it found a row.

    A row that changed while the query looked stays locked although it no longer fits. Whoever
    finds nothing and goes on to wait would wait with it in hand, and two would wait for each other:
    so what a vain look has locked is let go.
    """
    look = transaction.savepoint()
    cursor.execute(query, params)
    if cursor.rowcount:
        transaction.savepoint_commit(look)
        return True
    transaction.savepoint_rollback(look)
    return False


def estimated_rows(table: str) -> int:
    """Ask the planner's statistics how many rows a table has; exact counting is for small ones."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
        row = cursor.fetchone()
    return int(row[0]) if row else 0

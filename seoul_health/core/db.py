from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connection, transaction

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


def estimated_rows(table: str) -> int:
    """Ask the planner's statistics how many rows a table has; exact counting is for small ones."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
        row = cursor.fetchone()
    return int(row[0]) if row else 0

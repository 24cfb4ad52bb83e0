"""Rows into PostgreSQL by COPY, with numbers drawn from the tables' own sequences."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from random import Random
from typing import Any

import psycopg
from django.db import connection, models
from psycopg import sql

from seoul_health import environment

BLOCK = 1 << 18


def copy_rows(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Send rows of Python values, each field not named at its default; give how many."""
    names, rest = _left_out(model, tuple(fields))
    count = 0
    statement = _statement(model, (*fields, *names))
    with connection.cursor() as cursor, cursor.copy(statement) as pipe:
        for row in rows:
            pipe.write_row((*row, *rest))
            count += 1
    return count


def copy_lines(model: type[models.Model], fields: Sequence[str], lines: Iterable[str]) -> int:
    """Send lines that are already in COPY's text format: for the tables with millions of rows."""
    count = size = 0
    waiting: list[str] = []
    with connection.cursor() as cursor, cursor.copy(_statement(model, tuple(fields))) as pipe:
        for line in lines:
            waiting.append(line)
            count += 1
            size += len(line)
            if size > BLOCK:
                pipe.write("".join(waiting))
                waiting.clear()
                size = 0
        pipe.write("".join(waiting))
    return count


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """Draw row numbers from a table's sequence, so that later rows go on after them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        (sequence,) = cursor.fetchone()
    return draw(sequence, count)


def draw(sequence: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, count])
        return [int(number) for (number,) in cursor.fetchall()]


def public_id(dice: Random) -> str:
    """Give a random UUID of version 4, the same for the same seed."""
    text = f"{dice.getrandbits(128):032x}"
    return f"{text[:12]}4{text[13:16]}{'89ab'[int(text[16], 16) & 3]}{text[17:]}"


def hurry() -> None:
    """Let this session's commits not wait for the disk: a lost demo is loaded again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")


def analyse(tables: Sequence[type[models.Model]]) -> None:
    """Refresh the planner's statistics, as the owner of the tables."""
    statement = sql.SQL("ANALYZE {}").format(
        sql.SQL(", ").join(sql.Identifier(model._meta.db_table) for model in tables)
    )
    owner = environment.read("DATABASE_OWNER_URL")
    if _owns(tables[0]) or not owner:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        return
    with psycopg.connect(
        owner, dbname=connection.settings_dict["NAME"], autocommit=True
    ) as as_owner:
        as_owner.execute(statement)


def chunks(total: int, size: int) -> Iterator[range]:
    for first in range(0, total, size):
        yield range(first, min(first + size, total))


def _owns(model: type[models.Model]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass",
            [model._meta.db_table],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


@cache
def _left_out(
    model: type[models.Model], fields: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """Find the columns that must have a value and get none, with their defaults."""
    rest = [
        field
        for field in model._meta.concrete_fields
        if field.name not in fields
        and not (field.null or field.primary_key or field.db_default is not models.NOT_PROVIDED)
    ]
    values = (field.get_db_prep_save(field.get_default(), connection) for field in rest)
    return tuple(field.name for field in rest), tuple(values)


@cache
def _statement(model: type[models.Model], fields: tuple[str, ...]) -> sql.Composed:
    columns = [str(model._meta.get_field(name).column) for name in fields]  # type: ignore[union-attr]
    return sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(column) for column in columns),
    )

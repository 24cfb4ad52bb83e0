"""Keeps what the migrations shipped, and puts it back after a test that emptied the tables."""

from django.apps import apps
from django.db import connection, transaction

# Generated columns are worked out again.
WRITTEN = """
SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'
"""
REMADE_BY_DJANGO = {"django_content_type", "auth_permission"}


def keep() -> None:
    """Copy every row the migrations wrote into a schema that no flush knows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'shipped'")
        if cursor.fetchone():
            return
        cursor.execute("CREATE SCHEMA shipped")
        for table in tables():
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
            if cursor.fetchone()[0]:
                cursor.execute(f'CREATE TABLE shipped."{table}" AS TABLE "{table}"')


def tables() -> list[str]:
    models = apps.get_models(include_auto_created=True)
    names = {model._meta.db_table for model in models if model._meta.managed}
    return sorted(names - REMADE_BY_DJANGO)


def restore() -> None:
    """Fill every kept table that is empty now; foreign keys are checked at the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'shipped'")
        for (table,) in cursor.fetchall():
            cursor.execute(WRITTEN, [table])
            (columns,) = cursor.fetchone()
            cursor.execute(
                f'INSERT INTO "{table}" ({columns}) OVERRIDING SYSTEM VALUE '
                f'SELECT {columns} FROM shipped."{table}" WHERE NOT EXISTS (SELECT FROM "{table}")'
            )

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection
from psycopg import sql

APPEND_ONLY = {
    "core_auditevent",
    "core_accesslog",
    "devices_syncreceipt",
    "points_lotuse",
    "points_transfer",
}
# What the application may have the owner do for it.
FUNCTIONS = ("devices_open_receipt_day", "devices_drop_receipt_days")


class Command(BaseCommand):
    help = "Give the application and reader roles exactly what they need; run as the owner."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--app", default="seoul_app")
        parser.add_argument("--reader", default="seoul_reader")

    def handle(self, *args: Any, app: str, reader: str, **options: Any) -> None:
        present = {model._meta.db_table for model in apps.get_models()}
        with connection.cursor() as cursor:
            self.grant(cursor, app, "SELECT, INSERT, UPDATE, DELETE")
            self.grant(cursor, reader, "SELECT")
            for table in with_partitions(cursor, sorted(APPEND_ONLY & present)):
                cursor.execute(
                    sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(
                        sql.Identifier(table), sql.Identifier(app)
                    )
                )
            for name in FUNCTIONS:
                grant = sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}")
                cursor.execute(grant.format(sql.Identifier(name), sql.Identifier(app)))
        self.stdout.write(f"{app} and {reader} have their privileges.")

    def grant(self, cursor: Any, role: str, verbs: str) -> None:
        named = {"role": sql.Identifier(role), "verbs": sql.SQL(verbs)}
        for text in (
            "GRANT USAGE ON SCHEMA public TO {role}",
            "GRANT {verbs} ON ALL TABLES IN SCHEMA public TO {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        ):
            cursor.execute(sql.SQL(text).format(**named))


def with_partitions(cursor: Any, tables: list[str]) -> list[str]:
    cursor.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits "
        "WHERE inhparent::regclass::text = ANY(%s) AND inhrelid IN "
        "(SELECT oid FROM pg_class WHERE relkind = 'r')",
        [tables],
    )
    return [*tables, *(name for (name,) in cursor.fetchall())]

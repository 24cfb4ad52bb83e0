import pytest
from django.core.management import call_command
from django.db import connection

APPEND_ONLY = [
    "core_auditevent", "core_accesslog", "devices_syncreceipt", "points_lotuse", "points_transfer",
]  # fmt: skip


def may(role, table, verb):
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [role, table, verb])
        return cursor.fetchone()[0]


@pytest.fixture
def granted(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_roles WHERE rolname IN ('seoul_app', 'seoul_reader')"
        )
        if cursor.fetchone()[0] != 2:
            pytest.skip("this PostgreSQL has no application roles")
    call_command("grant_privileges", verbosity=0)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_application_may_add_to_the_record_and_not_change_it(granted, table):
    assert may("seoul_app", table, "INSERT")
    assert not may("seoul_app", table, "UPDATE")
    assert not may("seoul_app", table, "DELETE")
    assert not may("seoul_app", table, "TRUNCATE")


def test_the_application_works_on_everything_else(granted):
    assert may("seoul_app", "devices_loan", "UPDATE")


def test_the_reader_only_reads(granted):
    assert may("seoul_reader", "devices_loan", "SELECT")
    assert not may("seoul_reader", "devices_loan", "INSERT")

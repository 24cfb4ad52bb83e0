"""A city of any size for the benchmarks of money: the rows of one person, copied in SQL."""

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Model

from devices.models import DaySteps
from participants.models import Application, Participant, Participation
from points.services.accounts import open_purses
from tests.bench.people import walking_people

BATCH = 50_000


def copy_row(row: Model, count: int, **changes: str) -> None:
    """Repeat one row; `changes` are SQL expressions over n."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    told = ", ".join(changes.get(field.column, f'"{field.column}"') for field in fields)
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {told} FROM {table},"
            f" generate_series(1, {count}) AS n WHERE id = {row.pk}"
        )


def found_city(count: int) -> range:
    """Make verified participants in a live participation, with purses; give their numbers."""
    first = walking_people(1)[0]
    taken = Participation.objects.get(participant=first)
    copy_row(
        first,
        count - 1,
        public_id="gen_random_uuid()",
        number=f"'P-C{first.pk}-' || lpad(n::text, 8, '0')",
        ci_hash=f"md5('{first.pk}:' || n) || md5(n || ':{first.pk}')",
    )
    people = range(first.pk, Participant.objects.latest("pk").pk + 1)
    assert len(people) == count, "the numbers of a new city have no gaps"
    offset = first.pk
    copy_row(
        taken.application,
        count - 1,
        public_id="gen_random_uuid()",
        receipt_no=f"'A-C{first.pk}-' || n",
        participant_id=f"{offset} + n",
        status="'approved'",
        seat_id="NULL",
        seat_no="NULL",
    )
    applications = Application.objects.latest("pk").pk - (count - 1)
    copy_row(
        taken,
        count - 1,
        public_id="gen_random_uuid()",
        participant_id=f"{offset} + n",
        application_id=f"{applications} + n",
    )
    for low in range(people.start, people.stop, BATCH):
        open_purses(range(low, min(low + BATCH, people.stop)))
    return people


def walk_all(people: range, day: date, steps: int = 8_000) -> None:
    """Let everybody of a city reach the goal of a day."""
    row = DaySteps.objects.create(
        participant_id=people.start,
        activity_date=day,
        source="watch",
        hours=[0] * 9 + [steps // 4] * 4 + [0] * 11,
        steps=steps,
    )
    copy_row(row, len(people) - 1, participant_id=f"{people.start} + n")


def analyse(*models: type[Model]) -> None:
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")


def scalar(query: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()[0]

from datetime import UTC, date, datetime

from django.db import migrations

POT = "campaigns"
THIRD, SECOND_YEAR, FOUR_ITEMS, SUPER_APP, CENTRES = (
    date(2023, 8, 28), date(2024, 3, 4), date(2025, 3, 21), date(2025, 12, 1), date(2026, 3, 1),
)  # fmt: skip
# Published: attendance 10 a day until March 2025, surveys up to 3,500, 5,000, then 1,500, a visit
# to a fitness centre 1,000 a year and a grade 5,000. What was not published is a proposal that
# two people may change: it is data.
RATES = [
    ("goal_setting", THIRD, 500, "half_year"),
    ("goal_setting", FOUR_ITEMS, 0, "half_year"),
    ("survey", THIRD, 3_500, "half_year"),
    ("survey", FOUR_ITEMS, 5_000, "year"),
    ("survey", SUPER_APP, 1_500, "year"),
    ("attendance", THIRD, 10, "day"),
    ("attendance", FOUR_ITEMS, 0, "day"),
    ("home_training", THIRD, 100, "day"),
    ("home_training", FOUR_ITEMS, 0, "day"),
    ("meditation", THIRD, 100, "day"),
    ("meditation", FOUR_ITEMS, 0, "day"),
    ("fitness_visit", CENTRES, 1_000, "year"),
    ("fitness_grade", CENTRES, 5_000, "half_year"),
]


def write(apps, schema_editor):
    apps.get_model("points", "Account").objects.create(kind="pot", code=POT, balance=0)
    ActivityRate = apps.get_model("points", "ActivityRate")
    for item, first, points, how_often in RATES:
        ActivityRate.objects.create(
            item=item, effective_from=first, points=points, how_often=how_often,
            status="released", released_at=datetime(first.year, first.month, first.day, tzinfo=UTC),
        )  # fmt: skip


def erase(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for table, name in (
            ("points_account", "never_deleted"),
            ("points_activityrate", "kept_once_released"),
        ):
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE %s",
                [table, f"pgtrigger_{name}%"],
            )
            for (trigger,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{trigger}"')
    apps.get_model("points", "ActivityRate").objects.filter(
        item__in=[item for item, *_ in RATES], drafted_by=None
    ).delete()
    apps.get_model("points", "Account").objects.filter(kind="pot", code=POT).delete()
    with schema_editor.connection.cursor() as cursor:
        for table in ("points_account", "points_activityrate"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


class Migration(migrations.Migration):
    dependencies = [("points", "0015_earning_beyond_walking")]
    operations = [migrations.RunPython(write, erase)]

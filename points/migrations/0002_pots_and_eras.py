from datetime import UTC, date, datetime

from django.db import migrations

POTS = [
    "programme-fund",
    "payouts-in-transit",
    "paid-out",
    "expired",
    "compensation",
]
WALKING = ["walking_day", "walking_week"]
ERAS = [
    {
        "code": "2023-08-28",
        "effective_from": date(2023, 8, 28),
        "effective_to": date(2024, 3, 3),
        "goal": 8_000,
        "senior_goal": None,
        "daily_points": 200,
        "weekly_points": 500,
        "weekly_days": 3,
        "weekly_needs_weekend": False,
        "caps": [
            ("health", [*WALKING, "goal_setting", "survey", "attendance"], 88_200, "half_year"),
            ("services", ["home_training", "meditation"], 11_800, "half_year"),
            ("all", [], 100_000, "half_year"),
        ],
    },
    {
        "code": "2024-03-04",
        "effective_from": date(2024, 3, 4),
        "effective_to": date(2025, 3, 20),
        "goal": 8_000,
        "senior_goal": 5_000,
        "daily_points": 200,
        "weekly_points": 0,
        "weekly_days": 0,
        "weekly_needs_weekend": False,
        "caps": [("all", [], 170_000, "year")],
    },
    {
        "code": "2025-03-21",
        "effective_from": date(2025, 3, 21),
        "effective_to": date(2025, 11, 30),
        "goal": 8_000,
        "senior_goal": 5_000,
        "daily_points": 200,
        "weekly_points": 0,
        "weekly_days": 0,
        "weekly_needs_weekend": False,
        "caps": [("all", [], 100_000, "year")],
    },
    {
        "code": "2025-12-01",
        "effective_from": date(2025, 12, 1),
        "effective_to": None,
        "goal": 8_000,
        "senior_goal": 5_000,
        "daily_points": 100,
        "weekly_points": 500,
        "weekly_days": 5,
        "weekly_needs_weekend": True,
        "caps": [
            ("walking", WALKING, 62_500, "year"),
            ("physical", [*WALKING, "fitness_visit", "fitness_grade"], 75_000, "year"),
        ],
    },
]
SHIPPED = datetime(2023, 8, 1, tzinfo=UTC)


def lay_in(apps, schema_editor):
    account = apps.get_model("points", "Account")
    rule = apps.get_model("points", "EarningRule")
    cap = apps.get_model("points", "EarningCap")
    account.objects.bulk_create(account(kind="pot", code=code) for code in POTS)
    for era in ERAS:
        terms = {name: value for name, value in era.items() if name != "caps"}
        row = rule.objects.create(status="released", released_at=SHIPPED, senior_age=70, **terms)
        cap.objects.bulk_create(
            cap(rule=row, group=group, items=items, amount=amount, period=period)
            for group, items, amount, period in era["caps"]
        )


def take_out(apps, schema_editor):
    codes = [era["code"] for era in ERAS]
    apps.get_model("points", "EarningRule").objects.filter(code__in=codes).delete()
    apps.get_model("points", "Account").objects.filter(code__in=POTS).delete()


class Migration(migrations.Migration):
    dependencies = [("points", "0001_initial")]

    operations = [migrations.RunPython(lay_in, take_out)]

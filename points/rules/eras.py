"""The earning rules the programme has had, as data to start from."""

from datetime import date

from points.rules.earning import WALKING_DAY, WALKING_WEEK, Cap, Rule

GOAL = 8_000
SENIOR_GOAL = 5_000
SENIOR_AGE = 70
WALKING = (WALKING_DAY, WALKING_WEEK)

SEEDS = (
    Rule(
        code="2023-08-28",
        effective_from=date(2023, 8, 28),
        effective_to=date(2024, 3, 3),
        goal=GOAL,
        senior_goal=None,
        senior_age=SENIOR_AGE,
        daily_points=200,
        weekly_points=500,
        weekly_days=3,
        caps=(
            Cap("health", (*WALKING, "goal_setting", "survey", "attendance"), 88_200, "half_year"),
            Cap("services", ("home_training", "meditation"), 11_800, "half_year"),
            Cap("all", (), 100_000, "half_year"),
        ),
    ),
    Rule(
        code="2024-03-04",
        effective_from=date(2024, 3, 4),
        effective_to=date(2025, 3, 20),
        goal=GOAL,
        senior_goal=SENIOR_GOAL,
        senior_age=SENIOR_AGE,
        daily_points=200,
        caps=(Cap("all", (), 170_000, "year"),),
    ),
    Rule(
        code="2025-03-21",
        effective_from=date(2025, 3, 21),
        effective_to=date(2025, 11, 30),
        goal=GOAL,
        senior_goal=SENIOR_GOAL,
        senior_age=SENIOR_AGE,
        daily_points=200,
        caps=(Cap("all", (), 100_000, "year"),),
    ),
    Rule(
        code="2025-12-01",
        effective_from=date(2025, 12, 1),
        effective_to=None,
        goal=GOAL,
        senior_goal=SENIOR_GOAL,
        senior_age=SENIOR_AGE,
        daily_points=100,
        weekly_points=500,
        weekly_days=5,
        weekly_needs_weekend=True,
        caps=(
            Cap("walking", WALKING, 62_500, "year"),
            Cap("physical", (*WALKING, "fitness_visit", "fitness_grade"), 75_000, "year"),
        ),
    ),
)

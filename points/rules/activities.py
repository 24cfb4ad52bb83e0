"""Ways to earn that are not walking: each has its amount, and how often it counts."""

from datetime import date, timedelta

from points.rules.earning import week_of
from seoul_health.core.clock import add_months

GOAL_SETTING = "goal_setting"
SURVEY = "survey"
ATTENDANCE = "attendance"
HOME_TRAINING = "home_training"
MEDITATION = "meditation"
FITNESS_VISIT = "fitness_visit"
FITNESS_GRADE = "fitness_grade"
ACTIVITIES = (
    GOAL_SETTING,
    SURVEY,
    ATTENDANCE,
    HOME_TRAINING,
    MEDITATION,
    FITNESS_VISIT,
    FITNESS_GRADE,
)

DAY, WEEK, HALF_YEAR, YEAR = "day", "week", "half_year", "year"


def turn_of(day: date, how_often: str) -> tuple[date, date]:
    """Give the days around a day in which an activity counts once."""
    if how_often == DAY:
        return day, day
    if how_often == WEEK:
        return week_of(day)
    if how_often == YEAR:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    first = date(day.year, 1 if day.month <= 6 else 7, 1)
    return first, add_months(first, 6) - timedelta(days=1)

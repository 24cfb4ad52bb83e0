"""One plain sentence for every award and every zero."""

from django.utils.translation import gettext_lazy as _

from points.rules.earning import Outcome

SENTENCES = {
    "goal_reached": _("The goal of {goal} steps was reached and earned {points} points."),
    "week_reached": _("The goal days of this week earned {points} points."),
    "below_goal": _("The goal of {goal} steps was missed by {missing}."),
    "no_data": _("No steps have arrived for this day; the goal is {goal} steps."),
    "cap_reached": _("The goal was reached, but the points limit is used up until {next_chance}."),
    "budget_spent": _(
        "The goal was reached; {due} points wait because the budget of this period is used up."
    ),
    "not_participating": _("The participant was not taking part on this day."),
    "no_rule": _("No earning rule was in force on this day."),
    "on_hold": _("The goal was reached; {due} points wait until the steps have been checked."),
    "hold_confirmed": _(
        "The goal was reached, but a check found that these steps do not earn points. "
        "The reason and the way to object are shown under checks of your steps."
    ),
    "too_few_days": _("The weekly bonus was missed by this number of goal days: {missing_days}."),
    "no_weekend_day": _("The weekly bonus needs a goal day on Saturday or Sunday."),
    "activity_done": _("The activity earned {points} points."),
    "no_rate": _("This activity earned nothing on this day: no points are set for it."),
    "counted_already": _("This activity has counted for this time already."),
    "no_weekly_bonus": _("The rule of this week has no weekly bonus."),
}
PARTLY = _("{points} of {due} points were earned: the points limit is now used up.")


def sentence(outcome: Outcome) -> str:
    """Explain an outcome to the person it concerns, in the language in force."""
    is_partly = 0 < outcome.points < outcome.due
    template = str(PARTLY if is_partly else SENTENCES[outcome.reason])
    return template.format(
        goal=f"{outcome.goal:,}",
        points=f"{outcome.points:,}",
        due=f"{outcome.due:,}",
        missing=f"{outcome.missing_steps:,}",
        missing_days=outcome.missing_days,
        next_chance=outcome.next_chance,
    )

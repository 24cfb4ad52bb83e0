"""What a look at one person's day found, in words that can be read to that person."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from seoul_health.core.clock import KST

SENTENCES = {
    "credited": gettext_lazy(
        "On {day}, {steps} steps were counted, the goal of {goal} steps was reached, "
        "and {points} points were credited on {credited}."
    ),
    "partly_credited": gettext_lazy(
        "On {day}, {steps} steps were counted and the goal of {goal} steps was reached, "
        "but only {points} of {due} points were credited because the points limit is used up."
    ),
    "cap_reached": gettext_lazy(
        "On {day}, {steps} steps were counted and the goal of {goal} steps was reached, "
        "but no points were credited because the points limit had already been used up."
    ),
    "goal_reached": gettext_lazy(
        "On {day}, {steps} steps were counted and the goal of {goal} steps was reached; "
        "the points are credited by the next nightly settlement at the latest."
    ),
    "budget_spent": gettext_lazy(
        "On {day}, {steps} steps were counted and the goal of {goal} steps was reached; the points "
        "wait because the budget of this period is used up, and are credited when it is raised."
    ),
    "below_goal": gettext_lazy(
        "On {day}, {steps} steps were counted, {missing} fewer than the goal of {goal} steps, "
        "so no points were credited."
    ),
    "no_data": gettext_lazy(
        "For {day} no steps have arrived from the phone or the watch, so no points were credited."
    ),
    "not_participating": gettext_lazy(
        "{day} lies outside the period of participation, so steps of that day earn no points."
    ),
    "no_rule": gettext_lazy(
        "On {day} no earning rule was in force, so steps of that day earn no points."
    ),
    "on_hold": gettext_lazy(
        "On {day}, {steps} steps were counted and the goal of {goal} steps was reached; "
        "the points wait until the steps have been checked."
    ),
    "hold_confirmed": gettext_lazy(
        "On {day}, {steps} steps were counted, but a check found that they do not count "
        "towards points."
    ),
    "reversed": gettext_lazy(
        "On {day}, {steps} steps were counted; the {points} points credited for it "
        "were taken back by a correction."
    ),
}
REMARKS = {
    "ignored_lower": gettext_lazy(
        "A later upload with fewer steps arrived; what had been counted was not lowered."
    ),
    "late": gettext_lazy(
        "Some records arrived after the period for late records and could not be counted."
    ),
    "rejected": gettext_lazy("Some records could not be counted because of their form or content."),
    "two_sources": gettext_lazy(
        "Of the phone and the watch, the larger number of each hour counts; they are not added up."
    ),
    "hour_limit": gettext_lazy("In some hours only {limit} steps were counted, the hourly limit."),
    "day_limit": gettext_lazy("Only {limit} steps were counted, the daily limit."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A day in numbers: what was counted, what the rule asked, what was credited and why."""

    day: date
    outcome: str
    steps: int = 0
    goal: int = 0
    points: int = 0
    due: int = 0
    credited_at: datetime | None = None

    @property
    def missing(self) -> int:
        return max(0, self.goal - self.steps)


def day_words(day: date) -> str:
    """11월 22일(일), or Sunday 11/22."""
    return _("{weekday} {month}/{day}").format(
        month=day.month,
        day=day.day,
        weekday=_("Mon Tue Wed Thu Fri Sat Sun").split()[day.weekday()],
    )


def moment_words(moment: datetime) -> str:
    local = moment.astimezone(KST)
    return _("{month}/{day} {hour}:{minute}").format(
        month=local.month, day=local.day, hour=local.hour, minute=f"{local.minute:02}"
    )


def sentence(finding: Finding) -> str:
    """Say in one sentence why a day earned what it earned."""
    return str(SENTENCES[finding.outcome]).format(
        day=day_words(finding.day),
        steps=f"{finding.steps:,}",
        goal=f"{finding.goal:,}",
        missing=f"{finding.missing:,}",
        points=f"{finding.points:,}",
        due=f"{finding.due:,}",
        credited=moment_words(finding.credited_at) if finding.credited_at else "",
    )


def remark(code: str, *, limit: int = 0) -> str:
    return str(REMARKS[code]).format(limit=f"{limit:,}")


def rule_words(effective_from: date, goal: int, points: int) -> str:
    return _("Rule in force since {since}: {points} points a day for {goal} steps.").format(
        since=effective_from.isoformat(), goal=f"{goal:,}", points=f"{points:,}"
    )


def arrival_words(arrivals: list[tuple[str, datetime]]) -> str:
    """List from where and when records came, for the citizen."""
    listed = ", ".join(f"{source} {moment_words(at)}" for source, at in arrivals)
    return _("Records that arrived: {list}.").format(list=listed)

"""What can happen to one person in the programme, and how often it does."""

from dataclasses import dataclass, replace
from functools import cache

PAST, RUNNING, OPEN, NOWHERE = "past", "running", "open", ""


@dataclass(frozen=True, slots=True)
class Story:
    """One person's way: which round, how far the application came, and what became of a watch."""

    round: str
    application: str = ""
    participation: str = ""
    loan: str = ""
    is_late: bool = False
    weight: float = 1.0

    @property
    def walks(self) -> bool:
        return self.round in {RUNNING, OPEN} and self.participation != ""


def _took_part(
    place: str, participation: str, loan: str, weight: float, *, late: bool = False
) -> Story:
    return Story(place, "confirmed", participation, loan, late, weight)


HERO = _took_part(RUNNING, "active", "live", 0)
STORIES = (
    _took_part(RUNNING, "active", "live", 36),
    _took_part(RUNNING, "active", "", 28),
    _took_part(PAST, "completed", "live", 1.5, late=True),
    _took_part(PAST, "completed", "recall_requested", 2, late=True),
    _took_part(RUNNING, "withdrawn", "recall_requested", 0.6),
    _took_part(PAST, "completed", "returning", 0.6, late=True),
    _took_part(RUNNING, "withdrawn", "returning", 0.4),
    _took_part(PAST, "completed", "returned", 0.6),
    _took_part(RUNNING, "withdrawn", "returned", 0.4),
    _took_part(PAST, "completed", "closed", 4),
    _took_part(RUNNING, "withdrawn", "closed", 0.8),
    _took_part(PAST, "completed", "lost", 0.3, late=True),
    _took_part(RUNNING, "active", "lost", 0.3),
    _took_part(RUNNING, "active", "damaged", 0.4),
    _took_part(RUNNING, "active", "bought_out", 0.2),
    _took_part(RUNNING, "withdrawn", "cancelled", 0.3),
    _took_part(RUNNING, "suspended", "live", 0.6),
    _took_part(RUNNING, "withdrawn", "", 0.6),
    _took_part(PAST, "completed", "", 2.5),
    _took_part(OPEN, "active", "reserved", 1),
    _took_part(OPEN, "active", "shipped", 1),
    _took_part(OPEN, "active", "delivered", 0.8),
    _took_part(OPEN, "active", "", 1.2),
    Story(OPEN, "draft", weight=1.5),
    Story(OPEN, "submitted", weight=2.5),
    Story(OPEN, "under_review", weight=1),
    Story(OPEN, "on_hold", weight=0.5),
    Story(OPEN, "approved", weight=0.8),
    Story(OPEN, "selected", weight=0.8),
    Story(OPEN, "rejected", weight=0.6),
    Story(OPEN, "withdrawn", weight=0.4),
    Story(RUNNING, "rejected", weight=1.2),
    Story(RUNNING, "waitlisted", weight=0.8),
    Story(RUNNING, "declined", weight=0.4),
    Story(RUNNING, "lapsed", weight=0.4),
    Story(NOWHERE, weight=1.5),
)
FEWEST = 9 + len(STORIES)


@cache
def weighed(watches_per_person: float) -> tuple[tuple[Story, ...], tuple[float, ...]]:
    """Give the stories with their weights; with few watches, more people bring their own."""
    lent = sum(story.weight for story in STORIES if story.loan)
    total = sum(story.weight for story in STORIES)
    share = min(1.0, 0.9 * watches_per_person * total / lent)
    spare = lent * (1 - share)
    stories = tuple(
        replace(story, weight=story.weight * share)
        if story.loan
        else replace(story, weight=story.weight + spare * _brings_own(story))
        for story in STORIES
    )
    return stories, tuple(story.weight for story in stories)


def _brings_own(story: Story) -> bool:
    return story.round == RUNNING and story.participation == "active"

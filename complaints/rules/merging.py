"""When complaints may be answered together (민원처리법 시행령 제6조 제6항)."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

SAME_PURPOSE = 5
MERGE_ARTICLE = "민원처리법 시행령 제6조 제6항"


class Obstacle(StrEnum):
    ALONE = "alone"
    OTHER_PURPOSE = "other_purpose"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Voice:
    """One complaint of a group: who raised it, and what it is about."""

    person: str
    category: int


def obstacle(group: Collection[Voice]) -> Obstacle | None:
    """Say what stands against one answer for a group: one person's doubles, or five people."""
    if len(group) < 2:
        return Obstacle.ALONE
    if len({voice.category for voice in group}) > 1:
        return Obstacle.OTHER_PURPOSE
    people = {voice.person for voice in group}
    if 1 < len(people) < SAME_PURPOSE:
        return Obstacle.TOO_FEW
    return None

"""How long each kind of complaint may take, and by which article."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from .calendar import WORKING_DAY

HOURS_UP_TO_DAYS = 5


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time the law gives, counted in working hours or in days."""

    unit: Unit
    length: int
    article: str

    def text(self) -> str:
        return f"{self.length}{self.unit[0]}"

    def working_time(self, length: int) -> timedelta:
        """Turn a number of this period's units into working time."""
        return timedelta(hours=length) if self.unit is Unit.HOURS else length * WORKING_DAY


def of_days(days: int, article: str) -> Period:
    """Count five days or fewer in working hours, six or more in days (영 §19)."""
    if days <= HOURS_UP_TO_DAYS:
        return Period(Unit.HOURS, days * (WORKING_DAY // timedelta(hours=1)), article)
    return Period(Unit.DAYS, days, article)


INQUIRY_LAW = of_days(14, "민원처리법 시행령 제14조 제1호")
INQUIRY_PROCEDURE = of_days(7, "민원처리법 시행령 제14조 제2호")
SUGGESTION = of_days(14, "민원처리법 시행령 제15조")
GENERAL = Period(Unit.HOURS, 3, "민원처리법 시행령 제16조, 제19조")
GRIEVANCE = of_days(7, "민원처리법 시행령 제17조")
OBJECTION = of_days(10, "민원처리법 제35조")
PUBLISHED = "민원처리법 제17조"

PERIODS: Mapping[str, Period] = {
    "inquiry_law": INQUIRY_LAW,
    "inquiry_procedure": INQUIRY_PROCEDURE,
    "suggestion": SUGGESTION,
    "general": GENERAL,
    "grievance": GRIEVANCE,
    "objection": OBJECTION,
}


def statutory(days: int) -> Period:
    """Give the period the agency has published for one of its own procedures."""
    return of_days(days, PUBLISHED)


def parse_period(text: str) -> Period:
    """Read “3h” or “14d”."""
    match = re.fullmatch(r"([1-9][0-9]{0,2})([hd])", text)
    if match is None:
        raise ValueError(f"{text!r} is not a period: write hours as 3h, days as 7d.")
    length = int(match[1])
    if match[2] == "h":
        return Period(Unit.HOURS, length, "민원처리법 시행령 제19조")
    return of_days(length, "민원처리법 시행령 제19조")

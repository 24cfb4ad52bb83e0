"""From which day a person counts as a senior, told no earlier than it is needed."""

from datetime import date, timedelta

SENIOR_AGE = 70
TOLD_BEFORE = timedelta(days=400)


def birthday(birth: date, age: int) -> date:
    """Give the day a person turns an age; born on 29 February, that is 1 March if need be."""
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        return date(birth.year + age, 3, 1)


def senior_from(birth: date, *, joined: date, today: date) -> date | None:
    """Give the first day as a senior; never before joining, so that it tells no birth date."""
    seventieth = birthday(birth, SENIOR_AGE)
    return None if seventieth - today > TOLD_BEFORE else max(seventieth, joined)

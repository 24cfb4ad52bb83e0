"""Groups that applicants are counted by: ages in tens, and how long after the opening they came."""

from datetime import datetime, timedelta

OLDEST_BAND = 80
ARRIVALS = (1, 5, 10, 60, 360, 1_440)


def age_band(age: int) -> str:
    """Give the ten years an age lies in, like 20-29; the oldest band has no end."""
    decade = min(max(age, 0) // 10 * 10, OLDEST_BAND)
    return f"{decade}+" if decade == OLDEST_BAND else f"{decade}-{decade + 9}"


def arrival_band(opened_at: datetime, came_at: datetime) -> str:
    """Give the minutes after the opening between which somebody came, like 1-5."""
    minutes = max(timedelta(0), came_at - opened_at) / timedelta(minutes=1)
    earlier = 0
    for later in ARRIVALS:
        if minutes < later:
            return f"{earlier}-{later}"
        earlier = later
    return f"{earlier}+"


def by_first_number(value: str) -> tuple[int, str]:
    """Sort bands by where they begin, and names by themselves."""
    digits = value.replace("+", "-").partition("-")[0]
    return (int(digits) if digits.isdigit() else 0, value)

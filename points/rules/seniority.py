"""How old a person is on the day that counts."""

from datetime import date


def age_on(birth: date, day: date) -> int:
    """Give the full years on a day; born on 29 February, they are complete on 1 March.

    Civil Code §160(3): a period of years whose last month lacks the day ends with that month.
    """
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))

"""What a watch costs whoever does not give it back."""

from datetime import date

STEP = 10


def age_in_months(received_on: date, on: date) -> int:
    """Give the full months between two days."""
    months = (on.year - received_on.year) * 12 + on.month - received_on.month
    return max(0, months - (on.day < received_on.day))


def amount_owed(unit_price: int, percent: int) -> int:
    """Give a share of a price in won, rounded down to ten."""
    return unit_price * percent // 100 // STEP * STEP

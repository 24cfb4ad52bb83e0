"""The programme's clock: every business day is a Seoul day."""

from datetime import date, datetime, time, timedelta, timezone

from django.utils import timezone as django_timezone

# Seoul has kept UTC+9 without daylight saving time since 1988-10-09.
KST = timezone(timedelta(hours=9), "KST")


def now() -> datetime:
    return django_timezone.now()


def today() -> date:
    return now().astimezone(KST).date()


def seoul_day(moment: datetime) -> date:
    return moment.astimezone(KST).date()


def day_starts(day: date) -> datetime:
    return datetime.combine(day, time.min, KST)


def day_ends(day: date) -> datetime:
    """Give the first moment that no longer belongs to the day."""
    return day_starts(day + timedelta(days=1))


def add_months(day: date, months: int) -> date:
    """Move by calendar months; a day that does not exist becomes the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))

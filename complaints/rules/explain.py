"""A deadline in plain lines, day by day."""

from collections.abc import Iterator
from datetime import date, datetime

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from .calendar import in_kst
from .clock import WHY_STOPPED, Deadline
from .periods import Period


def explain(received_at: datetime, period: Period, deadline: Deadline) -> list[str]:
    """Tell how a deadline came about: the article, each counted and each skipped day."""
    return [
        _("Received: {moment}").format(moment=_moment(in_kst(received_at))),
        _("Period: {period} ({article})").format(period=period.text(), article=period.article),
        *(line for _day, line in sorted(_days(deadline))),
        *_pauses(deadline),
        _("Due: {moment}").format(moment=_moment(deadline.due_at)),
    ]


def _days(deadline: Deadline) -> Iterator[tuple[date, str]]:
    for item in deadline.counted:
        yield item.day, f"  {_date(item.day)}  {item.label}"
    for off in deadline.skipped:
        sentence = _("not counted: {reason}").format(reason=off.reason)
        yield off.day, f"  {_date(off.day)}  {sentence}"


def _pauses(deadline: Deadline) -> Iterator[str]:
    for pause in deadline.paused:
        yield _("Stopped from {first} to {last}: {reason}").format(
            first=_date(pause.first),
            last=_date(pause.last) if pause.last else _("now"),
            reason=WHY_STOPPED[pause.reason],
        )


def _date(day: date) -> str:
    return f"{day} ({WEEKDAYS_ABBR[day.weekday()]})"


def _moment(moment: datetime) -> str:
    return f"{_date(moment.date())} {moment:%H:%M}"

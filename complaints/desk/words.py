"""How the desk says and draws a due time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from complaints.models import Complaint
from complaints.models.complaints import NEAR_BREACH, STOPPED
from seoul_health.core import clock
from seoul_health.core.templatetags.ui import day_in_words


@dataclass(frozen=True, slots=True)
class Due:
    """A due time as words, what is left, its tone, and how much of it is used up."""

    words: str
    left: str = ""
    tone: str = "neutral"
    percent: int | None = None


def due_of(complaint: Complaint, now: datetime) -> Due:
    if complaint.answered_at and complaint.status == Complaint.Status.ANSWERED:
        at = moment_words(complaint.answered_at, now)
        return Due(_("Answered {moment}").format(moment=at), tone="ok")
    if complaint.due_at is None:
        return Due(_("Not yet received"), tone="warn")
    if complaint.status in STOPPED:
        return Due(_("The clock stands still"), tone="neutral")
    if not complaint.is_open:
        return Due(complaint.get_status_display())
    return running(complaint, complaint.due_at, now)


def running(complaint: Complaint, due_at: datetime, now: datetime) -> Due:
    left = due_at - now
    when = moment_words(due_at, now)
    if left <= timedelta():
        late = _("{span} over").format(span=span_words(-left))
        return Due(_("was due {moment}").format(moment=when), late, "danger", 100)
    tone = "warn" if left <= NEAR_BREACH else "ok"
    whole = max(due_at - complaint.clock_from, timedelta(minutes=1))
    used = int(100 * (1 - left / whole))
    return Due(
        _("until {moment}").format(moment=when), span_words(left), tone, min(100, max(0, used))
    )


def moment_words(moment: datetime, now: datetime) -> str:
    """오늘 15:00, 내일 18:00, 12월 1일 (화) 18:00."""
    local = moment.astimezone(clock.KST)
    days = (local.date() - clock.seoul_day(now)).days
    if days == 0:
        return _("today {time}").format(time=f"{local:%H:%M}")
    if days == 1:
        return _("tomorrow {time}").format(time=f"{local:%H:%M}")
    return f"{day_in_words(local.date())} {local:%H:%M}"


def span_words(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return _("{minutes} min").format(minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    days, hours = divmod(hours, 24)
    return _("{days} d {hours} h").format(days=days, hours=hours)

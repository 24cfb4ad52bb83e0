"""A lane said in words, as citizens read it."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from seoul_health.core.clock import KST

from .eligibility import WEEKDAYS, WEEKDAYS_BY_DECADE
from .round_shape import BY_WEEKDAY, LaneShape, QuotaShape

METHODS: Mapping[str, Promise] = {
    "first_come": gettext_lazy("Seats are given in the order in which applications arrive."),
    "rolling": gettext_lazy(
        "Applications are taken all the time; seats are given in order of arrival."
    ),
    "lottery": gettext_lazy("Seats are drawn by lot after the window has closed."),
    BY_WEEKDAY: gettext_lazy("Everybody applies on the weekday of their age."),
}


def lane_sentences(lane: LaneShape) -> Iterator[str]:
    """Say when a lane takes applications, how it gives its seats and how long they are kept."""
    opens_at, closes_at = moment(lane.opens_at), moment(lane.closes_at)
    window = _("Applications are taken from {opens_at} until before {closes_at} (Seoul time).")
    yield window.format(opens_at=opens_at, closes_at=closes_at)
    yield str(METHODS[lane.method])
    if lane.method == BY_WEEKDAY:
        yield from weekday_sentences(lane)
    kept = _("Whoever is given a seat accepts it within {hours} hours.")
    yield kept.format(hours=lane.offer_hours)


def weekday_sentences(lane: LaneShape) -> Iterator[str]:
    days = {int(decade): day for decade, day in lane.weekdays.items()} or WEEKDAYS_BY_DECADE
    sentence = _("In your {decade}s: {weekday}.")
    oldest = max(days)
    for decade, day in sorted(days.items()):
        said = _("From {decade} years on: {weekday}.") if decade == oldest else sentence
        yield said.format(decade=decade, weekday=WEEKDAYS[day])


def quota_window(quota: QuotaShape) -> str:
    """Say when a wave or a special day is; nothing when it is all of the lane's window."""
    if quota.opens_at is None and quota.closes_at is None:
        return ""
    ends = (moment(end) if end else "" for end in (quota.opens_at, quota.closes_at))
    return " – ".join(ends)


def moment(at: datetime) -> str:
    return f"{at.astimezone(KST):%Y-%m-%d %H:%M}"

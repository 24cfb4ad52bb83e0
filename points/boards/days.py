"""The ledger of a day: from what arrived to what was earned, for one person."""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from devices.services.walking import plausibility
from participants.models import Participant
from points.models import Award
from points.rules.earning import week_of
from points.services.evidence import Evidence, panel, used_by
from points.services.statements import DayStatement, days_of
from seoul_health.core import clock

from .base import Board

EARLIEST = date(2021, 1, 1)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hour:
    """What one source told of an hour, and whether that is what was counted."""

    steps: int
    is_counted: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Square:
    """One day of the month strip; a day still to come has no link."""

    day: date
    tone: str
    steps: int
    points: int
    is_ahead: bool = False

    @property
    def is_weekend(self) -> bool:
        return self.day.weekday() > calendar.FRIDAY


class DayView(Board):
    """GET /staff/points/days/{number}/?day=… — why a day earned what it earned."""

    permission = "points.view_award"
    template = "points/day.html"
    title = _("Ledger of a day")

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        people = Participant.objects.visible_to(self.staff).select_related("profile")
        person = get_object_or_404(people, number=number)
        day = read_day(request)
        self.write_down([person.number], action="view", what="points:day")
        told = panel(person, day)
        month = list(month_of(person, day))
        return self.show(
            {
                "person": person,
                "day": day,
                "told": told,
                "rows": hour_rows(told),
                "counted": counted_row(told),
                "limits": limits_of(person, told),
                "week": week_award(person, day),
                "week_days": week_of(day),
                "month": month,
                "previous": day - ONE_DAY if day > EARLIEST else None,
                "next": day + ONE_DAY if day < clock.today() else None,
                "last_month": day.replace(day=1) - ONE_DAY,
                "next_month": month[-1].day + ONE_DAY,
                "today": clock.today(),
                "earliest": EARLIEST,
                "samples": sum(group.count for one in told.uploads for group in one.groups),
                "as_of": clock.now(),
            }
        )


def read_day(request: HttpRequest) -> date:
    """Read the day asked for, by default yesterday."""
    text = request.GET.get("day")
    if text is None:
        return clock.today() - ONE_DAY
    try:
        day = date.fromisoformat(text)
    except ValueError as fault:
        raise BadRequest from fault
    if len(text) != len("2026-01-01") or not EARLIEST <= day <= clock.today():
        raise BadRequest
    return day


def hour_rows(told: Evidence) -> list[dict[str, Any]]:
    """Lay out each source hour by hour; of equal ones the first counts."""
    highest = [max(hours) for hours in zip(*(one.hours for one in told.sources), strict=True)]
    taken: set[int] = set()
    rows = []
    for source in told.sources:
        hours = []
        for hour, steps in enumerate(source.hours):
            counts = bool(steps) and steps == highest[hour] and hour not in taken
            if counts:
                taken.add(hour)
            hours.append(Hour(steps, is_counted=counts))
        rows.append({"source": source, "hours": hours})
    return rows


def counted_row(told: Evidence) -> list[Hour]:
    """Give the hours of the merged day, marked where the hourly limit cut them."""
    most = plausibility().per_hour
    highest: Sequence[int] = [0] * len(told.merged)
    if told.sources:
        highest = [max(hours) for hours in zip(*(one.hours for one in told.sources), strict=True)]
    return [
        Hour(steps, is_counted=bool(steps), is_cut=raw > most)
        for steps, raw in zip(told.merged, highest, strict=True)
    ]


def limits_of(person: Participant, told: Evidence) -> list[tuple[str, int, int]]:
    """Give each limit of the day's rule with what is used of it by today."""
    if told.rule is None:
        return []
    rule = told.rule.as_rule()
    used = used_by(person, rule, told.day)
    return [(cap.group, used[cap.group], cap.amount) for cap in rule.caps]


def week_award(person: Participant, day: date) -> Award | None:
    sunday = week_of(day)[1]
    bonus = Award.objects.filter(participant=person, item=Award.Item.WALKING_WEEK, period=sunday)
    return bonus.select_related("transfer").first()


def month_of(person: Participant, day: date) -> Iterator[Square]:
    """Give each day of the month around a day, with what became of it."""
    first = day.replace(day=1)
    last = first.replace(day=calendar.monthrange(day.year, day.month)[1])
    today = clock.today()
    known = {one.day: one for one in days_of(person, first, min(last, today))}
    for n in range(last.day):
        each = first + timedelta(days=n)
        yield square_of(each, known.get(each))


def square_of(day: date, told: DayStatement | None) -> Square:
    if told is None:
        return Square(day, "ahead", 0, 0, is_ahead=True)
    tone = "walked" if told.steps else ""
    if told.outcome.due or told.outcome.reason == "cap_reached":
        tone = "reached"
    if told.outcome.points:
        tone = "paid"
    return Square(day, tone, told.steps, told.outcome.points)

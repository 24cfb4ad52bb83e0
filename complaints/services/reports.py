"""What became of the complaints received in a period; every figure is a number of rows."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import (
    Aggregate,
    Case,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext_lazy as _

from complaints.models import ClockEvent, Message
from complaints.models.complaints import STOPPED, WATCHED, ComplaintQuerySet
from seoul_health.core import clock

Kind = ClockEvent.Kind
Purpose = Message.Purpose


class Axis(models.TextChoices):
    """What the complaints of a period are told apart by."""

    CATEGORY = "category", _("Category")
    CHANNEL = "channel", _("Channel")
    TEAM = "team", _("Department")
    DISTRICT = "district", _("District")


class Figure(models.TextChoices):
    """A number of the report whose rows can be opened."""

    RECEIVED = "received", _("Received")
    IN_TIME = "in_time", _("Answered in time")
    LATE = "late", _("Answered late")
    OVERDUE = "overdue", _("Overdue now")
    OPEN = "open", _("Open in time")
    OTHERWISE = "otherwise", _("Ended without answer")
    REOPENED = "reopened", _("Reopened")
    RATED = "rated", _("Rated")


# Complaints with first_answer, first_due and outcome.
Cohort = QuerySet[Any]
# What became of a complaint, by its first answer.
OUTCOMES = (Figure.IN_TIME, Figure.LATE, Figure.OVERDUE, Figure.OPEN, Figure.OTHERWISE)
COLUMN = {
    Axis.CATEGORY: F("category__code"),
    Axis.CHANNEL: F("channel"),
    Axis.TEAM: Coalesce("handler__department", Value("")),
    Axis.DISTRICT: Coalesce("participant__district", Value("")),
}


@dataclass(frozen=True, slots=True)
class Period:
    """Days of receipt in Seoul, both counted."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(slots=True)
class Line:
    """The figures of one group."""

    key: str
    received: int = 0
    in_time: int = 0
    late: int = 0
    overdue: int = 0
    open: int = 0
    otherwise: int = 0
    reopened: int = 0
    rated: int = 0
    scored: int = 0
    wait: timedelta | None = None

    @property
    def answered(self) -> int:
        return self.in_time + self.late

    @property
    def percent_in_time(self) -> float | None:
        """Share of those whose time has come: answered, or overdue."""
        judged = self.answered + self.overdue
        return 100 * self.in_time / judged if judged else None

    @property
    def satisfaction(self) -> float | None:
        return self.scored / self.rated if self.rated else None


class Median(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def received_in(period: Period, rows: ComplaintQuerySet) -> Cohort:
    """Give the complaints received in a period with their first answer and what became of them.

    A complaint that was reopened is judged by what it was answered first, against the due time it
    had then.
    """
    cohort = rows.filter(
        received_at__gte=clock.day_starts(period.first), received_at__lt=clock.day_ends(period.last)
    )
    answers = Message.objects.filter(
        complaint=OuterRef("pk"), author="staff", purpose__in=[Purpose.ANSWER, Purpose.REFUSAL]
    )
    reopened = ClockEvent.objects.filter(complaint=OuterRef("pk"), kind=Kind.REOPENED)
    return cohort.annotate(
        first_answer=once_reopened("answered_at", answers.order_by("pk").values("at")[:1]),
        first_due=once_reopened("due_at", reopened.order_by("at", "pk").values("due_before")[:1]),
    ).annotate(outcome=outcome(clock.now()))


def once_reopened(column: str, before: QuerySet[Any]) -> Case:
    """Take a column as it is, unless the complaint was reopened and it has changed since."""
    return Case(
        When(reopen_count=0, then=F(column)),
        default=Coalesce(Subquery(before), F(column)),
        output_field=DateTimeField(),
    )


def outcome(now: datetime) -> Case:
    return Case(
        When(first_answer__lte=F("first_due"), then=Value(Figure.IN_TIME)),
        When(first_answer__isnull=False, then=Value(Figure.LATE)),
        When(status__in=WATCHED, due_at__lte=now, then=Value(Figure.OVERDUE)),
        When(status__in=[*WATCHED, *STOPPED], then=Value(Figure.OPEN)),
        default=Value(Figure.OTHERWISE),
    )


def narrowed(cohort: Cohort, figure: Figure) -> Cohort:
    """Give the rows that a figure counts."""
    counted = {
        Figure.RECEIVED: Q(),
        Figure.REOPENED: Q(reopen_count__gt=0),
        Figure.RATED: Q(satisfaction__isnull=False),
    }
    rows: Cohort = cohort.filter(counted.get(figure, Q(outcome=figure)))
    return rows


def of_group(cohort: Cohort, axis: Axis, key: str) -> Cohort:
    rows: Cohort = cohort.annotate(group=COLUMN[axis]).filter(group=key)
    return rows


def figures(cohort: Cohort, axis: Axis) -> list[Line]:
    """Count the rows of each group; the busiest first."""
    grouped = cohort.annotate(group=COLUMN[axis]).order_by()
    lines: dict[str, Line] = {}
    for row in grouped.values("group", "outcome").annotate(
        count=Count("pk"),
        again=Count("pk", filter=Q(reopen_count__gt=0)),
        rated=Count("satisfaction"),
        scored=Sum("satisfaction"),
    ):
        line = lines.setdefault(row["group"], Line(row["group"]))
        line.received += row["count"]
        setattr(line, row["outcome"], row["count"])
        line.reopened += row["again"]
        line.rated += row["rated"]
        line.scored += row["scored"] or 0
    for key, wait in waits(grouped.values("group")):
        lines[key].wait = wait
    return sorted(lines.values(), key=lambda line: (-line.received, line.key))


def waits(groups: Cohort) -> list[tuple[str, timedelta]]:
    """Give the median time from receipt to the first answer of each group."""
    answered = groups.filter(first_answer__isnull=False)
    waited = ExpressionWrapper(F("first_answer") - F("received_at"), output_field=DurationField())
    found = answered.annotate(wait=Median(waited, output_field=DurationField()))
    return list(found.values_list("group", "wait"))


def whole(lines: Sequence[Line], wait: timedelta | None) -> Line:
    """Add the lines up; a median cannot be added and is given."""
    total = Line("", wait=wait)
    for field in fields(Line):
        if field.name not in {"key", "wait"}:
            setattr(total, field.name, sum(getattr(line, field.name) for line in lines))
    return total


def wait_of_all(cohort: Cohort) -> timedelta | None:
    groups = cohort.order_by().annotate(group=Value("")).values("group")
    return next((wait for _key, wait in waits(groups)), None)


def by_day(cohort: Cohort) -> dict[date, int]:
    """Count what was received on each day that had any."""
    days = cohort.order_by().annotate(day=TruncDate("received_at", tzinfo=clock.KST))
    return dict(days.values("day").annotate(count=Count("pk")).values_list("day", "count"))

"""The statutory clock: when a complaint must be answered, and why then."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .calendar import WorkCalendar, end_of_day, in_kst
from .periods import Period, Unit

INSPECTION_DAYS = 14
INSPECTION_EXTENSION = 7


class EventKind(StrEnum):
    SUPPLEMENT_SENT = "supplement_sent"
    SUPPLEMENT_ARRIVED = "supplement_arrived"
    EXTENDED = "extended"
    INSPECTION_STARTED = "inspection_started"
    INSPECTION_ENDED = "inspection_ended"
    INSPECTION_EXTENDED = "inspection_extended"


ENDS = {
    EventKind.SUPPLEMENT_ARRIVED: EventKind.SUPPLEMENT_SENT,
    EventKind.INSPECTION_ENDED: EventKind.INSPECTION_STARTED,
}
WHY_STOPPED: Mapping[EventKind, Promise] = {
    EventKind.SUPPLEMENT_SENT: _("Waiting for the supplement"),
    EventKind.INSPECTION_STARTED: _("Site inspection"),
}


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """Something that moved the clock; an extension may name fewer units than the whole period."""

    kind: EventKind
    at: datetime
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    day: date
    label: str


@dataclass(frozen=True, slots=True)
class Skipped:
    day: date
    reason: str | Promise


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that are not counted, both ends included; no last day while it lasts."""

    reason: EventKind
    first: date
    last: date | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due moment with everything that made it so."""

    due_at: datetime
    article: str
    counted: tuple[Counted, ...]
    skipped: tuple[Skipped, ...]
    paused: tuple[Pause, ...] = ()
    extended: bool = False
    ignored: tuple[ClockEvent, ...] = ()

    @property
    def is_stopped(self) -> bool:
        return any(pause.last is None for pause in self.paused)

    def as_json(self) -> dict[str, object]:
        """Say it in plain values; lazy reasons are translated here."""
        return {
            "due_at": self.due_at.isoformat(),
            "article": self.article,
            "working": [{"day": str(item.day), "label": item.label} for item in self.counted],
            "skipped": [{"day": str(off.day), "reason": str(off.reason)} for off in self.skipped],
            "paused": [
                {
                    "first": str(pause.first),
                    "last": str(pause.last) if pause.last else None,
                    "reason": str(WHY_STOPPED[pause.reason]),
                }
                for pause in self.paused
            ],
            "extended": self.extended,
            "stopped": self.is_stopped,
        }


@dataclass(frozen=True, slots=True)
class _Course:
    """What has happened to one clock so far."""

    received_at: datetime
    period: Period
    calendar: WorkCalendar
    length: int
    pauses: tuple[Pause, ...] = ()
    ignored: tuple[ClockEvent, ...] = ()

    def after(self, event: ClockEvent) -> "_Course":
        """Take one event in; what comes too late or out of order changes nothing."""
        if event.kind in ENDS:
            changed = self._resumed(ENDS[event.kind], in_kst(event.at).date())
        elif event.at < self.received_at or self._is_over(event.at):
            changed = None
        elif event.kind is EventKind.EXTENDED:
            changed = self._extended(event.amount)
        elif event.kind is EventKind.INSPECTION_EXTENDED:
            changed = self._inspected_longer()
        else:
            changed = self._stopped(event.kind, in_kst(event.at).date())
        return changed or replace(self, ignored=(*self.ignored, event))

    def deadline(self, as_of: date | None) -> Deadline:
        """Lay the period on the calendar, leaving out the days it stood still."""
        pauses = tuple(self._limited(pause, as_of) for pause in self.pauses)
        running = without(self.calendar, pauses, as_of)
        lay = _lay_hours if self.period.unit is Unit.HOURS else _lay_days
        due_at, counted = lay(self, running)
        return Deadline(
            due_at=due_at,
            article=self.period.article,
            counted=counted,
            skipped=tuple(_skipped(self.received_at.date(), due_at.date(), running)),
            paused=pauses,
            extended=self.length > self.period.length,
            ignored=self.ignored,
        )

    def _is_over(self, at: datetime) -> bool:
        so_far = self.deadline(in_kst(at).date())
        return not so_far.is_stopped and at > so_far.due_at

    def _open(self, reason: EventKind) -> Pause | None:
        pauses = (pause for pause in self.pauses if pause.reason is reason and pause.last is None)
        return next(pauses, None)

    def _extended(self, amount: int | None) -> "_Course":
        added = self.period.length if amount is None else amount
        if not 0 < added <= self.period.length:
            raise ValueError("an extension is at most the period itself")
        return replace(self, length=self.length + added)

    def _stopped(self, reason: EventKind, day: date) -> "_Course | None":
        if self._open(reason):
            return None
        limit = INSPECTION_DAYS if reason is EventKind.INSPECTION_STARTED else None
        return replace(self, pauses=(*self.pauses, Pause(reason, day, limit=limit)))

    def _resumed(self, reason: EventKind, day: date) -> "_Course | None":
        pause = self._open(reason)
        if pause is None or day < pause.first:
            return None
        return self._with(pause, replace(pause, last=day))

    def _inspected_longer(self) -> "_Course | None":
        pause = self._open(EventKind.INSPECTION_STARTED)
        if pause is None or pause.limit != INSPECTION_DAYS:
            return None
        return self._with(pause, replace(pause, limit=INSPECTION_DAYS + INSPECTION_EXTENSION))

    def _with(self, old: Pause, new: Pause) -> "_Course":
        return replace(self, pauses=tuple(new if pause is old else pause for pause in self.pauses))

    def _limited(self, pause: Pause, as_of: date | None) -> Pause:
        """Let the clock run again once an inspection has used up its days."""
        if pause.limit is None:
            return pause
        *_before, limit = islice(working_days(pause.first, self.calendar), pause.limit)
        reached = pause.last or as_of
        return replace(pause, last=limit) if reached and reached > limit else pause


def due(
    received_at: datetime,
    period: Period,
    events: Sequence[ClockEvent],
    calendar: WorkCalendar,
    *,
    as_of: datetime | None = None,
) -> Deadline:
    """Derive a deadline from what happened; while stopped, the earliest it can still be."""
    course = _Course(in_kst(received_at), period, calendar, period.length)
    for event in sorted(events, key=lambda event: event.at):
        course = course.after(event)
    return course.deadline(in_kst(as_of).date() if as_of else None)


def without(calendar: WorkCalendar, pauses: Iterable[Pause], as_of: date | None) -> WorkCalendar:
    """Treat the days of every pause as days off."""
    stopped: dict[date, str] = {}
    for pause in pauses:
        last = pause.last or max(as_of or pause.first, pause.first)
        label = str(WHY_STOPPED[pause.reason])
        stopped |= {day: label for day in _days(pause.first, last) if calendar.is_working(day)}
    return WorkCalendar({**stopped, **calendar.holidays}) if stopped else calendar


def working_days(first: date, calendar: WorkCalendar) -> Iterator[date]:
    """Give the working days from a day on, that day included."""
    day = first
    while True:
        if calendar.is_working(day):
            yield day
        day += timedelta(days=1)


def _lay_days(course: _Course, running: WorkCalendar) -> tuple[datetime, tuple[Counted, ...]]:
    days = list(islice(working_days(course.received_at.date(), running), course.length))
    labels = (f"{number}/{course.length}" for number in range(1, course.length + 1))
    return end_of_day(days[-1]), tuple(map(Counted, days, labels))


def _lay_hours(course: _Course, running: WorkCalendar) -> tuple[datetime, tuple[Counted, ...]]:
    worked = list(running.worked(course.received_at, timedelta(hours=course.length)))
    spans = (Counted(start.date(), f"{start:%H:%M}–{end:%H:%M}") for start, end in worked)
    return worked[-1][1], tuple(spans)


def _skipped(first: date, last: date, running: WorkCalendar) -> Iterator[Skipped]:
    for day in _days(first, last):
        if reason := running.why_off(day):
            yield Skipped(day, reason)


def _days(first: date, last: date) -> Collection[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]

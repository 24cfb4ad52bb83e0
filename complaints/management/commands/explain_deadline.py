import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from complaints.rules.calendar import WorkCalendar
from complaints.rules.clock import due
from complaints.rules.explain import explain
from complaints.rules.holidays import work_calendar
from complaints.rules.periods import Period, parse_period
from complaints.services.deadlines import current_calendar
from seoul_health.core.clock import KST


class Command(BaseCommand):
    help = "Explain a statutory deadline: explain_deadline 2026-02-09T10:00 7d [--json]"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("received", type=_moment, help="2026-02-09T10:00, Seoul time")
        parser.add_argument("period", type=_period, help="working hours as 3h, days as 7d")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, received: datetime, period: Period, json: bool, **options: Any) -> None:
        deadline = due(received, period, [], self.calendar())
        if json:
            self.stdout.write(_as_json(received, period, deadline.as_json()))
            return
        self.stdout.write("\n".join(explain(received, period, deadline)))

    def calendar(self) -> WorkCalendar:
        """Count with the city's own days off; without the database, with the law's alone."""
        try:
            return current_calendar()
        except OperationalError:
            self.stderr.write("No database: counted without the city's own days off.")
            return work_calendar()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise CommandError(f"{text!r} is not a moment: write it as 2026-02-09T10:00.") from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=KST)


def _period(text: str) -> Period:
    try:
        return parse_period(text)
    except ValueError as exc:
        raise CommandError(str(exc)) from exc


def _as_json(received: datetime, period: Period, deadline: dict[str, object]) -> str:
    facts = {"received_at": received.isoformat(), "period": period.text(), **deadline}
    return json.dumps(facts, ensure_ascii=False)

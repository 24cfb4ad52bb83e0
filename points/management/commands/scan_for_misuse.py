from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from points.services.scans import scan_day
from seoul_health.core import clock
from seoul_health.core.audit import System
from seoul_health.core.errors import DomainError


class Command(BaseCommand):
    help = "Look at everybody's day and put on hold what is doubtful; by default yesterday."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("day", nargs="?", type=date.fromisoformat)

    def handle(self, *args: Any, **options: Any) -> None:
        day = options["day"] or clock.today() - timedelta(days=1)
        try:
            scan = scan_day(day, by=System("scan_for_misuse"))
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{scan.day}: {scan.walkers} walkers, {scan.raised} holds")

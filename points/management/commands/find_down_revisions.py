from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from points.services.down_revisions import find_down_revisions
from seoul_health.core.audit import System


class Command(BaseCommand):
    help = "List the awards of these days that would be lower if they were judged now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("first", type=date.fromisoformat)
        parser.add_argument("last", type=date.fromisoformat)

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = options["first"], options["last"]
        if last < first:
            raise CommandError("The earlier day comes first.")
        found = find_down_revisions(first, last, by=System("find_down_revisions"))
        self.stdout.write(f"{first} to {last}: {found} awards to be reviewed")

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from seoul_health.simulators.assertions import issue


class Command(BaseCommand):
    help = "Print an assertion of the simulated identity provider: issue_assertion demo-1"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("subject", help="demo-1, new-…, senior-…, odd-…, outside-…")
        parser.add_argument("--minutes", type=int, default=10)

    def handle(self, *, subject: str, minutes: int, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Assertions are simulated on a developer's machine only.")
        lifetime = timedelta(minutes=minutes)
        self.stdout.write(issue(subject, secret=settings.IDENTITY_SECRET, lifetime=lifetime))

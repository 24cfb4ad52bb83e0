from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from seoul_health.operations.play.people import BrokenPromise
from seoul_health.operations.play.story import Story


class Command(BaseCommand):
    help = "Play a citizen's half-year against a running server and say what each step proved."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", default="http://127.0.0.1:8000")
        parser.add_argument("--simulators-url", default=settings.SIMULATORS_URL)
        parser.add_argument("--password", default="demo-9988-demo")

    def handle(self, *args: Any, **options: Any) -> None:
        story = Story(
            options["base_url"].rstrip("/"),
            simulators_url=options["simulators_url"].rstrip("/"),
            password=options["password"],
            tell=self.tell,
        )
        try:
            story.play()
        except (BrokenPromise, httpx.HTTPError) as broken:
            raise CommandError(
                f"✗ {story.chapter}: {str(broken) or type(broken).__name__}"
            ) from broken
        self.stdout.write(self.style.SUCCESS(f"{story.proved} promises kept."))

    def tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

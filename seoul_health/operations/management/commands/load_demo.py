from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from participants.models import Participant
from seoul_health.operations.demo.load import load_demo
from seoul_health.operations.demo.plans import HERO_DAYS
from seoul_health.operations.demo.stories import FEWEST

SEED = 9988
MOST = 5_000_000


class Command(BaseCommand):
    help = "Fill an empty database with invented people: load_demo --participants 1000"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--participants", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=SEED)
        parser.add_argument("--days", type=int, help="how many days back people walk")

    def handle(self, *, participants: int, seed: int, days: int | None, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Demo data never goes into a production database.")
        if not FEWEST <= participants <= MOST:
            raise CommandError(f"--participants must be from {FEWEST} to {MOST}.")
        if days is not None and not 1 <= days <= HERO_DAYS:
            raise CommandError(f"--days must be from 1 to {HERO_DAYS}.")
        if Participant.objects.exists():
            raise CommandError(
                "This database already holds participants; demo data only goes into an empty one."
            )
        totals = load_demo(size=participants, seed=seed, days=days, say=self.say)
        for name, count in totals.counts.items():
            self.say(f"{name}: {count:,}")
        self.say(f"done in {totals.seconds:.1f} s")

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

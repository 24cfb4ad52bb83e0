from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from points.services.pots import checkpoint_pots, forget_checkpoints
from seoul_health.core.audit import System


class Command(BaseCommand):
    help = "Write down what every pot has moved so far; --anew works every checkpoint out again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anew", action="store_true")

    def handle(self, *args: Any, anew: bool, **options: Any) -> None:
        by = System("manage.checkpoint_pots")
        if anew:
            self.stdout.write(f"{forget_checkpoints(by=by)} checkpoints forgotten.")
        self.stdout.write(f"{checkpoint_pots(by=by)} checkpoints made.")

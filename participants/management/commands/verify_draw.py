import sys
from typing import Any

from django.core.management.base import BaseCommand

from participants.rules import verify_draw


class Command(BaseCommand):
    help = "Check a published draw file by computing it again; the very code citizens download."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--roster-sha256", metavar="HEX", help="the hash noted before the draw")
        parser.add_argument("--seed", help="the seed as the announced source gives it")

    def handle(
        self, *args: Any, file: str, roster_sha256: str | None, seed: str | None, **options: Any
    ) -> None:
        status = verify_draw.run(file, self.stdout, roster_sha256=roster_sha256, seed=seed)
        if status:
            sys.exit(status)

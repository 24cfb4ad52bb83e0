from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from points.services.partner_files import import_file, preview_file
from seoul_health.core.audit import System
from seoul_health.core.errors import DomainError


class Command(BaseCommand):
    """Compare a day with a file of the partner's that is too large for the browser."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("day", type=date.fromisoformat)
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        run = preview_file if options["dry_run"] else import_file
        try:
            with options["file"].open("rb") as file:
                found = run(options["day"], file, by=System("compare_partner_file"))
        except (DomainError, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"matched {found.matched} · ours only {found.ours_only}"
            f" · theirs only {found.theirs_only} · other amount {found.amount_differs}"
        )

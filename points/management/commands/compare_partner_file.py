from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from points.models import Operator
from points.services.partner_files import import_file, preview_file
from seoul_health.core.audit import System
from seoul_health.core.clock import day_ends, day_starts
from seoul_health.core.errors import DomainError


def operator_of(code: str | None, day: date) -> Operator:
    """Find the operator of a file; a day of two operators needs its name."""
    reporting = Operator.objects.reporting(day_starts(day), day_ends(day))
    found = list(Operator.objects.filter(code=code) if code else reporting)
    if len(found) != 1:
        raise CommandError("Name the operator of the file: --operator CODE")
    return found[0]


class Command(BaseCommand):
    """Compare a day with a file of the partner's that is too large for the browser."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("day", type=date.fromisoformat)
        parser.add_argument("file", type=Path)
        parser.add_argument("--operator", help="code; else the one in force on that day")
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        run = preview_file if options["dry_run"] else import_file
        operator = operator_of(options["operator"], options["day"])
        try:
            with options["file"].open("rb") as file:
                found = run(options["day"], operator, file, by=System("compare_partner_file"))
        except (DomainError, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"matched {found.matched} · ours only {found.ours_only}"
            f" · theirs only {found.theirs_only} · other amount {found.amount_differs}"
        )

import sys
from typing import Any

from django.core.management.base import BaseCommand

from points.services.proof import prove
from seoul_health.core.audit import System


class Command(BaseCommand):
    help = "Prove that no step, point or won is lost or counted twice; exit 1 on any gap."

    def handle(self, *args: Any, **options: Any) -> None:
        proof = prove(by=System("prove_points"))
        for name, count in proof.counts.items():
            self.stdout.write(f"{name:36} {count}")
        for name, count in proof.gaps.items():
            self.stdout.write(self.style.ERROR(f"GAP {name:32} {count}"))
        self.stdout.write(f"{'root hash':36} {proof.root_hash}")
        self.stdout.write("proved" if proof.ok else "NOT PROVED")
        if not proof.ok:
            sys.exit(1)

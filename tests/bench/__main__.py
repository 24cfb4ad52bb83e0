"""Run the benchmarks: python -m tests.bench [--million]; ONLY=name,name narrows them."""

import os
import sys

import django
from django.core.management import call_command

from tests.bench.database import own_database
from tests.bench.measure import say


def main() -> None:
    wanted = {name for name in os.environ.get("ONLY", "").split(",") if name}
    with own_database() as url:
        os.environ["DATABASE_URL"] = url
        os.environ["DJANGO_SETTINGS_MODULE"] = "seoul_health.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        from tests.bench.registry import BENCHMARKS, MILLION

        chosen = MILLION if "--million" in sys.argv else BENCHMARKS
        for name, run in chosen.items():
            if not wanted or name in wanted:
                say(f"{name} …")
                run()
        close()


def close() -> None:
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    sys.exit(main())

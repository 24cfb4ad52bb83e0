"""python -m tests.faults.staff FOLDER NAME SEED DEEDS — an officer who does not give up either.

Draws lots, publishes them and starts messages to many, each until it is done for good; a service
that had committed before the answer was lost refuses the second time, and its row tells.
"""

import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from tests.faults.journal import Journal


def main(folder: str, name: str, seed: str, deeds: str) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoul_health.settings")
    django.setup()
    journal = Journal(Path(folder) / f"{name}.jsonl")
    dice, stop, keeper = random.Random(seed), Path(folder) / "stop", os.getppid()
    waiting = json.loads(deeds)
    dice.shuffle(waiting)
    while waiting and not stop.exists() and os.getppid() == keeper:
        time.sleep(dice.uniform(0.2, 1.5))
        act, pk = waiting.pop()
        journal.write("trying", act=act, pk=pk)
        insist(act, pk)
        journal.write("did", act=act, pk=pk)


def insist(act: str, pk: int) -> None:
    """Do it until the row says that it is done."""
    from django.db import DatabaseError, connection

    from seoul_health.core.errors import DomainError

    while True:
        try:
            if is_done(act, pk):
                return
            ACTS[act](pk)
        except (DatabaseError, DomainError, OSError):
            connection.close()
            time.sleep(0.2)


def is_done(act: str, pk: int) -> bool:
    from participants.models import BulkSend, Draw

    if act == "draw":
        return Draw.objects.get(pk=pk).status == Draw.Status.PUBLISHED
    return BulkSend.objects.get(pk=pk).status in {BulkSend.Status.RUNNING, BulkSend.Status.DONE}


def publish_draw(pk: int) -> None:
    from participants.models import Draw
    from participants.services import draws
    from tests.conftest import JOB

    draw = Draw.objects.get(pk=pk)
    if draw.status == Draw.Status.SEEDED:
        draws.draw_lots(draw, by=JOB)
    draws.publish(Draw.objects.get(pk=pk), by=JOB)


def start_bulk(pk: int) -> None:
    from participants.models import BulkSend
    from participants.services import bulk
    from tests.conftest import JOB

    bulk.start(BulkSend.objects.get(pk=pk), by=JOB)


ACTS: dict[str, Any] = {"draw": publish_draw, "bulk": start_bulk}

if __name__ == "__main__":
    main(*sys.argv[1:])
